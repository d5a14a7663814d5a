import { QueryClient } from "@tanstack/react-query";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Conversation } from "@/api/types";
import { applyConversations, findConversation } from "@/features/conversation-list/conversation-cache";
import { changeConversation, changeConversations, inverse, markRead } from "@/features/conversation-list/conversation-changes";
import { toQuery } from "@/features/conversation-list/filters";
import { type ConversationPages, flatten } from "@/features/conversation-list/pages";
import { conversation, event, ME } from "@/features/conversation-list/testing";
import { keys } from "@/lib/query";

interface Call {
  path: string;
  body: unknown;
  answer: (status: number, body: unknown) => void;
}

/** The network: each request waits until the test answers it. */
function network(): Call[] {
  const calls: Call[] = [];
  vi.stubGlobal("fetch", (path: string, init: RequestInit) => {
    return new Promise<Response>((resolve) => {
      const answer = (status: number, body: unknown) => resolve(new Response(JSON.stringify(body), { status }));
      calls.push({ path, body: JSON.parse(init.body as string) as unknown, answer });
    });
  });
  return calls;
}

function clientWith(...items: Conversation[]): QueryClient {
  const client = new QueryClient();
  client.setQueryData(keys.me, ME);
  client.setQueryData(keys.conversations(toQuery({})), { pages: [{ items, next: null }], pageParams: [null] });
  return client;
}

const shown = (client: QueryClient) => flatten(client.getQueryData<ConversationPages>(keys.conversations(toQuery({})))?.pages);

afterEach(() => vi.unstubAllGlobals());

describe("a change", () => {
  it("is shown before the server has answered, and is what the server says after", async () => {
    const calls = network();
    const client = clientWith(conversation());
    const done = changeConversation(conversation(), { assignee_id: ME.person_id }, client);
    expect(shown(client)[0]?.assignee).toEqual(ME);
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    calls[0]?.answer(200, conversation({ assignee: ME, priority: "high" }));
    await done;
    expect(calls[0]).toMatchObject({ path: "/api/v1/conversations/c1", body: { assignee_id: ME.person_id } });
    expect(shown(client)[0]).toMatchObject({ assignee: ME, priority: "high" });
  });

  it("that is refused is taken back, and what came live meanwhile stays", async () => {
    const calls = network();
    const client = clientWith(conversation());
    client.setQueryData(keys.conversation("c1"), conversation());
    const done = changeConversation(conversation(), { status: "closed" }, client);
    expect(shown(client)).toEqual([]);
    applyConversations(client, [event({ status: "closed", last_message: "Are you there?" })]);
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    calls[0]?.answer(403, { detail: "viewers read" });
    await expect(done).rejects.toThrow("viewers read");
    expect(shown(client)[0]).toMatchObject({ status: "open", last_message: "Are you there?" });
    expect(findConversation(client, "c1")?.status).toBe("open");
  });

  it("waits for the one before it, whose answer does not flash", async () => {
    const calls = network();
    const client = clientWith(conversation());
    const first = changeConversation(conversation(), { priority: "high" }, client);
    const second = changeConversation(conversation(), { priority: "low" }, client);
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    calls[0]?.answer(200, conversation({ priority: "high" }));
    await first;
    expect(shown(client)[0]?.priority).toBe("low");
    await vi.waitFor(() => expect(calls).toHaveLength(2));
    calls[1]?.answer(200, conversation({ priority: "low" }));
    await second;
    expect(shown(client)[0]?.priority).toBe("low");
  });

  it("is brought back by its inverse", () => {
    const before = conversation({ status: "snoozed", snoozed_until: "2026-06-01T09:00:00Z", assignee: ME });
    expect(inverse(before, { status: "closed", assignee_id: null, labels: ["x"] })).toEqual({
      status: "snoozed", snoozed_until: "2026-06-01T09:00:00Z", assignee_id: ME.person_id, labels: [],
    });
  });
});

describe("many at once", () => {
  it("those with the same change go together, at most a hundred at a time", async () => {
    const calls = network();
    const items = Array.from({ length: 120 }, (_, at) => conversation({ chat_id: `c${at}` }));
    const client = clientWith(...items);
    const done = changeConversations(items.map((before) => ({ before, change: { status: "closed" as const } })), client);
    expect(shown(client)).toEqual([]);
    for (const number of [1, 2]) {
      await vi.waitFor(() => expect(calls).toHaveLength(number));
      calls[number - 1]?.answer(200, { changed: 1 });
    }
    await done;
    expect(calls.map(({ body }) => (body as { chat_ids: string[] }).chat_ids.length)).toEqual([100, 20]);
  });
});

it("marking as unread counts one, and the server's count stands", async () => {
  const calls = network();
  const client = clientWith(conversation());
  const done = markRead(conversation(), false, client);
  expect(shown(client)[0]?.unread).toBe(1);
  await vi.waitFor(() => expect(calls).toHaveLength(1));
  calls[0]?.answer(200, { read_count: 1 });
  await done;
  expect(shown(client)[0]).toMatchObject({ unread: 2, read_count: 1 });
});
