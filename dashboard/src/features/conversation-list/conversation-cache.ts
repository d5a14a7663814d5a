/** Every cached place where a conversation stands: all lists that were opened, and the conversation itself. */

import type { QueryClient } from "@tanstack/react-query";
import type { Conversation, Me } from "@/api/types";
import { Arrivals, isAwaited, type ListChange, remember } from "@/features/conversation-list/arrivals";
import { fits, fromView, type ListFilters } from "@/features/conversation-list/filters";
import { type ConversationPages, find, isNewer, markRead, place, withViewer } from "@/features/conversation-list/pages";
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

/** A list that is changed here is no fresher for it, and is still loaded again if it was to be. */
export function putPages(client: QueryClient, queryKey: readonly unknown[], pages: ConversationPages): void {
  const before = client.getQueryState(queryKey);
  client.setQueryData(queryKey, pages, { updatedAt: before?.dataUpdatedAt });
  if (before?.isInvalidated) markOld(client, queryKey);
}

/** It is loaded again when somebody opens it. */
export function markOld(client: QueryClient, queryKey: readonly unknown[]): void {
  void client.invalidateQueries({ queryKey, exact: true, refetchType: "none" });
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
  for (const event of events) {
    if (isAwaited()) remember(event.chat_id, arrived(client, event, me));
    applyToOne(client, event);
  }
  for (const { queryKey, query, pages, active } of cachedLists(client)) {
    const filters = fromView(query);
    let current = pages;
    for (const event of events) {
      const known = find(current, event.chat_id) ? event : fromElsewhere(client, event);
      const placed = place(current, known, filters, me, openChatId);
      current = placed.pages;
      if (placed.outcome === "unknown") undecided.push({ chatId: event.chat_id, queryKey, query, active });
    }
    if (current !== pages) putPages(client, queryKey, current);
  }
  return undecided;
}

/** For an answer that comes later, unless it tells of more. */
function arrived(client: QueryClient, event: Conversation, me: string): ListChange {
  const known = fromElsewhere(client, event);
  return (pages, filters, onUnknown) => {
    const answered = find(pages, event.chat_id);
    if (answered && isNewer(answered, event)) return pages;
    const placed = place(pages, answered ? event : known, filters, me, openChatId);
    if (placed.outcome === "unknown") onUnknown?.(event.chat_id);
    return placed.pages;
  };
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
  const read: ListChange = (pages, filters) => withRead(pages, chatId, readCount, filters, me);
  remember(`${chatId} read`, read);
  for (const { queryKey, query, pages } of cachedLists(client)) {
    const next = read(pages, fromView(query));
    if (next === pages) continue;
    putPages(client, queryKey, next);
    changed = true;
  }
  return changed;
}

function withRead(pages: ConversationPages, chatId: string, readCount: number, filters: ListFilters, me: string): ConversationPages {
  const next = markRead(pages, chatId, readCount);
  const item = find(next, chatId);
  const left = item && fits(item, filters, me) === false;
  return item && left ? place(next, item, filters, me, openChatId).pages : next;
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

/** A list's answer is as the server was when it was asked: what came since is brought into it again. */
export function followAnswers(client: QueryClient, complete: (undecided: Undecided) => void): () => void {
  const awaited = new Map<string, { arrivals: Arrivals; wasOld: boolean }>();
  const stop = client.getQueryCache().subscribe((event) => {
    const { queryHash, state } = event.query;
    const queryKey = event.query.queryKey as readonly unknown[];
    if (queryKey[0] !== keys.conversations()[0] || (event.type !== "updated" && event.type !== "removed")) return;
    const isAsked = event.type === "updated" && event.action.type === "fetch";
    const isOver = event.type === "removed" || state.fetchStatus === "idle";
    if (!isAsked && !isOver) return;
    const before = awaited.get(queryHash);
    before?.arrivals.end();
    awaited.delete(queryHash);
    if (isAsked) awaited.set(queryHash, { arrivals: new Arrivals(), wasOld: state.isInvalidated });
    if (isAsked || !before || event.type === "removed") return;
    bringInto(client, queryKey, before.arrivals, complete);
    // Another page, or an answer that nobody waited for, does not make the pages before it new.
    const isWhole = event.action.type === "success" && !state.fetchMeta?.fetchMore;
    if (before.wasOld && !isWhole) markOld(client, queryKey);
  });
  return () => {
    stop();
    for (const { arrivals } of awaited.values()) arrivals.end();
  };
}

function bringInto(client: QueryClient, queryKey: readonly unknown[], arrivals: Arrivals, complete: (undecided: Undecided) => void): void {
  const list = cachedLists(client).find((each) => each.queryKey === queryKey);
  if (!list) return;
  const { query, active } = list;
  const pages = arrivals.onto(list.pages, fromView(query), (chatId) => complete({ chatId, queryKey, query, active }));
  if (pages !== list.pages) putPages(client, queryKey, pages);
}
