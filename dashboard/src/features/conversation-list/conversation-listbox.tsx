import { useVirtualizer, defaultRangeExtractor, type Range } from "@tanstack/react-virtual";
import { ArrowUp } from "lucide-react";
import { useEffect, useEffectEvent, useId, useLayoutEffect, useRef, useState, type MouseEvent, type ReactNode } from "react";
import type { Conversation } from "@/api/types";
import { ContextMenu } from "@/components/ui/context-menu";
import type { MenuEntry } from "@/components/ui/menu-entry";
import { shiftOf } from "@/features/conversation-list/anchored-scroll";
import { ConversationRow, ROW_HEIGHT } from "@/features/conversation-list/conversation-row";
import type { Selection } from "@/features/conversation-list/use-selection";
import { useListKeys } from "@/features/conversation-list/use-list-keys";
import { useNow } from "@/features/conversation-list/use-now";
import { useT } from "@/lib/i18n";

const AHEAD = 8;

export interface ConversationListboxProps {
  label: string;
  items: readonly Conversation[];
  chatId: string | undefined;
  selection: Selection;
  hasMore: boolean;
  loadMore: () => void;
  onOpen: (chatId: string) => void;
  menuOf: (conversation: Conversation) => MenuEntry[];
  /** Below the last row: that more is loading, or could not be. */
  foot: ReactNode;
}

/** The virtualised list: a listbox whose rows keep their place under the eyes while others move. */
export function ConversationListbox(props: ConversationListboxProps) {
  const { label, items, chatId, selection, hasMore, loadMore, onOpen, menuOf, foot } = props;
  const t = useT();
  const prefix = useId();
  const now = useNow();
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null);
  const [menuAt, setMenuAt] = useState<string>();
  const active = useListKeys({
    items,
    chatId,
    rowsInSight: Math.max(1, Math.floor((scroller?.clientHeight ?? 0) / ROW_HEIGHT) - 1),
    onOpen,
    onToggle: selection.toggle,
    onRange: (id, from) => selection.range(items, id, from),
    onSelectAll: () => selection.set(items.map((item) => item.chat_id)),
    onEscape: () => selection.clear(),
    scrollTo: (place) => virtualizer.scrollToIndex(place, { align: "auto" }),
  });
  const activePlace = items.findIndex((item) => item.chat_id === active.activeId);
  // The row that the keys are on is always there, so that it can be named and read out.
  const withActive = (range: Range) => {
    const places = defaultRangeExtractor(range);
    return activePlace < 0 || places.includes(activePlace) ? places : [...places, activePlace].sort((one, other) => one - other);
  };
  // eslint-disable-next-line react-hooks/incompatible-library -- its answers are only used here, each time anew
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (place) => items[place]?.chat_id ?? place,
    overscan: AHEAD,
    rangeExtractor: withActive,
  });
  const { news, toTop } = useAnchor(scroller, items, (rows) => virtualizer.scrollBy(rows * ROW_HEIGHT));
  const rows = virtualizer.getVirtualItems();
  const lastSeen = rows.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && lastSeen >= items.length - AHEAD * 2) loadMore();
  }, [hasMore, lastSeen, items.length, loadMore]);
  useEffect(() => {
    const place = items.findIndex((item) => item.chat_id === chatId);
    if (place >= 0) virtualizer.scrollToIndex(place, { align: "auto" });
    // Only when another one is opened, not when it moves.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [chatId, virtualizer]);

  function onClick(event: MouseEvent): void {
    const id = rowOf(event);
    if (!id) return;
    active.setActive(id);
    const ticked = event.target instanceof Element && event.target.closest("[data-select]") !== null;
    const byTouch = matchMedia("(pointer: coarse)").matches;
    if (event.shiftKey) selection.range(items, id, active.activeId);
    else if (event.metaKey || event.ctrlKey || (ticked && !byTouch) || selection.ids.size > 0) selection.toggle(id);
    else onOpen(id);
  }

  const menuFor = items.find((item) => item.chat_id === menuAt);
  return (
    <div className="relative min-h-0 flex-1">
      <div ref={setScroller} className="h-full overflow-y-auto overscroll-contain [overflow-anchor:none]">
        <ContextMenu items={menuFor ? menuOf(menuFor) : []}>
          <div
            role="listbox"
            aria-label={label}
            aria-multiselectable
            aria-activedescendant={activePlace >= 0 ? `${prefix}${active.activeId}` : undefined}
            tabIndex={0}
            onKeyDown={active.onKeyDown}
            onClick={onClick}
            onAuxClick={(event) => {
              const id = event.button === 1 ? rowOf(event) : undefined;
              if (id) window.open(`/inbox/${id}`, "_blank", "noreferrer");
            }}
            onContextMenuCapture={(event) => setMenuAt(rowOf(event) ?? active.activeId)}
            className="group/list relative focus-visible:outline-none"
            style={{ height: virtualizer.getTotalSize() }}
          >
            {rows.map((row) => {
              const conversation = items[row.index];
              if (!conversation) return null;
              const id = conversation.chat_id;
              return (
                <div
                  key={row.key}
                  role="presentation"
                  className="absolute inset-x-0 top-0"
                  style={{ height: ROW_HEIGHT, transform: `translateY(${row.start}px)` }}
                >
                  <ConversationRow
                    id={prefix + id}
                    conversation={conversation}
                    open={id === chatId}
                    active={id === active.activeId}
                    selected={selection.ids.has(id)}
                    selecting={selection.ids.size > 0}
                    position={row.index + 1}
                    total={hasMore ? -1 : items.length}
                    now={now}
                  />
                </div>
              );
            })}
          </div>
        </ContextMenu>
        <div className="flex h-12 items-center justify-center text-sm text-faint">{foot}</div>
      </div>
      {news > 0 && (
        <button
          type="button"
          onClick={toTop}
          className="absolute start-1/2 top-2 inline-flex h-8 -translate-x-1/2 animate-enter items-center gap-1 rounded-full bg-accent px-3 text-sm font-medium text-on-accent shadow-raised hover:bg-accent-hover rtl:translate-x-1/2"
        >
          <ArrowUp aria-hidden className="size-4" />
          {t("list.new_above", { count: news })}
        </button>
      )}
    </div>
  );
}

function rowOf(event: MouseEvent): string | undefined {
  const row = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-chat-id]") : null;
  return row?.dataset["chatId"];
}

/** At the top new ones push in; further down what is in sight stays, and they are counted. */
function useAnchor(scroller: HTMLElement | null, items: readonly Conversation[], shift: (rows: number) => void) {
  const before = useRef(items);
  const shifted = useEffectEvent(shift);
  const [above, setAbove] = useState<ReadonlySet<string>>(new Set());
  useLayoutEffect(() => {
    const old = before.current;
    before.current = items;
    if (!scroller || old === items || scroller.scrollTop < ROW_HEIGHT / 2) return;
    const { rows, news } = shiftOf(old, items, Math.floor(scroller.scrollTop / ROW_HEIGHT));
    if (rows !== 0) shifted(rows);
    if (news.length > 0) setAbove((known) => new Set([...known, ...news]));
  }, [scroller, items]);
  useEffect(() => {
    const onScroll = () => {
      if (scroller && scroller.scrollTop < ROW_HEIGHT / 2) setAbove((known) => (known.size > 0 ? new Set() : known));
    };
    scroller?.addEventListener("scroll", onScroll, { passive: true });
    return () => scroller?.removeEventListener("scroll", onScroll);
  }, [scroller]);
  return { news: above.size, toTop: () => scroller?.scrollTo({ top: 0 }) };
}
