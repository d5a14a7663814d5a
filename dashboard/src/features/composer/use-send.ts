/** From what is in the composer to a message on its way. */

import { useCallback, useEffect } from "react";
import type { Conversation, Message, Quote } from "@/api/types";
import { newJob, outgoing, resumeOutgoing } from "@/features/composer/outgoing";
import { attachmentOf } from "@/features/composer/send-queue";
import { mentioned } from "@/features/composer/triggers";
import type { DraftSide } from "@/features/composer/use-draft-side";
import { fill, problems, type VariableValues } from "@/features/composer/variables";
import { setReplyTo, useReplyTo } from "@/features/thread/reply-to";
import { usePending } from "@/features/thread/outbox";
import { uploads } from "@/features/uploads/uploads";
import { showToast } from "@/components/ui/toast-store";
import { formatDateTime, useT } from "@/lib/i18n";

export interface SendOptions {
  sendAt?: Date;
  /** Also with variables that have no value. */
  anyway?: boolean;
}

/** "variables" when those have to be looked at first. */
export type Outcome = "sent" | "nothing" | "files" | "variables";

export function useSend(conversation: Conversation, draft: DraftSide, values: VariableValues | null) {
  const t = useT();
  const { chat_id } = conversation;
  const { personId, mode, side, files } = draft;
  const replyTo = useReplyTo(chat_id);
  useOutgoing(personId, chat_id);

  const enqueue = useCallback(
    (content: string, fileIds: readonly string[], sendAt: Date | undefined) => {
      const items = fileIds.flatMap((id) => uploads.get(id) ?? []);
      outgoing.enqueue(
        newJob({
          personId,
          chatId: chat_id,
          note: mode === "note",
          content,
          files: items.map((item) => ({ uploadId: item.id, mediaId: item.mediaId, attachment: attachmentOf(item) })),
          replyTo: mode === "reply" && replyTo ? quoteOf(replyTo) : null,
          sendAt: sendAt?.toISOString() ?? null,
          mentions: mode === "note" ? mentioned(content, side.mentions).map((person) => person.person_id) : [],
        }),
      );
      if (mode === "reply") setReplyTo(chat_id, null);
      if (sendAt) showToast(t("composer.scheduled_for", { at: formatDateTime(sendAt) }), { tone: "success" });
    },
    [personId, chat_id, mode, replyTo, side.mentions, t],
  );

  const send = ({ sendAt, anyway = false }: SendOptions = {}): Outcome => {
    const content = (mode === "reply" && values ? fill(side.text, values) : side.text).trim();
    if (!content && files.length === 0) return "nothing";
    if (files.some((file) => file.state === "failed" || file.state === "refused")) {
      return "files";
    }
    const isUnclear = values ? problems(content, values).length > 0 : /\{\{.*?\}\}/.test(content);
    if (mode === "reply" && isUnclear && !anyway) return "variables";
    enqueue(content, side.files, sendAt);
    draft.empty();
    return "sent";
  };

  /** Sends files without the text, which stays. */
  const sendFiles = (fileIds: readonly string[]) => enqueue("", fileIds, undefined);
  return { send, sendFiles, replyTo };
}

/** What an earlier page left is sent; what is given up in the thread is forgotten. */
function useOutgoing(personId: string, chatId: string): void {
  useEffect(() => resumeOutgoing(personId), [personId]);
  const pending = usePending(chatId);
  useEffect(() => outgoing.keepOnly(chatId, pending.map((each) => each.key)), [chatId, pending]);
}

function quoteOf(message: Message): Quote {
  return { message_id: message.message_id, sender: message.sender, kind: message.kind, preview: message.content.slice(0, 200) };
}
