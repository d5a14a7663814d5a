/** The keys inside the list, as a listbox has them. The focus stays on the list; the active row is named. */

import { useState, type KeyboardEvent } from "react";
import type { Conversation } from "@/api/types";

export interface ListKeys {
  items: readonly Conversation[];
  /** The open conversation is where the keys begin. */
  chatId: string | undefined;
  rowsInSight: number;
  onOpen: (chatId: string) => void;
  onToggle: (chatId: string) => void;
  onRange: (chatId: string, from: string | undefined) => void;
  onSelectAll: () => void;
  /** True when there was something to leave. */
  onEscape: () => boolean;
  scrollTo: (place: number) => void;
}

export interface ActiveRow {
  activeId: string | undefined;
  setActive: (chatId: string) => void;
  onKeyDown: (event: KeyboardEvent) => void;
}

const MOVES: Record<string, (at: number, last: number, page: number) => number> = {
  ArrowDown: (at, last) => Math.min(at + 1, last),
  ArrowUp: (at) => Math.max(at - 1, 0),
  PageDown: (at, last, page) => Math.min(at + page, last),
  PageUp: (at, _last, page) => Math.max(at - page, 0),
  Home: () => 0,
  End: (_at, last) => last,
};

export function useListKeys(keys: ListKeys): ActiveRow {
  const { items, chatId } = keys;
  const [chosen, setChosen] = useState<string>();
  // By id, not by place: a row that moves keeps the keys.
  const has = (id: string | undefined) => id !== undefined && items.some((item) => item.chat_id === id);
  const activeId = has(chosen) ? chosen : has(chatId) ? chatId : items[0]?.chat_id;

  function move(event: KeyboardEvent, to: number): void {
    const next = items[to];
    if (!next) return;
    setChosen(next.chat_id);
    keys.scrollTo(to);
    if (event.shiftKey) keys.onRange(next.chat_id, activeId);
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.altKey || (event.target as HTMLElement).getAttribute("role") !== "listbox") return;
    const step = MOVES[event.key];
    const at = items.findIndex((item) => item.chat_id === activeId);
    const mod = event.ctrlKey || event.metaKey;
    if (step && !mod) move(event, step(at, items.length - 1, keys.rowsInSight));
    else if (event.key === "Enter" && activeId && !mod) keys.onOpen(activeId);
    else if ((event.key === " " || event.key === "x") && activeId && !mod) keys.onToggle(activeId);
    else if (event.key.toLowerCase() === "a" && mod) keys.onSelectAll();
    else if (event.key !== "Escape" || !keys.onEscape()) return;
    event.preventDefault();
    event.stopPropagation();
  }

  return { activeId, setActive: setChosen, onKeyDown };
}
