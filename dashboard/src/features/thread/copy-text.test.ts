import { afterEach, expect, test, vi } from "vitest";
import { copyText } from "@/features/thread/copy-text";

afterEach(() => {
  vi.unstubAllGlobals();
});

test("a text is copied", async () => {
  const writeText = vi.fn(() => Promise.resolve());
  vi.stubGlobal("navigator", { clipboard: { writeText } });
  await copyText("hello");
  expect(writeText).toHaveBeenCalledWith("hello");
});

test("on a page that is not secure it is refused, and breaks nothing", async () => {
  vi.stubGlobal("navigator", {});
  await expect(copyText("hello")).rejects.toThrow();
});
