/** Keeps what a person reads where it is when conversations move above it, and counts those that did. */

import type { Conversation } from "@/api/types";

export interface Shift {
  /** How many rows what was seen first moved down. */
  rows: number;
  /** Those that came in or moved up above it. */
  news: string[];
}

/** `first`: the number of the first row in sight of the list before. */
export function shiftOf(before: readonly Conversation[], after: readonly Conversation[], first: number): Shift {
  const places = new Map(after.map((item, place) => [item.chat_id, place]));
  const activity = new Map(before.map((item) => [item.chat_id, item.last_active]));
  for (let place = first; place < before.length; place++) {
    const anchor = before[place];
    const now = anchor && places.get(anchor.chat_id);
    // One that moved itself is no place to hold on to.
    if (!anchor || now === undefined || after[now]?.last_active !== anchor.last_active) continue;
    const above = after.slice(0, now).filter((item) => activity.get(item.chat_id) !== item.last_active);
    return { rows: now - place, news: above.map((item) => item.chat_id) };
  }
  return { rows: 0, news: [] };
}
