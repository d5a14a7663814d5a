import { useId, useMemo, useState, type ClipboardEvent, type KeyboardEvent } from "react";
import { useQuery } from "@tanstack/react-query";
import type { Conversation } from "@/api/types";
import { AttachmentTray } from "@/features/composer/attachment-tray";
import { limitsQuery, useVariableValues } from "@/features/composer/channel";
import { Countdown } from "@/features/composer/countdown";
import { Counter } from "@/features/composer/counter";
import { FailedFilesNotice, VariableNotice } from "@/features/composer/notices";
import { QuoteStrip } from "@/features/composer/quote-strip";
import { SuggestionList } from "@/features/composer/suggestions";
import { TextBox, type Mark } from "@/features/composer/text-box";
import { Toolbar } from "@/features/composer/toolbar";
import { nameOf } from "@/features/composer/triggers";
import type { DraftSide } from "@/features/composer/use-draft-side";
import { filesOf } from "@/features/composer/use-file-drop";
import { useMenus } from "@/features/composer/use-menus";
import { useSend, type Outcome, type SendOptions } from "@/features/composer/use-send";
import type { TextArea } from "@/features/composer/use-text-area";
import { useTyping } from "@/features/composer/use-typing";
import { problems } from "@/features/composer/variables";
import { VoiceNote } from "@/features/composer/voice-note";
import type { Recording } from "@/features/composer/voice-recorder";
import { LaterTemplateDialog } from "@/features/templates/later-template-dialog";
import { IS_APPLE } from "@/lib/hotkeys";
import { useT } from "@/lib/i18n";
import { useStored } from "@/lib/storage";

interface WriterProps {
  conversation: Conversation;
  draft: DraftSide;
  area: TextArea;
  windowLeft: number | null;
  onFiles: (files: File[]) => string[];
}

/** A phone's keyboard has its own key to send with: the button. */
const hasTouch = () => matchMedia("(pointer: coarse)").matches;

/** The text with its files, quote and tools, and the voice note that can take their place. */
export function Writer({ conversation, draft, area, windowLeft, onFiles }: WriterProps) {
  const t = useT();
  const noticeId = useId();
  const { mode, side, files } = draft;
  const isNote = mode === "note";
  const [voice, setVoice] = useState(false);
  const [choosing, setChoosing] = useState(false);
  const [outcome, setOutcome] = useState<Outcome>("nothing");
  const [enterSends, setEnterSends] = useStored("composer.enter_sends", true);
  const limits = useQuery(limitsQuery(conversation.chat_id, conversation.channel_id)).data;
  const hasVariables = side.text.includes("{{");
  const values = useVariableValues(conversation, hasVariables || side.text.includes("/"));
  const menus = useMenus({ draft, area, values });
  const typing = useTyping(conversation.chat_id);
  const { send, sendFiles, replyTo } = useSend(conversation, draft, values);
  const unclear = useMemo(() => (values && hasVariables && !isNote ? problems(side.text, values) : []), [values, hasVariables, isNote, side.text]);

  const submit = (options?: SendOptions) => {
    setOutcome(send(options));
    area.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (menus.list.onKeyDown(event) || event.nativeEvent.isComposing || event.key !== "Enter") return;
    if (menus.trigger && menus.isLoading) {
      event.preventDefault(); // what is chosen is not there yet
      return;
    }
    const always = IS_APPLE ? event.metaKey : event.ctrlKey;
    const plain = !event.shiftKey && !event.altKey && !event.metaKey && !event.ctrlKey;
    if (always || (plain && enterSends && !hasTouch())) {
      event.preventDefault();
      submit();
    }
  };
  const onPaste = (event: ClipboardEvent) => {
    // What is copied from a document is also a picture of it: its text is meant.
    const { types } = event.clipboardData;
    const isText = types.includes("text/plain") && (types.includes("text/html") || types.includes("text/rtf"));
    const pasted = isText ? [] : filesOf(event.clipboardData);
    if (pasted.length === 0) return;
    event.preventDefault();
    onFiles(pasted);
  };
  const sendVoice = ({ file }: Recording) => {
    const ids = onFiles([file]);
    setVoice(false);
    sendFiles(ids);
    for (const id of ids) draft.handOver(id);
    requestAnimationFrame(area.focus);
  };

  if (voice) return <VoiceNote onSend={sendVoice} onClose={() => setVoice(false)} />;
  return (
    <>
      {menus.trigger && (
        <SuggestionList
          list={menus.list}
          label={t(menus.trigger.sign === "/" ? "composer.canned" : "composer.mention")}
          items={menus.items}
          empty={t(menus.isLoading ? "common.loading" : menus.trigger.sign === "/" ? "composer.canned_none" : "composer.mention_none")}
        />
      )}
      {replyTo && !isNote && (
        <QuoteStrip message={replyTo} contactName={conversation.display_name || conversation.phone_number} limits={limits} onChosen={area.focus} />
      )}
      <AttachmentTray files={files} onMove={draft.moveFile} onRemove={draft.removeFile} />
      <TextBox
        area={area.ref}
        value={side.text}
        label={t(isNote ? "composer.note_label" : "composer.reply_label", { name: conversation.display_name || conversation.phone_number })}
        placeholder={t(isNote ? "composer.note_placeholder" : "composer.reply_placeholder")}
        marks={isNote ? mentionsIn(draft) : unclear.map((each) => ({ ...each, look: "error" }))}
        describedBy={noticeId}
        invalid={outcome === "variables" && unclear.length > 0}
        suggestions={menus.list.area}
        onChange={(event) => {
          draft.setText(event.target.value);
          setOutcome("nothing");
          if (event.target.value) typing();
          menus.look();
        }}
        onKeyDown={onKeyDown}
        onSelect={menus.look}
        onFocus={() => menus.setFocused(true)}
        onBlur={() => menus.setFocused(false)}
        onPaste={onPaste}
      />
      <VariableNotice id={noticeId} problems={unclear} onSendAnyway={() => submit({ anyway: true })} />
      {outcome === "files" && files.some((file) => file.state === "failed" || file.state === "refused") && <FailedFilesNotice />}
      <Toolbar
        mode={mode}
        isEmpty={side.text.trim() === "" && files.length === 0}
        enterSends={enterSends}
        windowClosesAt={conversation.has_window ? conversation.window_closes_at : null}
        status={
          !isNote && (
            <>
              {limits && <Counter text={side.text} files={files} limits={limits} />}
              <Countdown left={windowLeft} />
            </>
          )
        }
        onFiles={onFiles}
        onInsert={(text) => area.insert(spaced(side.text, area, text))}
        onVoice={() => setVoice(true)}
        onTemplate={() => setChoosing(true)}
        onEnterSends={setEnterSends}
        onSchedule={(sendAt) => submit({ sendAt })}
        onSend={() => submit()}
      />
      {choosing && <LaterTemplateDialog conversation={conversation} onClose={() => setChoosing(false)} />}
    </>
  );
}

/** A sign that opens a menu stands at the start of a word. */
function spaced(text: string, area: TextArea, inserted: string): string {
  const before = text.slice(0, area.ref.current?.selectionStart ?? 0);
  return (inserted === "/" || inserted === "@") && /\S$/.test(before) ? ` ${inserted}` : inserted;
}

function mentionsIn({ side }: DraftSide): Mark[] {
  return side.mentions.flatMap((person) => {
    const name = `@${nameOf(person)}`;
    const start = side.text.indexOf(name);
    return start < 0 ? [] : [{ start, end: start + name.length, look: "mention" as const }];
  });
}
