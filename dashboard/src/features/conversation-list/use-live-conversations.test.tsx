import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { renderHook } from "@testing-library/react";
import { expect, it } from "vitest";
import type { Conversation, Page } from "@/api/types";
import { isAwaited } from "@/features/conversation-list/arrivals";
import { applyConversations, findConversation } from "@/features/conversation-list/conversation-cache";
import { toQuery } from "@/features/conversation-list/filters";
import { conversation, event } from "@/features/conversation-list/testing";
import { useLiveConversations } from "@/features/conversation-list/use-live-conversations";
import { keys } from "@/lib/query";

it("a list that is loaded while something changes has the change", async () => {
  const client = new QueryClient();
  const { unmount } = renderHook(useLiveConversations, {
    wrapper: ({ children }) => <QueryClientProvider client={client}>{children}</QueryClientProvider>,
  });
  let answer: (page: Page<Conversation>) => void = () => undefined;
  const loaded = client.infiniteQuery({
    queryKey: keys.conversations(toQuery({})),
    queryFn: () => new Promise<Page<Conversation>>((resolve) => (answer = resolve)),
    initialPageParam: null,
  });
  applyConversations(client, [event({ priority: "urgent" })]);
  answer({ items: [conversation()], next: null });
  await loaded;
  expect(findConversation(client, "c1")?.priority).toBe("urgent");
  expect(isAwaited()).toBe(false);
  unmount();
});
