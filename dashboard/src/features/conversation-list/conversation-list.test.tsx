import { QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { act, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Conversation, Page } from "@/api/types";
import { TooltipProvider } from "@/components/ui/tooltip";
import { applyConversations } from "@/features/conversation-list/conversation-cache";
import { ConversationList } from "@/features/conversation-list/conversation-list";
import { conversation, ME } from "@/features/conversation-list/testing";
import { keys, queryClient } from "@/lib/query";

interface Call {
  query: URLSearchParams;
  answer: (page: Page<Conversation>) => void;
  refuse: () => void;
}

/** Requests for lists wait until the test answers them; the rest of the page has nothing. */
let calls: Call[];

beforeEach(() => {
  calls = [];
  vi.stubGlobal("fetch", (path: string) => {
    const url = new URL(path, "http://frontdesk.test");
    if (url.pathname !== "/api/v1/conversations") return Promise.resolve(new Response(JSON.stringify({ items: [] })));
    return new Promise<Response>((resolve) => {
      calls.push({
        query: url.searchParams,
        answer: (page) => resolve(new Response(JSON.stringify(page))),
        refuse: () => resolve(new Response(JSON.stringify({ detail: "no" }), { status: 400 })),
      });
    });
  });
  vi.stubGlobal("scrollTo", () => undefined);
  queryClient.setQueryData(keys.me, { ...ME, role: "agent", features: {} });
  const root = createRootRoute({ component: () => <ConversationList chatId={undefined} filters={{}} onFilters={() => undefined} /> });
  const router = createRouter({ routeTree: root, history: createMemoryHistory() });
  render(
    <QueryClientProvider client={queryClient}>
      <TooltipProvider>
        <RouterProvider router={router as never} />
      </TooltipProvider>
    </QueryClientProvider>,
  );
});

afterEach(() => {
  vi.unstubAllGlobals();
  queryClient.clear();
});

const asked = (count: number) => waitFor(() => expect(calls).toHaveLength(count));
const all = [1, 2, 3].map((number) => conversation({ chat_id: `c${number}` }));

async function withFirst(page: Page<Conversation>): Promise<void> {
  await asked(1);
  act(() => calls[0]?.answer(page));
}

it("looks on while nothing is here and there is more, and only then says that all is done", async () => {
  await withFirst({ items: [], next: "n1" });
  await asked(2);
  expect(calls[1]?.query.get("cursor")).toBe("n1");
  expect(screen.getByText("Loading")).toBeDefined();
  act(() => calls[1]?.answer({ items: [], next: null }));
  await asked(3);
  expect(calls[2]?.query.has("status")).toBe(false);
  expect(screen.queryByText("All done")).toBeNull();
  act(() => calls[2]?.answer({ items: [], next: "n1" }));
  await screen.findByText("All done");
  expect(calls).toHaveLength(3);
});

it("loads the others when all that were here are gone", async () => {
  await withFirst({ items: all, next: "n1" });
  await asked(2);
  act(() => calls[1]?.refuse());
  await screen.findByRole("alert");
  act(() => void applyConversations(queryClient, all.map((each) => ({ ...each, status: "closed" }))));
  await asked(3);
  expect(calls[2]?.query.get("cursor")).toBe("n1");
  expect(screen.queryByText("All done")).toBeNull();
  act(() => calls[2]?.answer({ items: [conversation({ chat_id: "c4" })], next: null }));
  await screen.findByRole("listbox");
});

it("tells that they could not be loaded, and tries the same again", async () => {
  await withFirst({ items: [], next: "n1" });
  await asked(2);
  act(() => calls[1]?.refuse());
  fireEvent.click(await screen.findByRole("button", { name: "Try again" }));
  await asked(3);
  expect(calls[2]?.query.get("cursor")).toBe("n1");
});

it("asks for more once the whole list has come again", async () => {
  await withFirst({ items: [], next: "n1" });
  await asked(2);
  act(() => void queryClient.invalidateQueries({ queryKey: keys.conversations() }));
  await asked(3);
  expect(calls[2]?.query.has("cursor")).toBe(false);
  act(() => void applyConversations(queryClient, [conversation({ chat_id: "c9", priority: "high" })]));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(calls).toHaveLength(3);
  act(() => calls[2]?.answer({ items: all, next: "n2" }));
  await asked(4);
  expect(calls[3]?.query.get("cursor")).toBe("n2");
});
