/** Before each test of components: a clean page, as for a person who reads English. */
import { cleanup } from "@testing-library/react";
import { afterEach, vi } from "vitest";

/** False where a test runs without a page, with Node's own network. */
const inPage = "window" in globalThis;

// What browsers have and jsdom has not.
if (inPage) {
  Element.prototype.scrollIntoView = () => undefined;
  Element.prototype.hasPointerCapture = () => false;
}
vi.stubGlobal("ResizeObserver", class {
  observe() {}
  unobserve() {}
  disconnect() {}
});
vi.stubGlobal("matchMedia", (media: string) => ({
  matches: false,
  media,
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
}));

afterEach(() => {
  if (!inPage) return;
  cleanup();
  localStorage.clear();
});
