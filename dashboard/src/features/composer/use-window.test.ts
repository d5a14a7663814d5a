import { renderHook } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import type { Conversation } from "@/api/types";
import { windowLeft } from "@/features/composer/reply-window";
import { useNow } from "@/features/composer/use-window";
import { serverIsAhead } from "@/lib/fake-clock";

afterEach(() => serverIsAhead(0));

it("the window closes when the server says, whatever this computer's clock says", async () => {
  const closes = new Date(Date.now() + 60_000).toISOString();
  const conversation = { has_window: true, window_closes_at: closes } as Conversation;
  await serverIsAhead(3_600_000);
  const { result } = renderHook(() => useNow(conversation));
  expect(windowLeft(conversation, result.current)).toBe(0);
});
