import { fireEvent, render, renderHook } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { comboKeys, useHotkey, useHotkeyList } from "@/lib/hotkeys";

function pressed(combo: string, options?: Parameters<typeof useHotkey>[2]) {
  const handler = vi.fn();
  renderHook(() => useHotkey(combo, handler, options));
  return handler;
}

test("Alt and a letter work by the key's place, whatever sign it makes there", () => {
  const handler = pressed("alt+j");
  fireEvent.keyDown(document.body, { key: "∆", code: "KeyJ", altKey: true });
  fireEvent.keyDown(document.body, { key: "о", code: "KeyJ", altKey: true });
  fireEvent.keyDown(document.body, { key: "j", code: "KeyJ" });
  expect(handler).toHaveBeenCalledTimes(2);
});

test("a single key does nothing while one types, and a combination does", () => {
  const { getByRole } = render(<input aria-label="Text" />);
  const single = pressed("?");
  const combination = pressed("mod+k");
  fireEvent.keyDown(getByRole("textbox"), { key: "?", shiftKey: true });
  fireEvent.keyDown(getByRole("textbox"), { key: "k", code: "KeyK", ctrlKey: true });
  expect(single).not.toHaveBeenCalled();
  expect(combination).toHaveBeenCalledTimes(1);
  fireEvent.keyDown(document.body, { key: "?", shiftKey: true });
  expect(single).toHaveBeenCalledTimes(1);
});

test("Shift makes another key of a letter, and keys of an input method are text", () => {
  const handler = pressed("mod+k");
  fireEvent.keyDown(document.body, { key: "K", code: "KeyK", ctrlKey: true, shiftKey: true });
  fireEvent.keyDown(document.body, { key: "k", code: "KeyK", ctrlKey: true, isComposing: true });
  expect(handler).not.toHaveBeenCalled();
});

test("the last that asked for a key has it, until it goes", () => {
  const first = pressed("escape");
  const second = vi.fn();
  const { unmount } = renderHook(() => useHotkey("escape", second));
  fireEvent.keyDown(document.body, { key: "Escape" });
  unmount();
  fireEvent.keyDown(document.body, { key: "Escape" });
  expect([first.mock.calls.length, second.mock.calls.length]).toEqual([1, 1]);
});

test("keys with a label are listed while they work", () => {
  const { result } = renderHook(() => useHotkeyList());
  const { unmount } = renderHook(() => useHotkey("alt+e", () => undefined, { label: "Close", group: "Thread" }));
  expect(result.current).toEqual([{ combo: "alt+e", label: "Close", group: "Thread" }]);
  unmount();
  expect(result.current).toEqual([]);
});

test("keys are shown by their names", () => {
  expect(comboKeys("mod+shift+enter")).toEqual(["Ctrl", "Shift", "Enter"]);
});
