/** Live changes into the cached lists: in bursts, and asking the server for what only it knows. */

import type { QueryClient } from "@tanstack/react-query";
import type { Conversation, Page } from "@/api/types";
import { Arrivals } from "@/features/conversation-list/arrivals";
import { applyConversations, applyRead, markOld, putPages, type Undecided } from "@/features/conversation-list/conversation-cache";
import { fromView } from "@/features/conversation-list/filters";
import type { ConversationPages } from "@/features/conversation-list/pages";
import { api } from "@/lib/http";
import { keys } from "@/lib/query";

/** Changes of so long are brought in together: a busy domain has hundreds a second. */
const BURST_MS = 80;
const ASK_MS = 400;
const COUNTS_MS = 2_000;
/** Up to so many are asked for one by one; more, and the first page is asked for. */
const ONE_BY_ONE = 5;

type Timer = ReturnType<typeof setTimeout>;

export class LiveConversations {
  private readonly arrived = new Map<string, Conversation>();
  private readonly asked = new Map<string, Undecided[]>();
  private burst: Timer | null = null;
  private asking: Timer | null = null;
  private counting: Timer | null = null;
  private readonly client: QueryClient;

  constructor(client: QueryClient) {
    this.client = client;
  }

  conversation(conversation: Conversation): void {
    this.arrived.set(conversation.chat_id, conversation);
    this.burst ??= setTimeout(() => this.flush(), BURST_MS);
    this.refreshCounts();
  }

  read(chatId: string, readCount: number): void {
    this.flush();
    applyRead(this.client, chatId, readCount);
    this.refreshCounts();
  }

  /** Its mentions are the viewer's own and come with no event: the conversation is asked for again. */
  mentioned(chatId: string): void {
    this.asked.set(chatId, this.asked.get(chatId) ?? []);
    this.asking ??= setTimeout(() => void this.ask(), ASK_MS);
    this.refreshCounts();
  }

  stop(): void {
    for (const timer of [this.burst, this.asking, this.counting]) if (timer) clearTimeout(timer);
    this.burst = this.asking = this.counting = null;
  }

  refreshCounts(): void {
    this.counting ??= setTimeout(() => {
      this.counting = null;
      void this.client.invalidateQueries({ queryKey: keys.counts });
    }, COUNTS_MS);
  }

  /** The server is asked for what a list needs. */
  complete(undecided: Undecided): void {
    if (!undecided.active) {
      markOld(this.client, undecided.queryKey);
      return;
    }
    this.asked.set(undecided.chatId, [...(this.asked.get(undecided.chatId) ?? []), undecided]);
    this.asking ??= setTimeout(() => void this.ask(), ASK_MS);
  }

  private flush(): void {
    if (this.burst) clearTimeout(this.burst);
    this.burst = null;
    if (this.arrived.size === 0) return;
    const events = [...this.arrived.values()];
    this.arrived.clear();
    for (const undecided of applyConversations(this.client, events)) this.complete(undecided);
  }

  private async ask(): Promise<void> {
    const asked = new Map(this.asked);
    this.asked.clear();
    try {
      const wide = asked.size > ONE_BY_ONE;
      const lists = [...asked.values()].flat().filter(({ query }) => wide || query.q !== undefined);
      const found = wide ? [] : await this.oneByOne([...asked.keys()]);
      applyConversations(this.client, found);
      await this.firstPages(lists);
    } finally {
      this.asking = this.asked.size > 0 ? setTimeout(() => void this.ask(), ASK_MS) : null;
    }
  }

  private async oneByOne(chatIds: string[]): Promise<Conversation[]> {
    const answers = await Promise.allSettled(
      chatIds.map((chatId) => api.get<Conversation>(`/api/v1/conversations/${chatId}`)),
    );
    return answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
  }

  private async firstPages(lists: Undecided[]): Promise<void> {
    const byKey = new Map(lists.map((list) => [JSON.stringify(list.queryKey), list]));
    for (const list of byKey.values()) {
      const { queryKey, query } = list;
      // An answer that is on its way would come over this one.
      await this.client.getQueryCache().find({ queryKey, exact: true })?.promise?.catch(() => null);
      const arrivals = new Arrivals();
      const page = await api.get<Page<Conversation>>("/api/v1/conversations", { ...query, limit: 50 }).catch(() => null);
      arrivals.end();
      const old = this.client.getQueryData<ConversationPages>(queryKey);
      if (!page || !old) continue;
      const pages = arrivals.onto(withFirstPage(old, page), fromView(query), (chatId) => this.complete({ ...list, chatId }));
      putPages(this.client, queryKey, pages);
    }
  }
}

/** The server's first page replaces what is as new as it; what follows stays where it is. */
export function withFirstPage(old: ConversationPages, page: Page<Conversation>): ConversationPages {
  if (page.next === null) return { pages: [page], pageParams: [null] };
  // It has looked at many and found none: how far, only the server knows.
  if (page.items.length === 0) return old;
  const here = new Set(page.items.map((item) => item.chat_id));
  const oldest = page.items.at(-1)?.last_active ?? "";
  const rest = old.pages.map((each) => ({
    ...each,
    items: each.items.filter((item) => !here.has(item.chat_id) && (item.last_active ?? "") < oldest),
  }));
  const first = rest[0];
  if (!first) return { pages: [page], pageParams: [null] };
  return { ...old, pages: [{ ...first, items: [...page.items, ...first.items] }, ...rest.slice(1)] };
}
