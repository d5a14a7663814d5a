/** The menus that open while writing: canned replies on `/`, people on `@`. */

import { Paperclip } from "lucide-react";
import { useState } from "react";
import type { CannedReply, Person } from "@/api/types";
import { Avatar } from "@/components/ui/avatar";
import { useSuggestions, type Suggestion } from "@/features/composer/suggestions";
import { matchingPeople, matchingReplies, nameOf, triggerAt, type Trigger } from "@/features/composer/triggers";
import type { DraftSide } from "@/features/composer/use-draft-side";
import type { TextArea } from "@/features/composer/use-text-area";
import { fill, type VariableValues } from "@/features/composer/variables";
import { useCannedReplies, usePeople } from "@/lib/directory";

interface MenusOptions {
  draft: DraftSide;
  area: TextArea;
  values: VariableValues | null;
}

type Choice = { is: "reply"; reply: CannedReply } | { is: "person"; person: Person };

export function useMenus({ draft, area, values }: MenusOptions) {
  const { mode, side } = draft;
  const [caret, setCaret] = useState(0);
  const [isFocused, setFocused] = useState(false);
  /** Where a menu was closed by Escape: it stays closed until another sign is typed. */
  const [closed, setClosed] = useState(-1);
  const found = isFocused ? triggerAt(side.text, caret, mode === "note") : null;
  const trigger = found && found.start !== closed ? found : null;
  const replies = useCannedReplies().data;
  const people = usePeople().data;
  const choices = choicesOf(trigger, replies ?? [], (people ?? []).filter((person) => person.person_id !== draft.personId));

  const choose = (choice: Choice) => {
    if (!trigger) return;
    if (choice.is === "person") {
      area.insert(`@${nameOf(choice.person)} `, trigger);
      const { person_id, name, email } = choice.person;
      draft.addMention({ person_id, name, email });
    } else {
      area.insert(values ? fill(choice.reply.content, values) : choice.reply.content, trigger);
      draft.addLibraryFiles(choice.reply);
    }
  };
  const list = useSuggestions({ items: choices, open: trigger !== null, question: trigger ? `${trigger.sign}${trigger.start} ${trigger.query}` : "", onChoose: choose, onClose: () => setClosed(trigger?.start ?? -1) });

  const look = () => {
    const element = area.ref.current;
    if (!element) return;
    setCaret(element.selectionStart === element.selectionEnd ? element.selectionEnd : -1);
    if (found === null) setClosed(-1);
  };
  const isLoading = trigger?.sign === "/" ? replies === undefined : people === undefined;
  return { trigger, list, items: choices.map(suggestionOf), isLoading, look, setFocused };
}

function choicesOf(trigger: Trigger | null, replies: readonly CannedReply[], people: readonly Person[]): Choice[] {
  if (trigger?.sign === "/") return matchingReplies(replies, trigger.query).map((reply) => ({ is: "reply", reply }));
  if (trigger?.sign === "@") return matchingPeople(people, trigger.query).map((person) => ({ is: "person", person }));
  return [];
}

function suggestionOf(choice: Choice): Suggestion {
  if (choice.is === "person") {
    const { person } = choice;
    return {
      id: person.person_id,
      content: (
        <>
          <Avatar size="sm" name={nameOf(person)} id={person.person_id} />
          <span className="truncate">{nameOf(person)}</span>
          <span className="ms-auto truncate text-sm text-muted">{person.email}</span>
        </>
      ),
    };
  }
  const { reply } = choice;
  return {
    id: reply.canned_reply_id,
    content: (
      <>
        <span className="w-28 shrink-0 truncate font-medium text-accent-ink">/{reply.shortcut}</span>
        <span className="min-w-0 flex-1">
          <span className="block truncate">{reply.title}</span>
          <span className="block truncate text-sm text-muted">{reply.content}</span>
        </span>
        {reply.attachments.length > 0 && <Paperclip aria-hidden className="text-muted" />}
      </>
    ),
  };
}
