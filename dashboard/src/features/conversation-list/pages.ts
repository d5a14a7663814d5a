/** Changes to pages of conversations that are already here: newest first, each conversation once. */

import type { InfiniteData } from "@tanstack/react-query";
import type { Conversation, Page } from "@/api/types";
import { fits, type ListFilters } from "@/features/conversation-list/filters";

export type ConversationPages = InfiniteData<Page<Conversation>, string | null>;

/** A change of one conversation against the pages. `unknown`: it is not here, and the viewer's part of it is needed. */
export interface Placed {
  pages: ConversationPages;
  outcome: "same" | "changed" | "unknown";
}

/** Keeps what only the viewer's own requests know when an event, which is for everybody, brings the rest. */
export function withViewer(event: Conversation, known: Conversation | undefined): Conversation {
  if (event.read_count !== null && event.unread !== null && event.mentioned !== null) return event;
  const readCount = event.read_count ?? known?.read_count ?? null;
  return {
    ...event,
    read_count: readCount,
    unread: event.unread ?? (readCount === null ? null : Math.max(0, event.inbound_count - readCount)),
    mentioned: event.mentioned ?? known?.mentioned ?? null,
  };
}

/** Newest first; the id decides between equals, as the server does. */
export function compare(one: Conversation, other: Conversation): number {
  const [first, second] = [moment(one), moment(other)];
  if (first !== second) return second - first;
  if (one.chat_id === other.chat_id) return 0;
  return one.chat_id > other.chat_id ? -1 : 1;
}

function moment(conversation: Conversation): number {
  const at = conversation.last_active ?? conversation.created_at;
  return at === null ? 0 : Date.parse(at);
}

/** Whether the first is certainly the later state. What people change leaves no trace to tell by. */
export function isNewer(one: Conversation, other: Conversation): boolean {
  if (one.inbound_count !== other.inbound_count) return one.inbound_count > other.inbound_count;
  return moment(one) > moment(other);
}

export function flatten(pages: readonly Page<Conversation>[] | undefined): Conversation[] {
  const seen = new Set<string>();
  const all: Conversation[] = [];
  for (const page of pages ?? []) {
    for (const item of page.items) {
      if (seen.has(item.chat_id)) continue;
      seen.add(item.chat_id);
      all.push(item);
    }
  }
  return all;
}

export function find(pages: ConversationPages | undefined, chatId: string): Conversation | undefined {
  for (const page of pages?.pages ?? []) {
    const found = page.items.find((item) => item.chat_id === chatId);
    if (found) return found;
  }
  return undefined;
}

export function remove(pages: ConversationPages, chatId: string): ConversationPages {
  if (!find(pages, chatId)) return pages;
  const left = pages.pages.map((page) =>
    page.items.some((item) => item.chat_id === chatId)
      ? { ...page, items: page.items.filter((item) => item.chat_id !== chatId) }
      : page,
  );
  return { ...pages, pages: left };
}

/** Puts it where it belongs; beyond the last page that is here it comes with a later one. */
function insert(pages: ConversationPages, item: Conversation): ConversationPages {
  const older = (page: Page<Conversation>) => page.items.findIndex((other) => compare(item, other) < 0);
  const last = pages.pages.length - 1;
  const number = pages.pages.findIndex((page, at) => older(page) >= 0 || (at === last && page.next === null));
  const page = pages.pages[number];
  if (!page) return pages;
  const at = older(page);
  const items = page.items.toSpliced(at === -1 ? page.items.length : at, 0, item);
  return { ...pages, pages: pages.pages.with(number, { ...page, items }) };
}

function same(one: Conversation, other: Conversation): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

function replace(pages: ConversationPages, item: Conversation): ConversationPages {
  const left = pages.pages.map((page) =>
    page.items.some((other) => other.chat_id === item.chat_id)
      ? { ...page, items: page.items.map((other) => (other.chat_id === item.chat_id ? item : other)) }
      : page,
  );
  return { ...pages, pages: left };
}

/**
 * Brings one conversation's new state into the pages.
 * `keep` is the conversation that is open: a list of unread ones does not drop it while it is being read.
 */
export function place(
  pages: ConversationPages,
  event: Conversation,
  filters: ListFilters,
  me: string,
  keep?: string,
): Placed {
  const known = find(pages, event.chat_id);
  const item = withViewer(event, known);
  const fit = fits(item, filters, me);
  if (!known) {
    if (fit === false) return { pages, outcome: "same" };
    if (fit === null || item.unread === null) return { pages, outcome: "unknown" };
    const grown = insert(pages, item);
    return { pages: grown, outcome: grown === pages ? "same" : "changed" };
  }
  const readHere = event.chat_id === keep && fits({ ...item, unread: 1, mentioned: true }, filters, me) !== false;
  if (fit === false && !readHere) return { pages: remove(pages, event.chat_id), outcome: "changed" };
  if (same(known, item)) return { pages, outcome: "same" };
  if (moment(known) === moment(item)) return { pages: replace(pages, item), outcome: "changed" };
  return { pages: insert(remove(pages, event.chat_id), item), outcome: "changed" };
}

/** The viewer read it, here or in another window. */
export function markRead(pages: ConversationPages, chatId: string, readCount: number): ConversationPages {
  const known = find(pages, chatId);
  if (!known || (known.read_count === readCount && !known.mentioned)) return pages;
  const unread = Math.max(0, known.inbound_count - readCount);
  const mentioned = unread === 0 ? false : known.mentioned;
  return replace(pages, { ...known, read_count: readCount, unread, mentioned });
}
