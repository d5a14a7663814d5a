/** The side of the draft that is written on, and what can be done to it. */

import { useEffect, useMemo, useRef } from "react";
import type { CannedReply, Conversation, PersonRef } from "@/api/types";
import { limitsQuery } from "@/features/composer/channel";
import { drafts, useDraft } from "@/features/composer/drafts";
import type { Mode, Side } from "@/features/composer/draft-store";
import { setReplyTo, useReplyTo } from "@/features/thread/reply-to";
import { MOST_FILES } from "@/features/uploads/limits";
import { discardUpload, prepareFile, uploads, useUploads } from "@/features/uploads/uploads";
import type { FileKind } from "@/features/uploads/file-types";
import { useMe } from "@/lib/me";
import { queryClient } from "@/lib/query";

/** What the browser says of a file, for its chip until it is looked at. */
function likelyKind(file: File): FileKind {
  const kind = file.type.split("/")[0];
  return kind === "image" || kind === "audio" || kind === "video" ? kind : "document";
}

export function useDraftSide(conversation: Conversation) {
  const { person_id } = useMe();
  const { chat_id, channel_id } = conversation;
  const draft = useDraft(person_id, chat_id);
  const { mode } = draft;
  const side = draft[mode];
  const files = useUploads(side.files);
  useKeptReplyTo(person_id, chat_id);
  const actions = useMemo(() => {
    const change = (to: (side: Side) => Partial<Side>, on: Mode = mode) => drafts.changeSide(person_id, chat_id, on, to);
    return {
      setMode: (next: Mode) => drafts.change(person_id, chat_id, (held) => (held.mode === next ? held : { ...held, mode: next })),
      setText: (text: string) => change(() => ({ text })),
      addMention: (person: PersonRef) =>
        change(({ mentions }) => ({ mentions: [...mentions.filter((each) => each.person_id !== person.person_id), person] })),
      /** The uploads, and how many files were too many. */
      addFiles: (chosen: readonly File[]): { ids: string[]; left: number } => {
        const room = Math.max(0, MOST_FILES - drafts.get(person_id, chat_id)[mode].files.length);
        const limits = () => queryClient.query(limitsQuery(chat_id, channel_id));
        const ids = chosen
          .slice(0, room)
          .map((file) => uploads.add(chat_id, person_id, file, (each) => prepareFile(each, limits), likelyKind(file)));
        change((held) => ({ files: [...held.files, ...ids] }));
        return { ids, left: chosen.length - ids.length };
      },
      addLibraryFiles: (reply: CannedReply) => {
        const ids = reply.attachments.map((file) =>
          uploads.restore(chat_id, {
            mediaId: file.media_id,
            name: file.filename,
            size: file.size ?? 0,
            kind: file.kind === "sticker" ? "image" : file.kind,
            contentType: file.content_type,
            previewUrl: file.kind === "image" ? `/media/${file.media_id}` : null,
            own: false,
          }),
        );
        change((held) => ({ files: [...held.files, ...ids].slice(0, MOST_FILES) }));
      },
      removeFile: (id: string) => {
        change((held) => ({ files: held.files.filter((each) => each !== id) }));
        discardUpload(id);
      },
      /** The file is a message's now. */
      handOver: (id: string) => change((held) => ({ files: held.files.filter((each) => each !== id) })),
      moveFile: (id: string, by: number) =>
        change((held) => {
          const from = held.files.indexOf(id);
          const to = Math.max(0, Math.min(held.files.length - 1, from + by));
          const rest = held.files.filter((each) => each !== id);
          return { files: [...rest.slice(0, to), id, ...rest.slice(to)] };
        }),
      /** What was written is on its way. */
      empty: () => change(() => ({ text: "", files: [], mentions: [] })),
    };
  }, [person_id, chat_id, channel_id, mode]);
  return { mode, side, files, personId: person_id, ...actions };
}

export type DraftSide = ReturnType<typeof useDraftSide>;

/** The quoted message is chosen in the thread and kept with the draft. */
function useKeptReplyTo(personId: string, chatId: string): void {
  const chosen = useReplyTo(chatId);
  const opened = useRef("");
  useEffect(() => {
    const { replyTo } = drafts.get(personId, chatId);
    const restores = opened.current !== chatId && replyTo !== null && chosen === null;
    opened.current = chatId;
    if (restores) setReplyTo(chatId, replyTo);
    else if (chosen?.message_id !== replyTo?.message_id) drafts.change(personId, chatId, (draft) => ({ ...draft, replyTo: chosen }));
  }, [personId, chatId, chosen]);
}
