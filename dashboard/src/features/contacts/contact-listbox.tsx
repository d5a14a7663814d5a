import { defaultRangeExtractor, useVirtualizer, type Range } from "@tanstack/react-virtual";
import { useEffect, useId, useState, type KeyboardEvent, type MouseEvent, type ReactNode } from "react";
import type { ContactRow as Row } from "@/api/types";
import { ContactRow, ROW_HEIGHT } from "@/features/contacts/contact-row";
import { movedTo } from "@/features/contacts/list-moves";
import { useT } from "@/lib/i18n";

const AHEAD = 8;

export interface ContactListboxProps {
  items: readonly Row[];
  contactId: string | undefined;
  hasMore: boolean;
  loadMore: () => void;
  onOpen: (contactId: string) => void;
  foot: ReactNode;
}

/** The virtualised list. The focus stays on it; the row where the keys are is named. */
export function ContactListbox({ items, contactId, hasMore, loadMore, onOpen, foot }: ContactListboxProps) {
  const t = useT();
  const prefix = useId();
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null);
  const [chosen, setChosen] = useState<string>();
  const placeOf = (id: string | undefined) => items.findIndex((item) => item.contact_id === id);
  const at = [chosen, contactId].map(placeOf).find((place) => place >= 0) ?? 0;
  const activeId = items[at]?.contact_id;
  // The row that the keys are on is always there, so that it can be named and read out.
  const withActive = (range: Range) => [...new Set([...defaultRangeExtractor(range), at])].sort((one, other) => one - other);
  // eslint-disable-next-line react-hooks/incompatible-library -- its answers are only used here, each time anew
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (place) => items[place]?.contact_id ?? place,
    overscan: AHEAD,
    rangeExtractor: withActive,
  });
  const rows = virtualizer.getVirtualItems();
  const lastSeen = virtualizer.range?.endIndex ?? 0;
  useEffect(() => {
    if (hasMore && lastSeen >= items.length - AHEAD * 2) loadMore();
  }, [hasMore, lastSeen, items.length, loadMore]);

  function onKeyDown(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const rowsInSight = Math.max(1, Math.floor((scroller?.clientHeight ?? 0) / ROW_HEIGHT) - 1);
    const to = movedTo(event.key, at, items.length, rowsInSight);
    if (to !== null) {
      setChosen(items[to]?.contact_id);
      virtualizer.scrollToIndex(to, { align: "auto" });
    } else if ((event.key === "Enter" || event.key === " ") && activeId !== undefined) onOpen(activeId);
    else return;
    event.preventDefault();
  }

  function onClick(event: MouseEvent): void {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-contact-id]") : null;
    const id = row?.dataset["contactId"];
    if (id === undefined) return;
    setChosen(id);
    if (event.metaKey || event.ctrlKey) window.open(`/contacts/${id}`, "_blank", "noreferrer");
    else onOpen(id);
  }

  return (
    <div ref={setScroller} className="min-h-0 flex-1 overflow-y-auto overscroll-contain [overflow-anchor:none]">
      <div
        role="listbox"
        aria-label={t("contacts.list_label")}
        aria-activedescendant={activeId === undefined ? undefined : prefix + activeId}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onClick={onClick}
        className="group/list relative focus-visible:outline-none"
        style={{ height: virtualizer.getTotalSize() }}
      >
        {rows.map((row) => {
          const item = items[row.index];
          if (!item) return null;
          return (
            <div key={row.key} role="presentation" className="absolute inset-x-0 top-0" style={{ height: ROW_HEIGHT, transform: `translateY(${row.start}px)` }}>
              <ContactRow
                id={prefix + item.contact_id}
                row={item}
                open={item.contact_id === contactId}
                active={item.contact_id === activeId}
                position={row.index + 1}
                total={hasMore ? -1 : items.length}
              />
            </div>
          );
        })}
      </div>
      <div className="flex h-12 items-center justify-center text-sm text-faint">{foot}</div>
    </div>
  );
}
