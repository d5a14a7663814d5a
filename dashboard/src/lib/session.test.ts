import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Me } from "@/api/types";
import type * as Session from "@/lib/session";
import { safeReturn } from "@/lib/session";

test.each(["/inbox/1?unread=true#x", "/settings/labels"])("one comes back to %s", (path) => {
  expect(safeReturn(path)).toBe(path);
});

test.each([
  undefined, "", "https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "/sign-in?x", "/\t/evil.example",
])("%j leads to the inbox", (path) => {
  expect(safeReturn(path)).toBe("/inbox");
});

const STORED = "frontdesk:";
const someone = (person_id: string, domain = "acme") => ({ person_id, domain }) as Me;

/** What another window of this browser writes. */
function elsewhere(key: string, value: string | null): void {
  const newValue = value === null ? null : JSON.stringify(value);
  if (newValue === null) localStorage.removeItem(STORED + key);
  else localStorage.setItem(STORED + key, newValue);
  dispatchEvent(new StorageEvent("storage", { key: STORED + key, newValue }));
}

/** Each test is a page of its own. */
let page: typeof Session;
beforeEach(async () => {
  vi.resetModules();
  page = await import("@/lib/session");
});
afterEach(() => {
  vi.unstubAllGlobals();
});

test("a page is one person's in one domain", async () => {
  expect(await page.isAnothers(someone("x"))).toBe(false);
  expect(await page.isAnothers(someone("x"))).toBe(false);
  expect(await page.isAnothers(someone("x", "beta"))).toBe(true);
  expect(await page.isAnothers(someone("y"))).toBe(true);
});

test("what one left is forgotten before another who came without the sign-in page, and the page need not load twice", async () => {
  localStorage.setItem(`${STORED}person`, '"x"');
  localStorage.setItem(`${STORED}draft.x.c1`, "{}");
  expect(await page.isAnothers(someone("y"))).toBe(false);
  expect(localStorage.getItem(`${STORED}draft.x.c1`)).toBeNull();
});

test("a window that lags behind forgets nothing of who came meanwhile", async () => {
  await page.isAnothers(someone("x"));
  elsewhere("person", "y");
  localStorage.setItem(`${STORED}draft.y.c1`, "{}");
  expect(await page.isAnothers(someone("x"))).toBe(false);
  expect(await page.isAnothers(someone("y"))).toBe(true);
  expect(localStorage.getItem(`${STORED}draft.y.c1`)).toBe("{}");
});

test("a page that held one person's work is loaded anew for the next, also after they have signed out", async () => {
  await page.signedIn(someone("x"));
  elsewhere("person", null);
  expect(await page.signedIn(someone("y"))).toBe(true);
});

test.each([
  ["another person signs in", "person", "y"],
  ["they sign out", "person", null],
  ["they go to another domain", "domain", "beta"],
])("a window hears that %s in another one", async (_what, key, value) => {
  await page.isAnothers(someone("x"));
  const heard = vi.fn();
  const stop = page.onSessionElsewhere(heard);
  elsewhere("person", "x");
  elsewhere("domain", "acme");
  elsewhere("theme", "dark");
  expect(heard).not.toHaveBeenCalled();
  elsewhere(key, value);
  expect(heard).toHaveBeenCalledTimes(1);
  stop();
});

test("going to another domain tells the other windows", async () => {
  vi.stubGlobal("location", { assign: vi.fn() });
  vi.stubGlobal("fetch", () => Promise.resolve(new Response("{}")));
  await page.switchDomain("beta");
  expect(localStorage.getItem(`${STORED}domain`)).toBe('"beta"');
});
