import { renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Me } from "@/api/types";
import { useAnothersSession } from "@/app/use-anothers-session";
import { isAnothers } from "@/lib/session";

const me = { person_id: "x", domain: "acme" } as Me;
const assign = vi.fn();

beforeEach(async () => {
  await isAnothers(me);
  vi.stubGlobal("location", { assign });
});
afterEach(() => {
  vi.unstubAllGlobals();
  assign.mockClear();
});

test("the page is loaded anew when another window has gone to another domain, and not when it is left", () => {
  const { unmount } = renderHook(() => useAnothersSession(me));
  localStorage.setItem("frontdesk:domain", '"beta"');
  const told = () => dispatchEvent(new StorageEvent("storage", { key: "frontdesk:domain", newValue: '"beta"' }));
  told();
  expect(assign).toHaveBeenCalledExactlyOnceWith("/inbox");
  unmount();
  told();
  expect(assign).toHaveBeenCalledTimes(1);
});

test("the page is loaded anew when the server names somebody else", async () => {
  const { rerender } = renderHook((now) => useAnothersSession(now), { initialProps: me });
  rerender({ ...me, name: "X" });
  await new Promise((done) => setTimeout(done));
  expect(assign).not.toHaveBeenCalled();
  rerender({ ...me, person_id: "y" });
  await vi.waitFor(() => expect(assign).toHaveBeenCalledExactlyOnceWith("/inbox"));
});
