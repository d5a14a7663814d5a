import { InfiniteQueryObserver, QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Conversation, Page } from "@/api/types";
import { Arrivals, isAwaited } from "@/features/conversation-list/arrivals";
import {
  applyConversations,
  applyRead,
  findConversation,
  followAnswers,
  followReads,
  markOld,
  setOpenConversation,
} from "@/features/conversation-list/conversation-cache";
import { toQuery } from "@/features/conversation-list/filters";
import { LiveConversations, withFirstPage } from "@/features/conversation-list/live-conversations";
import { type ConversationPages, flatten } from "@/features/conversation-list/pages";
import { conversation, event, ME } from "@/features/conversation-list/testing";
import { keys } from "@/lib/query";

const page = (...items: ReturnType<typeof conversation>[]) => ({ items, next: null });
const listed = (client: QueryClient, query: Record<string, string>) =>
  flatten(client.getQueryData<ConversationPages>(keys.conversations(query))?.pages).map((item) => item.chat_id);

function clientWith(lists: [Record<string, string>, ReturnType<typeof conversation>[]][]): QueryClient {
  const client = new QueryClient();
  client.setQueryData(keys.me, ME);
  for (const [query, items] of lists) {
    client.setQueryData(keys.conversations(query), { pages: [page(...items)], pageParams: [null] });
  }
  return client;
}

const open = toQuery({});
const mine = toQuery({ assignee: "me" });

afterEach(() => setOpenConversation(undefined));

describe("a conversation's change", () => {
  it("is in every list: it comes into one with what another knows of it", () => {
    const client = clientWith([[open, [conversation({ unread: 0, read_count: 3 })]], [mine, []]]);
    const undecided = applyConversations(client, [event({ assignee: ME, inbound_count: 4 })]);
    expect(undecided).toEqual([]);
    expect(listed(client, mine)).toEqual(["c1"]);
    expect(findConversation(client, "c1")).toMatchObject({ unread: 1, assignee: ME });
  });

  it("of one that no list knows is for the server to complete", () => {
    const client = clientWith([[open, []]]);
    expect(applyConversations(client, [event()])).toMatchObject([{ chatId: "c1", query: open }]);
  });

  it("reading takes it out of the unread ones, unless it is the open one", () => {
    const unread = toQuery({ unread: true });
    const item = conversation({ unread: 1, inbound_count: 4 });
    const client = clientWith([[unread, [item]]]);
    setOpenConversation("c1");
    applyRead(client, "c1", 4);
    expect(listed(client, unread)).toEqual(["c1"]);
    setOpenConversation(undefined);
    applyRead(client, "c1", 4);
    expect(listed(client, unread)).toEqual([]);
  });
});

describe("a list that is to be loaded again", () => {
  const state = (client: QueryClient) => client.getQueryState(keys.conversations(open));

  it("still is after changes, which make it no fresher", () => {
    const client = clientWith([[open, []]]);
    const loaded = { pages: [page(conversation({ inbound_count: 4, unread: 1 }))], pageParams: [null] };
    client.setQueryData(keys.conversations(open), loaded, { updatedAt: 1_000 });
    markOld(client, keys.conversations(open));
    applyConversations(client, [event({ priority: "high", inbound_count: 4 })]);
    expect(state(client)).toMatchObject({ isInvalidated: true, dataUpdatedAt: 1_000 });
    applyRead(client, "c1", 4);
    expect(findConversation(client, "c1")).toMatchObject({ priority: "high", unread: 0 });
    expect(state(client)).toMatchObject({ isInvalidated: true, dataUpdatedAt: 1_000 });
  });
});

