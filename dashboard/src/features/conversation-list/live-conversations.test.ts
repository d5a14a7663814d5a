import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { applyConversations, applyRead, findConversation, followReads, setOpenConversation } from "@/features/conversation-list/conversation-cache";
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
