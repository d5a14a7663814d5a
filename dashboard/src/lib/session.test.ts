import { expect, test } from "vitest";
import { safeReturn } from "@/lib/session";

test.each(["/inbox/1?unread=true#x", "/settings/labels"])("one comes back to %s", (path) => {
  expect(safeReturn(path)).toBe(path);
});

test.each([
  undefined, "", "https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "/sign-in?x", "/\t/evil.example",
])("%j leads to the inbox", (path) => {
  expect(safeReturn(path)).toBe("/inbox");
});