describe("an answer for a list", () => {
  const at = (minute: number) => new Date(Date.UTC(2026, 4, 4, 10, minute)).toISOString();
  const item = (chat_id: string, minute: number, change: Partial<Conversation> = {}) => conversation({ chat_id, last_active: at(minute), ...change });
  const key = keys.conversations(open);
  const left: (() => void)[] = [];

  /** An open list with a page and one more to come; each answer waits until the test gives it. */
  function opened(isKnown = true) {
    const client = clientWith([[mine, []]]);
    if (isKnown) client.setQueryData(key, { pages: [{ items: [item("a", 50), item("b", 40)], next: "n" }], pageParams: [null] });
    const answers: ((items: Conversation[], next?: string | null) => Promise<void>)[] = [];
    const list = new InfiniteQueryObserver(client, {
      queryKey: key,
      queryFn: ({ signal }) =>
        new Promise<Page<Conversation>>((resolve, reject) => {
          signal.addEventListener("abort", () => reject(new Error("left")));
          answers.push(async (items, next = null) => {
            resolve({ items, next });
            await new Promise((done) => setTimeout(done));
          });
        }),
      initialPageParam: null as string | null,
      getNextPageParam: (last: Page<Conversation>) => last.next,
      staleTime: Infinity,
      retry: false,
    });
    const complete = vi.fn();
    left.push(followAnswers(client, complete));
    const leave = list.subscribe(() => undefined);
    left.push(leave);
    return { client, answers, list, leave, complete };
  }

  afterEach(() => {
    for (const each of left.splice(0)) each();
    expect(isAwaited()).toBe(false);
    vi.unstubAllGlobals();
  });

  it("of the next page leaves what came to the pages before it", async () => {
    const { client, answers, list } = opened();
    void list.fetchNextPage();
    applyConversations(client, [event({ chat_id: "a", status: "closed", last_active: at(50) }), item("new", 55)]);
    applyRead(client, "c", 4);
    await answers[0]?.([item("c", 30, { inbound_count: 4, unread: 1 })]);
    expect(listed(client, open)).toEqual(["new", "b", "c"]);
    expect(findConversation(client, "c")).toMatchObject({ unread: 0, read_count: 4 });
  });

  it("that was made before a change does not undo it, and one that tells of more stands", async () => {
    const { client, answers, list } = opened();
    applyConversations(client, [event({ chat_id: "b", priority: "low", last_active: at(40) })]);
    void list.refetch();
    applyConversations(client, [event({ chat_id: "a", priority: "urgent", last_active: at(50) })]);
    applyConversations(client, [event({ chat_id: "x", last_message: "Old", last_active: at(20) })]);
    await answers[0]?.([item("x", 60, { last_message: "New", inbound_count: 4 }), item("a", 50), item("b", 40, { priority: "high" })]);
    expect(listed(client, open)).toEqual(["x", "a", "b"]);
    const shown = flatten(client.getQueryData<ConversationPages>(key)?.pages);
    expect(shown).toMatchObject([{ last_message: "New" }, { priority: "urgent" }, { priority: "high" }]);
  });

  it("without a conversation that came meanwhile, and that nobody knows, is completed by the server", async () => {
    const { client, answers, complete } = opened(false);
    expect(applyConversations(client, [event({ chat_id: "new" })])).toEqual([]);
    await answers[0]?.([item("a", 50)]);
    expect(complete).toHaveBeenCalledExactlyOnceWith({ chatId: "new", queryKey: key, query: open, active: true });
  });

  it("is changed by nothing that came before it was asked for, or after it has come", async () => {
    const { client, answers, list } = opened();
    void list.refetch();
    await answers[0]?.([item("a", 50), item("b", 40)]);
    applyConversations(client, [event({ chat_id: "a", priority: "urgent", last_active: at(50) })]);
    let written = 0;
    left.push(client.getQueryCache().subscribe((change) => {
      if (change.type === "updated" && change.action.type === "success") written++;
    }));
    void list.refetch();
    await answers[1]?.([item("a", 50), item("b", 40)]);
    expect(findConversation(client, "a")?.priority).toBe("normal");
    expect(written).toBe(1);
  });

  it("of another page, or that nobody waited for, does not count as one for the whole list", async () => {
    const { client, answers, list, leave } = opened();
    markOld(client, key);
    void list.fetchNextPage();
    await answers[0]?.([item("c", 30)]);
    expect(listed(client, open)).toEqual(["a", "b", "c"]);
    expect(client.getQueryState(key)?.isInvalidated).toBe(true);
    void list.refetch();
    applyConversations(client, [event({ chat_id: "a", priority: "urgent", last_active: at(50) })]);
    leave();
    expect(client.getQueryState(key)).toMatchObject({ isInvalidated: true, fetchStatus: "idle" });
    expect(findConversation(client, "a")?.priority).toBe("urgent");
  });

  it("with the whole list makes it new", async () => {
    const { client, answers, list } = opened();
    markOld(client, key);
    void list.refetch();
    await answers[0]?.([item("a", 50)]);
    expect(client.getQueryState(key)?.isInvalidated).toBe(false);
    expect(isAwaited()).toBe(false);
  });

  it("that takes long gets the latest changes, one of each conversation and not without end", () => {
    const arrivals = new Arrivals();
    left.push(() => arrivals.end());
    const brought: number[] = [];
    for (let number = 0; number < 7_000; number++) {
      arrivals.add(`c${number % 6_000}`, (pages) => {
        brought.push(number);
        return pages;
      });
    }
    arrivals.onto({ pages: [], pageParams: [] }, {}, () => undefined);
    expect(brought).toHaveLength(5_000);
    expect([brought[0], brought.at(-1)]).toEqual([2_000, 6_999]);
  });

  it("with its first page comes after the one for the whole list, and leaves what came meanwhile", async () => {
    const { client, answers, list } = opened();
    const given: ((page: Page<Conversation>) => void)[] = [];
    vi.stubGlobal("fetch", () => new Promise((resolve) => given.push((first) => resolve(new Response(JSON.stringify(first))))));
    const live = new LiveConversations(client);
    left.push(() => live.stop());
    for (let number = 0; number < 6; number++) live.conversation(event({ chat_id: `n${number}`, last_active: at(51) }));
    void list.refetch();
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(given).toHaveLength(0);
    await answers[0]?.([item("a", 50), item("b", 40)]);
    expect(given).toHaveLength(1);
    applyConversations(client, [event({ chat_id: "a", priority: "urgent", last_active: at(50) })]);
    given[0]?.({ items: [item("n5", 51), item("a", 50)], next: "n" });
    await vi.waitFor(() => expect(listed(client, open)).toContain("n5"));
    expect(findConversation(client, "a")?.priority).toBe("urgent");
  });
});

