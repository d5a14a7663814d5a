/** The messages of a thread: only those in sight are drawn, and the reader's place is kept. */

import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { useT } from "@/lib/i18n";
import { DayButton } from "@/features/thread/dividers";
import { LoadingEdge, ToLatest, ToUnread } from "@/features/thread/floating";
import { MessageRow } from "@/features/thread/message-row";
import type { Row } from "@/features/thread/rows";
import { useScene } from "@/features/thread/thread-context";
import { indexOf, useMessageScroll, type Target } from "@/features/thread/use-message-scroll";
import type { Way } from "@/features/thread/use-thread";

export interface MessageListProps {
  rows: Row[];
  hasOlder: boolean;
  hasNewer: boolean;
  loading: Way | null;
  failed: Way | null;
  load: (way: Way) => void;
  target: Target;
  /** Messages that came while the end was not in sight. */
  newBelow: number;
  /** Unread ones above that were not in sight yet. */
  unreadAbove: number;
  onLatest: () => void;
  onUnread: () => void;
  onAtEnd: (isAtEnd: boolean) => void;
  onUnreadSeen: () => void;
}

export function MessageList(props: MessageListProps) {
  const { rows, hasOlder, hasNewer, load, target, onAtEnd, onUnreadSeen } = props;
  const t = useT();
  const { conversation } = useScene();
  const [activeKey, setActiveKey] = useState<string | null>(null);
  const [menuKey, setMenuKey] = useState<string | null>(null);
  const wantsFocus = useRef(false);
  const { scroller, virtualizer, items, from, isAtEnd, onScroll } =
    useMessageScroll({ rows, hasOlder, hasNewer, load, target, activeKey });

  useEffect(() => onAtEnd(isAtEnd), [isAtEnd, onAtEnd]);
  const isUnreadInSight = rows[from]?.type === "unread" || rows[from + 1]?.type === "unread";
  const unreadIndex = rows.findIndex((row) => row.type === "unread");
  useEffect(() => {
    const range = virtualizer.range;
    if (range && unreadIndex >= range.startIndex && unreadIndex <= range.endIndex) onUnreadSeen();
  }, [unreadIndex, isUnreadInSight, from, virtualizer, onUnreadSeen]);

  useEffect(() => {
    if (!wantsFocus.current || activeKey === null) return;
    wantsFocus.current = false;
    scroller.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(activeKey)}"]`)?.focus({ preventScroll: true });
  });

  // Where a jump has led shows for a moment, once.
  const flashed = useRef(0);
  useEffect(() => {
    if (flashed.current === target.number || typeof target.key === "string") return;
    const row = rows[indexOf(rows, target.key)];
    const element = row && scroller.current?.querySelector(`[data-key="${CSS.escape(row.key)}"]`);
    if (!element) return;
    flashed.current = target.number;
    element.animate([{ backgroundColor: "var(--match)" }, { backgroundColor: "transparent" }], { duration: 1800, easing: "ease-in" });
  });

  const lastKey = rows.findLast(isReachable)?.key ?? null;
  const tabKey = rows.some((row) => row.key === activeKey) ? activeKey : lastKey;
  const move = (to: number) => {
    const row = rows[to];
    if (!row) return;
    wantsFocus.current = true;
    setActiveKey(row.key);
    virtualizer.scrollToIndex(to, { align: "auto" });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!(event.target instanceof HTMLElement) || !event.target.dataset["key"]) return;
    const at = rows.findIndex((row) => row.key === (event.target as HTMLElement).dataset["key"]);
    const moves: Record<string, () => number> = {
      ArrowUp: () => rows.findLastIndex((row, index) => index < at && isReachable(row)),
      ArrowDown: () => rows.findIndex((row, index) => index > at && isReachable(row)),
      Home: () => rows.findIndex(isReachable),
      End: () => rows.findLastIndex(isReachable),
    };
    const next = moves[event.key];
    if (next) move(next());
    else if (event.key === "Enter" || event.key === " ") setMenuKey(rows[at]?.key ?? null);
    else return;
    event.preventDefault();
  };

  const first = rows[from];
  return (
    <div className="relative min-h-0 grow">
      {/* Keys of the messages inside, which have the focus. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <div
        ref={scroller}
        role="log"
        aria-live="off"
        aria-label={t("thread.messages_with", { name: conversation.display_name })}
        className="flex h-full flex-col overflow-x-hidden overflow-y-auto overscroll-contain px-3 [overflow-anchor:none] md:px-5"
        onScroll={onScroll}
        onKeyDown={onKeyDown}
      >
        <div className="relative mt-auto w-full shrink-0" style={{ height: virtualizer.getTotalSize() }}>
          {items.map((item) => {
            const row = rows[item.index];
            return row && (
              <div
                key={item.key}
                data-index={item.index}
                ref={virtualizer.measureElement}
                className="group/row absolute inset-x-0 top-0"
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <MessageRow
                  row={row}
                  isTabStop={row.key === tabKey}
                  isMenuOpen={row.key === menuKey}
                  onFocus={setActiveKey}
                  onMenu={setMenuKey}
                />
              </div>
            );
          })}
        </div>
      </div>
      {!isAtEnd && first && "message" in first && first.message.created_at && (
        <div className="pointer-events-none absolute inset-x-0 top-1.5 z-10 flex justify-center *:pointer-events-auto">
          <DayButton at={first.message.created_at} className="shadow-raised" />
        </div>
      )}
      <LoadingEdge {...props} />
      {props.unreadAbove > 0 && <ToUnread count={props.unreadAbove} onClick={props.onUnread} />}
      <ToLatest isShown={!isAtEnd} count={props.newBelow} onClick={props.onLatest} />
    </div>
  );
}

function isReachable(row: Row): boolean {
  return row.type === "message" || row.type === "pending" || row.type === "line";
}
