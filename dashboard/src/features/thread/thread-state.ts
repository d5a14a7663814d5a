/** The loaded stretch of a conversation: pages joined, live changes put in their place. */

import type { Message, Thread } from "@/api/types";

/** More messages than this are not kept: the far end is let go, and loaded again when scrolled to. */
export const MOST_KEPT = 1500;

export interface ThreadState extends Thread {
  /** New messages below the loaded stretch, not loaded. */
  missed: number;
  /** Grows when the stretch was replaced: positions of before mean nothing. */
  epoch: number;
}

export function fromPage(page: Thread, epoch = 0): ThreadState {
  return { ...page, items: sorted(page.items), missed: 0, epoch };
}

/** The later state of two of one message. */
function fresher(held: Message, got: Message): Message {
  return (held.updated_at ?? "") > (got.updated_at ?? "") ? held : got;
}

function sorted(items: Message[]): Message[] {
  return [...items].sort((one, other) => one.seq - other.seq);
}

function merged(held: Message[], got: Message[]): Message[] {
  const byId = new Map(held.map((message) => [message.message_id, message]));
  for (const message of got) {
    const known = byId.get(message.message_id);
    byId.set(message.message_id, known ? fresher(known, message) : message);
  }
  return sorted([...byId.values()]);
}

export function withOlder(state: ThreadState, page: Thread): ThreadState {
  const items = merged(page.items, state.items);
  if (items.length <= MOST_KEPT) return { ...state, items, next: page.next };
  const kept = items.slice(0, MOST_KEPT);
  return { ...state, items: kept, next: page.next, newer: kept.at(-1)?.message_id ?? null };
}

export function withNewer(state: ThreadState, page: Thread): ThreadState {
  const items = merged(state.items, page.items);
  const missed = page.newer === null ? 0 : state.missed;
  if (items.length <= MOST_KEPT) return { ...state, items, newer: page.newer, missed };
  const kept = items.slice(-MOST_KEPT);
  return { ...state, items: kept, newer: page.newer, missed, next: kept[0]?.message_id ?? null };
}

/** The newest page, fetched again: after the connection was lost, or on coming back. What is later
 *  than `since`, the newest that was held when it was asked for, came live meanwhile. */
export function withNewest(state: ThreadState, page: Thread, since = Infinity): ThreadState {
  const first_unread = page.first_unread;
  const oldest = page.items[0];
  const newest = state.items.at(-1);
  const touches = page.next === null || !oldest || !newest || oldest.seq <= newest.seq;
  if (state.newer !== null && !touches) return { ...state, first_unread };
  if (!touches) return { ...fromPage(page, state.epoch + 1) };
  const from = oldest?.seq ?? Infinity;
  const there = new Set(page.items.map((message) => message.message_id));
  // What the page should hold and does not was removed meanwhile.
  const held = state.items.filter(
    ({ seq, message_id }) => seq < from || seq > since || there.has(message_id),
  );
  const next = state.items.length > 0 ? state.next : page.next;
  return { ...state, items: merged(held, page.items), next, newer: null, missed: 0, first_unread };
}

/** A message that came, or changed, as the live events tell. */
export function withMessage(state: ThreadState, message: Message): ThreadState {
  const index = state.items.findIndex((held) => held.message_id === message.message_id);
  const held = state.items[index];
  if (held) {
    const next = fresher(held, message);
    if (next === held) return state;
    const items = state.items.with(index, next);
    return { ...state, items: held.seq === next.seq ? items : sorted(items) };
  }
  const newest = state.items.at(-1);
  if (newest && message.seq < newest.seq) {
    const oldest = state.items[0];
    const isAbove = oldest && message.seq < oldest.seq && state.next !== null;
    return isAbove ? state : { ...state, items: sorted([...state.items, message]) };
  }
  if (state.newer !== null) return { ...state, missed: state.missed + 1 };
  return { ...state, items: [...state.items, message] };
}

export function withoutMessage(state: ThreadState, messageId: string): ThreadState {
  const items = state.items.filter((message) => message.message_id !== messageId);
  return items.length === state.items.length ? state : { ...state, items };
}
