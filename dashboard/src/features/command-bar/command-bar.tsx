import { useNavigate } from "@tanstack/react-router";
import { FileText, MessageCircle, UserRound } from "lucide-react";
import { useState, type ReactNode } from "react";
import type { Conversation, SearchHit } from "@/api/types";
import { Dialog } from "@/components/ui/dialog";
import { Kbd } from "@/components/ui/kbd";
import { BarList, type BarEntry } from "@/features/command-bar/bar-list";
import { matching } from "@/features/command-bar/commands";
import { useCommands } from "@/features/command-bar/use-commands";
import { addressOf, useResults } from "@/features/command-bar/use-results";
import { cachedLists } from "@/features/conversation-list/conversation-cache";
import { useHotkey } from "@/lib/hotkeys";
import { formatBrief, type Translate, useT } from "@/lib/i18n";
import { queryClient } from "@/lib/query";

/** Ctrl/Cmd+K: find anything, do anything. */
export function CommandBar() {
  const t = useT();
  const [open, setOpen] = useState(false);
  useHotkey("mod+k", () => setOpen((now) => !now), { label: t("list.keys_bar"), group: t("list.keys_group_anywhere") });
  return (
    <Dialog open={open} onOpenChange={setOpen} title={t("list.bar_title")} hideTitle size="lg" className="flex flex-col overflow-hidden! p-0!">
      <Bar close={() => setOpen(false)} />
    </Dialog>
  );
}

function Bar({ close }: { close: () => void }) {
  const t = useT();
  const [typed, setTyped] = useState("");
  const commands = useCommands();
  const { found, error, retry, searching } = useResults(typed);
  const goTo = useGoTo();
  const nothing = typed.trim() === "";
  const actions = matching(commands, typed).map(({ id, group, label, icon: Icon, hotkey, run }): BarEntry => ({
    id, group, run, icon: <Icon aria-hidden />, title: label, end: hotkey && <Kbd combo={hotkey} />,
  }));
  const hits = nothing ? recent(t, goTo) : found ? [
    ...hitEntries(found.contacts, t("list.bar_contacts"), goTo),
    ...hitEntries(found.messages, t("list.bar_messages"), goTo),
    ...hitEntries(found.files, t("list.bar_files"), goTo),
  ] : [];
  // A command that was named exactly is meant; else what was found comes first.
  const entries = nothing ? [...hits, ...actions] : [...actions.slice(0, 4), ...hits];
  return (
    <BarList
      typed={typed}
      onType={setTyped}
      entries={entries}
      searching={searching}
      error={error}
      onRetry={() => void retry()}
      truncated={!nothing && (found?.truncated ?? false)}
      close={close}
    />
  );
}

type GoTo = (hit: { chatId: string; message: string | null } | { contactId: string }) => void;

function useGoTo(): GoTo {
  const navigate = useNavigate();
  return (place) => {
    if ("contactId" in place) {
      void navigate({ to: "/contacts/$contactId", params: place, search: {} });
      return;
    }
    const search: Record<string, string> = place.message === null ? {} : { message: place.message };
    void navigate({ to: "/inbox/$chatId", params: { chatId: place.chatId }, search });
  };
}

const MOST_RECENT = 5;

/** From the lists that are here already: the bar opens without waiting. */
function recent(t: Translate, goTo: GoTo): BarEntry[] {
  const known = new Map<string, Conversation>();
  for (const { pages } of cachedLists(queryClient)) {
    for (const item of pages.pages[0]?.items ?? []) known.set(item.chat_id, item);
  }
  return [...known.values()]
    .sort((one, other) => (other.last_active ?? "").localeCompare(one.last_active ?? ""))
    .slice(0, MOST_RECENT)
    .map((conversation) => ({
      id: `recent ${conversation.chat_id}`,
      group: t("list.bar_recent"),
      icon: <MessageCircle aria-hidden />,
      title: conversation.display_name || conversation.phone_number,
      text: conversation.last_message,
      end: conversation.last_active && formatBrief(conversation.last_active),
      run: () => goTo({ chatId: conversation.chat_id, message: null }),
    }));
}

const ICONS = { contact: UserRound, message: MessageCircle, file: FileText };

function hitEntries(hits: readonly SearchHit[], group: string, goTo: GoTo): BarEntry[] {
  return hits.flatMap((hit) => {
    const address = addressOf(hit);
    const Icon = ICONS[hit.kind];
    if (!address) return [];
    return [{
      id: `${hit.kind} ${hit.message_id ?? ""} ${hit.media_id ?? ""} ${hit.contact_id ?? ""} ${hit.chat_id ?? ""}`,
      group,
      icon: <Icon aria-hidden />,
      title: hit.title,
      text: <Snippet parts={hit.snippet} />,
      end: hit.at && formatBrief(hit.at),
      run: () => goTo(address),
    }];
  });
}

function Snippet({ parts }: { parts: SearchHit["snippet"] }): ReactNode {
  return parts.map((part, place) => (part.match ? <mark key={place}>{part.text}</mark> : <span key={place}>{part.text}</span>));
}
