/** Where the reader is in a thread: at the end, or at a place that stays while pages come and go. */

import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { estimate, type Row } from "@/features/thread/rows";
import type { Way } from "@/features/thread/use-thread";

/** So near to the end is at the end. */
const AT_END = 80;
/** So many rows before the loaded stretch ends, more is loaded. */
const AHEAD = 8;

export interface Target {
  key: "unread" | "end" | { message: string };
  /** Another one to the same place is another one. */
  number: number;
}

interface MessageScroll {
  rows: Row[];
  hasOlder: boolean;
  hasNewer: boolean;
  load: (way: Way) => void;
  target: Target;
  /** The row that has the keyboard's focus: drawn wherever the reader is. */
  activeKey: string | null;
}

export function indexOf(rows: Row[], key: Target["key"]): number {
  if (key === "end") return rows.length - 1;
  if (key === "unread") return rows.findIndex((row) => row.type === "unread");
  return rows.findIndex((row) => "message" in row && row.message.message_id === key.message);
}

export function useMessageScroll({ rows, hasOlder, hasNewer, load, target, activeKey }: MessageScroll) {
  const scroller = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(600);
  const [isAtEnd, setAtEnd] = useState(true);
  const follows = useRef(true);
  const reached = useRef(-1);
  const [isPlaced, setPlaced] = useState(false);
  const activeIndex = activeKey === null ? -1 : rows.findIndex((row) => row.key === activeKey);

  // The library's object is not of the kind that the compiler may memoise.
  // eslint-disable-next-line react-hooks/incompatible-library
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => estimate(rows[index], width),
    getItemKey: (index) => rows[index]?.key ?? index,
    anchorTo: "end",
    scrollEndThreshold: AT_END,
    overscan: 6,
    paddingEnd: 12,
    rangeExtractor: (range) => {
      const from = Math.max(0, range.startIndex - range.overscan);
      const to = Math.min(range.count - 1, range.endIndex + range.overscan);
      const drawn = Array.from({ length: Math.max(0, to - from + 1) }, (_, place) => from + place);
      if (activeIndex < 0 || (activeIndex >= from && activeIndex <= to)) return drawn;
      return activeIndex < from ? [activeIndex, ...drawn] : [...drawn, activeIndex];
    },
  });

  const look = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    const isNear = element.scrollHeight - element.scrollTop - element.clientHeight < AT_END;
    follows.current = isNear && !hasNewer;
    setAtEnd(follows.current);
  }, [hasNewer]);

  // To the target, once what it names is here.
  useLayoutEffect(() => {
    if (reached.current === target.number) return;
    const index = indexOf(rows, target.key);
    if (index < 0) return;
    reached.current = target.number;
    if (target.key === "end") virtualizer.scrollToEnd();
    else virtualizer.scrollToIndex(index, { align: target.key === "unread" ? "start" : "center" });
    follows.current = target.key === "end" && !hasNewer;
    setPlaced(true);
  }, [rows, target, hasNewer, virtualizer]);

  // What is new at the end is followed by who is there.
  useLayoutEffect(() => {
    if (follows.current && !hasNewer) virtualizer.scrollToEnd();
  }, [rows, hasNewer, virtualizer]);

  // The composer grows, the keyboard of a phone comes: who is at the end stays there.
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      setWidth(element.clientWidth);
      if (follows.current) virtualizer.scrollToEnd();
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [virtualizer]);

  const items = virtualizer.getVirtualItems();
  const from = virtualizer.range?.startIndex ?? 0;
  const to = virtualizer.range?.endIndex ?? 0;
  useEffect(() => {
    if (!isPlaced) return;
    if (hasOlder && from < AHEAD) load("older");
    else if (hasNewer && to >= rows.length - AHEAD) load("newer");
  }, [isPlaced, from, to, rows.length, hasOlder, hasNewer, load]);

  useEffect(look, [look, rows.length]);

  return { scroller, virtualizer, items, from, isAtEnd, onScroll: look };
}
