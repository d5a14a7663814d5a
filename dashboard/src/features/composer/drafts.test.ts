import { act, renderHook } from "@testing-library/react";
import { expect, test } from "vitest";
import { drafts, useDraft } from "@/features/composer/drafts";

test("what another window has sent goes from the composer", () => {
  drafts.changeSide("p1", "c1", "reply", () => ({ text: "hello" }));
  drafts.flush();
  const { result } = renderHook(() => useDraft("p1", "c1"));
  const key = "frontdesk:draft.p1.c1";
  expect(localStorage.getItem(key)).toContain("hello");
  localStorage.removeItem(key);
  act(() => void dispatchEvent(new StorageEvent("storage", { key, newValue: null })));
  expect(result.current.reply.text).toBe("");
});
