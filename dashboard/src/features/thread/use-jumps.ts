/** Going to a message, a day, the unread, the end: loaded first where it is not. */

import { useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useRef, useState } from "react";
import type { ThreadState } from "@/features/thread/thread-state";
import type { Target } from "@/features/thread/use-message-scroll";
import type { ThreadLoading } from "@/features/thread/use-thread";

export function useJumps(
  chatId: string,
  thread: ThreadState,
  jump: ThreadLoading["jump"],
  unreadId: string | null,
  onRefused: (error: unknown) => void,
) {
  const hasUnreadHere = unreadId !== null && thread.items.some((message) => message.message_id === unreadId);
  const [target, setTarget] = useState<Target>({ key: hasUnreadHere ? "unread" : "end", number: 0 });
  const go = useCallback((key: Target["key"]) => setTarget((before) => ({ key, number: before.number + 1 })), []);
  const now = useRef(thread);
  useEffect(() => {
    now.current = thread;
  });

  const toMessage = useCallback((messageId: string) => {
    if (now.current.items.some((message) => message.message_id === messageId)) go({ message: messageId });
    else jump({ around: messageId }).then(() => go({ message: messageId }), onRefused);
  }, [go, jump, onRefused]);

  const toDate = useCallback((at: string) => {
    jump({ at }).then((page) => {
      const found = page.items.find((message) => (message.created_at ?? "") >= at) ?? page.items.at(-1);
      if (found) go({ message: found.message_id });
    }, onRefused);
  }, [go, jump, onRefused]);

  const toLatest = useCallback(() => {
    if (now.current.newer === null) go("end");
    else jump("latest").then(() => go("end"), onRefused);
  }, [go, jump, onRefused]);

  const toUnread = useCallback(() => {
    if (unreadId === null) return;
    if (now.current.items.some((message) => message.message_id === unreadId)) go("unread");
    else jump({ around: unreadId }).then(() => go("unread"), onRefused);
  }, [go, jump, onRefused, unreadId]);

  // A link to a message or a moment: /inbox/…?message=… or ?at=…
  const { message: wanted, at } = useSearch({ strict: false });
  useEffect(() => {
    if (wanted) toMessage(wanted);
    else if (at) toDate(at);
  }, [chatId, wanted, at, toMessage, toDate]);

  return { target, toMessage, toDate, toLatest, toUnread };
}
