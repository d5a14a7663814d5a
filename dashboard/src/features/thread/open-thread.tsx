/** A thread whose messages are here: rows, jumps, what is new, what is read. */

import { useCallback, useEffect, useMemo, useState, type ReactNode } from "react";
import type { Attachment, Conversation } from "@/api/types";
import { showToast } from "@/components/ui/toast-store";
import { LightboxProvider } from "@/features/media/lightbox";
import { usePeople } from "@/lib/directory";
import { errorText } from "@/lib/error-text";
import { useT } from "@/lib/i18n";
import { useCan, useMe } from "@/lib/me";
import { CannedDialog } from "@/features/thread/canned-dialog";
import { DeleteDialog } from "@/features/thread/delete-dialog";
import { MessageList } from "@/features/thread/message-list";
import { rowKey, settle, usePending } from "@/features/thread/outbox";
import { rowsOf } from "@/features/thread/rows";
import { SceneContext, type ThreadPanel, type ThreadScene } from "@/features/thread/thread-context";
import { ThreadHeader } from "@/features/thread/thread-header";
import type { ThreadState } from "@/features/thread/thread-state";
import { TimelineDialog } from "@/features/thread/timeline-dialog";
import { TypingLine } from "@/features/thread/typing-line";
import { useLimits, useMarkRead } from "@/features/thread/use-conversation";
import { useJumps } from "@/features/thread/use-jumps";
import { useNews } from "@/features/thread/use-news";
import { useIsInFront, usePresence } from "@/features/thread/use-presence";
import type { ThreadLoading } from "@/features/thread/use-thread";

interface OpenThreadProps {
  conversation: Conversation;
  thread: ThreadState;
  loading: ThreadLoading;
  onToggleContact: (() => void) | undefined;
  /** Shown while nobody has written. */
  children: ReactNode;
}

export function OpenThread({ conversation, thread, loading, onToggleContact, children }: OpenThreadProps) {
  const t = useT();
  const chatId = conversation.chat_id;
  const me = useMe().person_id;
  const pending = usePending(chatId);
  const [isAtEnd, setAtEnd] = useState(true);
  const [panel, setPanel] = useState<ThreadPanel | null>(null);
  const isInFront = useIsInFront();
  const isSeen = isInFront && isAtEnd;
  const { viewing, typing } = usePresence(chatId);
  const news = useNews(conversation, thread, isSeen, isAtEnd);
  const refuse = useCallback((error: unknown) => showToast(errorText(error), { tone: "danger" }), []);
  const { target, toMessage, toDate, toLatest, toUnread } = useJumps(chatId, thread, loading.jump, news.mark?.id ?? null, refuse);
  useMarkRead(chatId, isSeen, conversation.unread ?? 0, thread.items.at(-1)?.message_id ?? null);

  const rows = useMemo(() => rowsOf({
    items: thread.items,
    pending,
    viewer: me,
    atStart: thread.next === null,
    atEnd: thread.newer === null,
    firstUnread: news.mark?.id ?? null,
  }), [thread, pending, me, news.mark]);

  useEffect(() => {
    settle(chatId, thread.items, me);
  }, [chatId, thread.items, me, pending]);

  // What one sends is what one wants to see.
  const newestPending = pending.at(-1)?.key;
  const [shownPending, setShownPending] = useState(newestPending);
  if (newestPending !== shownPending) {
    setShownPending(newestPending);
    if (newestPending) toLatest();
  }

  const scene = useScene(conversation, me, toMessage, toDate, setPanel);
  const pictures = useMemo(() => picturesOf(thread), [thread]);
  const close = useCallback(() => {
    setPanel(null);
    const key = panel && rowKey(panel.message.message_id);
    // After the dialog has given the focus up. A message that was deleted has nothing to focus.
    if (key) setTimeout(() => document.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.focus());
  }, [panel]);
  const load = useCallback((way: "older" | "newer") => void loading.load(way), [loading.load]); // eslint-disable-line react-hooks/exhaustive-deps -- only its function
  const isEmpty = thread.items.length === 0 && pending.length === 0;

  return (
    <SceneContext value={scene}>
      <ThreadHeader conversation={conversation} viewing={viewing} onJump={toDate} onToggleContact={onToggleContact} />
      <LightboxProvider attachments={pictures}>
        {isEmpty ? children : (
          <MessageList
            rows={rows}
            hasOlder={thread.next !== null}
            hasNewer={thread.newer !== null}
            loading={loading.loading}
            failed={loading.failed}
            load={load}
            target={target}
            newBelow={news.below + thread.missed}
            unreadAbove={news.above}
            onLatest={toLatest}
            onUnread={toUnread}
            onAtEnd={setAtEnd}
            onUnreadSeen={news.markSeen}
          />
        )}
      </LightboxProvider>
      <TypingLine people={typing} />
      <p aria-live="polite" className="sr-only">{news.announcement}</p>
      {panel?.type === "timeline" && <TimelineDialog message={panel.message} onClose={close} />}
      {panel?.type === "canned" && <CannedDialog message={panel.message} onClose={close} />}
      {panel?.type === "delete" && <DeleteDialog message={panel.message} onClose={close} />}
      <span className="sr-only" role="status">{loading.loading ? t("common.loading_more") : ""}</span>
    </SceneContext>
  );
}

function useScene(
  conversation: Conversation,
  me: string,
  jumpTo: (messageId: string) => void,
  jumpToDate: (at: string) => void,
  open: (panel: ThreadPanel) => void,
): ThreadScene {
  const limits = useLimits(conversation.chat_id, conversation.channel_id);
  const people = usePeople().data;
  const canAct = useCan("agent");
  const isAdmin = useCan("admin");
  return useMemo(
    () => ({ conversation, limits, me, canAct, isAdmin, people: people ?? [], jumpTo, jumpToDate, open }),
    [conversation, limits, me, canAct, isAdmin, people, jumpTo, jumpToDate, open],
  );
}

function picturesOf(thread: ThreadState): Attachment[] {
  return thread.items.flatMap((message) => message.attachments)
    .filter((file) => file.url !== null && (file.kind === "image" || file.kind === "video" || file.kind === "sticker"));
}
