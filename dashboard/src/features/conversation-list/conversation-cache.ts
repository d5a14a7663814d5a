/** Every cached place where a conversation stands: all lists that were opened, and the conversation itself. */

import type { QueryClient } from "@tanstack/react-query";
import type { Conversation, Me } from "@/api/types";
import { fits, fromView } from "@/features/conversation-list/filters";
import { type ConversationPages, find, markRead, place, withViewer } from "@/features/conversation-list/pages";
import { keys } from "@/lib/query";

interface CachedList {
  queryKey: readonly unknown[];
  query: Record<string, string>;
  pages: ConversationPages;
  active: boolean;
}

/** The conversation whose thread is open: it stays in a list of unread ones while it is read there. */
let openChatId: string | undefined;

export function setOpenConversation(chatId: string | undefined): void {
  openChatId = chatId;
}

export function openConversation(): string | undefined {
  return openChatId;
}

function isPages(value: unknown): value is ConversationPages {
  return typeof value === "object" && value !== null && "pages" in value && "pageParams" in value;
}

export function cachedLists(client: QueryClient): CachedList[] {
  const lists: CachedList[] = [];
  for (const entry of client.getQueryCache().findAll({ queryKey: keys.conversations() })) {
    const [, query] = entry.queryKey as [string, Record<string, string> | undefined];
    const pages: unknown = entry.state.data;
    if (query && isPages(pages)) lists.push({ queryKey: entry.queryKey, query, pages, active: entry.isActive() });
  }
  return lists;
}

export function viewerId(client: QueryClient): string {
  return client.getQueryData<Me>(keys.me)?.person_id ?? "";
}

export function findConversation(client: QueryClient, chatId: string): Conversation | undefined {
  const own = client.getQueryData<Conversation>(keys.conversation(chatId));
  if (own) return own;
  for (const { pages } of cachedLists(client)) {
    const found = find(pages, chatId);
    if (found) return found;
  }
  return undefined;
}

/** A list that cannot tell by itself whether, or how, a conversation belongs in it. */
export interface Undecided {
  chatId: string;
  queryKey: readonly unknown[];
  query: Record<string, string>;
  active: boolean;
}

/** Brings new states into every list at once, each list rendered once. */
export function applyConversations(client: QueryClient, events: readonly Conversation[]): Undecided[] {
  const me = viewerId(client);
  const undecided: Undecided[] = [];
  for (const event of events) applyToOne(client, event);
  for (const { queryKey, query, pages, active } of cachedLists(client)) {
    const filters = fromView(query);
    let current = pages;
    for (const event of events) {
      const known = find(current, event.chat_id) ? event : fromElsewhere(client, event);
      const placed = place(current, known, filters, me, openChatId);
      current = placed.pages;
      if (placed.outcome === "unknown") undecided.push({ chatId: event.chat_id, queryKey, query, active });
    }
    if (current !== pages) client.setQueryData(queryKey, current);
  }
  return undecided;
}

/** Another list or the open thread may know the viewer's part already. */
function fromElsewhere(client: QueryClient, event: Conversation): Conversation {
  return withViewer(event, findConversation(client, event.chat_id));
}

function applyToOne(client: QueryClient, event: Conversation): void {
  const known = client.getQueryData<Conversation>(keys.conversation(event.chat_id));
  if (known) client.setQueryData(keys.conversation(event.chat_id), withViewer(event, known));
}

/** Whether it was news to any place. */
export function applyRead(client: QueryClient, chatId: string, readCount: number): boolean {
  let changed = false;
  const own = client.getQueryData<Conversation>(keys.conversation(chatId));
  if (own && own.read_count !== readCount) {
    const unread = Math.max(0, own.inbound_count - readCount);
    const mentioned = unread === 0 ? false : own.mentioned;
    client.setQueryData(keys.conversation(chatId), { ...own, read_count: readCount, unread, mentioned });
    changed = true;
  }
  const me = viewerId(client);
  for (const { queryKey, query, pages } of cachedLists(client)) {
    const filters = fromView(query);
    let next = markRead(pages, chatId, readCount);
    const item = find(next, chatId);
    const left = item && fits(item, filters, me) === false;
    if (item && left) next = place(next, item, filters, me, openChatId).pages;
    if (next === pages) continue;
    client.setQueryData(queryKey, next);
    changed = true;
  }
  return changed;
}

/** The open thread reads by requests of its own, and says so in the conversation alone: the lists follow it. */
export function followReads(client: QueryClient, changed: () => void): () => void {
  return client.getQueryCache().subscribe((event) => {
    const [kind, chatId] = event.query.queryKey as readonly unknown[];
    if (event.type !== "updated" || event.action.type !== "success" || kind !== keys.conversation("")[0]) return;
    queueMicrotask(() => {
      // As it is by now: two states that were each put back in turn would follow one another for ever.
      const readCount = client.getQueryData<Conversation>(keys.conversation(chatId as string))?.read_count;
      if (typeof readCount === "number" && applyRead(client, chatId as string, readCount)) changed();
    });
  });
}
