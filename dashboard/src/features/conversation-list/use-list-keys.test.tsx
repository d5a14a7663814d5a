import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import type { Conversation } from "@/api/types";
import { conversation } from "@/features/conversation-list/testing";
import { useListKeys } from "@/features/conversation-list/use-list-keys";

const done = { onOpen: vi.fn(), onToggle: vi.fn(), onRange: vi.fn(), onSelectAll: vi.fn(), onEscape: vi.fn(() => false), scrollTo: vi.fn() };

function List({ items, chatId }: { items: Conversation[]; chatId?: string }) {
  const { activeId, onKeyDown } = useListKeys({ items, chatId, rowsInSight: 3, ...done });
  return (
    <div role="listbox" tabIndex={0} aria-label="list" aria-activedescendant={activeId} onKeyDown={onKeyDown}>
      {items.map((item) => <div key={item.chat_id} id={item.chat_id} role="option" aria-selected={false} />)}
    </div>
  );
}

const items = ["a", "b", "c", "d", "e"].map((chat_id) => conversation({ chat_id }));
const list = () => screen.getByRole("listbox");
const active = () => list().getAttribute("aria-activedescendant");
const press = (key: string, init = {}) => fireEvent.keyDown(list(), { key, ...init });

afterEach(() => {
  cleanup();
  vi.clearAllMocks();
});

it("arrows, Home, End and pages move within the list, and Enter opens", () => {
  render(<List items={items} />);
  const walk = ["ArrowDown", "PageDown", "ArrowDown", "ArrowUp", "Home", "ArrowUp", "End"].map((key) => {
    press(key);
    return active();
  });
  expect(walk).toEqual(["b", "e", "e", "d", "a", "a", "e"]);
  press("Enter");
  expect(done.onOpen).toHaveBeenCalledWith("e");
});

it("begins at the open conversation, and stays with a row that moves", () => {
  const { rerender } = render(<List items={items} chatId="c" />);
  press("ArrowDown");
  expect(active()).toBe("d");
  rerender(<List items={[items[3]!, items[0]!, items[1]!, items[2]!, items[4]!]} chatId="c" />);
  expect(active()).toBe("d");
  press("ArrowDown");
  expect(active()).toBe("a");
});

it("Space ticks, Shift takes the rows between, Ctrl+A all of them", () => {
  render(<List items={items} />);
  press(" ");
  press("ArrowDown", { shiftKey: true });
  press("a", { ctrlKey: true });
  expect(done.onToggle).toHaveBeenCalledWith("a");
  expect(done.onRange).toHaveBeenCalledWith("b", "a");
  expect(done.onSelectAll).toHaveBeenCalledTimes(1);
});

it("leaves keys with Alt, and Escape with nothing to leave, to the page", () => {
  render(<List items={items} />);
  expect(fireEvent.keyDown(list(), { key: "ArrowDown", altKey: true })).toBe(true);
  expect(fireEvent.keyDown(list(), { key: "Escape" })).toBe(true);
});