describe("what the open thread has read", () => {
  afterEach(() => vi.restoreAllMocks());

  it("is in the lists as well, and two states in a row come to rest at the last", async () => {
    const client = clientWith([[open, [conversation({ inbound_count: 5, read_count: 3, unread: 2 })]]]);
    const turns = vi.spyOn(globalThis, "queueMicrotask").mockImplementation((turn) => {
      // What never comes to rest would hold the test up, and not fail it.
      if (turns.mock.calls.length < 50) void Promise.resolve().then(turn);
    });
    const changed = vi.fn();
    const stop = followReads(client, changed);
    for (const read_count of [4, 5]) {
      client.setQueryData(keys.conversation("c1"), conversation({ inbound_count: 5, read_count, unread: 5 - read_count }));
    }
    await new Promise((resolve) => setTimeout(resolve));
    stop();
    expect(turns.mock.calls.length).toBeLessThan(50);
    expect(changed).toHaveBeenCalledOnce();
    expect(findConversation(client, "c1")).toMatchObject({ read_count: 5, unread: 0 });
    expect(client.getQueryData<ConversationPages>(keys.conversations(open))?.pages[0]?.items[0]).toMatchObject({ read_count: 5, unread: 0 });
  });
});

describe("live", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("a burst is one change of the list, with the last state of each conversation", () => {
    const client = clientWith([[open, [conversation()]]]);
    const live = new LiveConversations(client);
    const changes = vi.fn();
    client.getQueryCache().subscribe(changes);
    for (let count = 4; count < 40; count++) live.conversation(event({ inbound_count: count }));
    vi.advanceTimersByTime(100);
    expect(changes).toHaveBeenCalledTimes(1);
    expect(findConversation(client, "c1")?.unread).toBe(36);
    live.stop();
  });

  it("a list that nobody looks at is loaded again when somebody does", () => {
    const client = clientWith([[open, []]]);
    const live = new LiveConversations(client);
    live.conversation(event());
    vi.advanceTimersByTime(100);
    expect(client.getQueryState(keys.conversations(open))?.isInvalidated).toBe(true);
    live.stop();
  });
});

it("a new first page keeps the older ones below it", () => {
  const at = (minute: number) => new Date(Date.UTC(2026, 4, 4, 10, minute)).toISOString();
  const item = (chat_id: string, minute: number) => conversation({ chat_id, last_active: at(minute) });
  const old = {
    pages: [{ items: [item("c", 30), item("b", 20)], next: "x" }, { items: [item("a", 10)], next: null }],
    pageParams: [null, "x"],
  };
  const next = withFirstPage(old, { items: [item("n", 50), item("c", 40)], next: "y" });
  expect(flatten(next.pages).map((each) => each.chat_id).join("")).toBe("ncba");
});

it("a first page on which nothing was found, with more to come, drops nothing", () => {
  const old = { pages: [{ items: [conversation()], next: "x" }], pageParams: [null] };
  expect(withFirstPage(old, { items: [], next: "y" })).toBe(old);
  expect(flatten(withFirstPage(old, { items: [], next: null }).pages)).toEqual([]);
});
