/** What is new to the viewer: where it begins, how much is out of sight, and saying so. */

import { useCallback, useState } from "react";
import type { Conversation, Message } from "@/api/types";
import { useT, type Translate } from "@/lib/i18n";
import { useMe } from "@/lib/me";
import { authorName } from "@/features/thread/author";
import { parse, plain } from "@/features/thread/markup";
import { isLine } from "@/features/thread/rows";
import type { ThreadState } from "@/features/thread/thread-state";
import { useThreadEvents } from "@/features/thread/use-thread";

interface Mark {
  /** The first message that was unread. It stays marked when it is read. */
  id: string;
  count: number;
  /** Its divider was in sight. */
  isSeen: boolean;
  /** All after it was read: what comes now is new again. */
  isOver: boolean;
}

const MOST_READ_OUT = 200;

export function useNews(conversation: Conversation, thread: ThreadState, isSeen: boolean, isAtEnd: boolean) {
  const t = useT();
  const me = useMe().person_id;
  const [announcement, setAnnouncement] = useState("");
  const [below, setBelow] = useState(0);
  const [mark, setMark] = useState<Mark | null>(() => thread.first_unread === null
    ? null
    : { id: thread.first_unread, count: conversation.unread ?? 0, isSeen: false, isOver: false });

  if (isAtEnd && below > 0) setBelow(0);
  if (isSeen && mark && !mark.isOver) setMark({ ...mark, isOver: true });

  useThreadEvents(conversation.chat_id, (message) => {
    if (message.sender === "human" && message.person?.person_id === me) return;
    setAnnouncement(spoken(message, conversation.display_name, me, t));
    if (!isAtEnd && thread.newer === null) setBelow((count) => count + 1);
    if (message.sender === "user" && !isSeen && (!mark || mark.isOver)) {
      setMark({ id: message.message_id, count: 1, isSeen: true, isOver: false });
    }
  });

  const markSeen = useCallback(() => setMark((held) => (held && !held.isSeen ? { ...held, isSeen: true } : held)), []);
  return { announcement, below, mark, above: mark && !mark.isSeen ? mark.count : 0, markSeen };
}

function spoken(message: Message, customer: string, me: string, t: Translate): string {
  if (isLine(message)) return "";
  const name = authorName(message, customer, me, t);
  const files = message.attachments.map((file) => t(`media.kind_${file.kind}`));
  const text = plain(parse(message.content)).slice(0, MOST_READ_OUT);
  return t("thread.announce", { name, text: [text, ...files].filter(Boolean).join(", ") });
}
