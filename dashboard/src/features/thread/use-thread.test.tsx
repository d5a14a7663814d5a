import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { message, range } from "@/features/thread/fixtures";
import { putMessage, useThread, type ThreadLoading } from "@/features/thread/use-thread";

interface Asked {
  path: string;
  answer: (from: number, to: number, newer?: string | null) => Promise<void>;
}

let asked: Asked[];
let client: QueryClient;

/** The server, with the test deciding when it answers what. */
beforeEach(() => {
  asked = [];
  client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  vi.stubGlobal("fetch", (path: string) => new Promise<Response>((resolve) => {
    const answer: Asked["answer"] = (from, to, newer = null) => act(async () => {
      resolve(Response.json({ items: range(from, to), next: null, newer, first_unread: null }));
      await new Promise((done) => setTimeout(done));
    });
    asked.push({ path, answer });
  }));
});
afterEach(() => {
  vi.unstubAllGlobals();
});

/** A thread of 200 messages whose reader has jumped to its middle. */
async function readingHistory() {
  const wrapper = ({ children }: { children: ReactNode }) => <QueryClientProvider client={client}>{children}</QueryClientProvider>;
  const { result } = renderHook(() => useThread("c1"), { wrapper });
  await asked[0]!.answer(151, 200);
  act(() => void result.current.jump({ around: "m75" }));
  await request(2);
  await asked[1]!.answer(51, 100, "m100");
  return () => result.current;
}

const request = (count: number) => act(() => vi.waitFor(() => expect(asked).toHaveLength(count)));

const holds = (thread: () => ThreadLoading, from: number, to: number) =>
  act(() => vi.waitFor(() => expect(thread().thread?.items.map((each) => each.seq)).toEqual(range(from, to).map((each) => each.seq))));

test("what comes while the end is being loaded is there when one has gone to it", async () => {
  const thread = await readingHistory();
  act(() => void thread().jump("latest"));
  await request(3);
  act(() => putMessage(client, message(201)));
  await asked[2]!.answer(151, 200);
  await request(4);
  await asked[3]!.answer(152, 201);
  await holds(thread, 151, 201);
  expect(asked).toHaveLength(4);
});

test("what comes while one scrolls down to the end is there", async () => {
  const thread = await readingHistory();
  act(() => void thread().load("newer"));
  await request(3);
  act(() => putMessage(client, message(121)));
  await asked[2]!.answer(101, 120);
  await request(4);
  await asked[3]!.answer(72, 121);
  await holds(thread, 51, 121);
});

test("in the middle nothing is asked for twice", async () => {
  const thread = await readingHistory();
  act(() => void thread().load("newer"));
  await request(3);
  await asked[2]!.answer(101, 150, "m150");
  await holds(thread, 51, 150);
  expect(asked).toHaveLength(3);
});
