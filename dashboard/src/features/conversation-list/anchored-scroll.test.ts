import { expect, it } from "vitest";
import { shiftOf } from "@/features/conversation-list/anchored-scroll";
import { conversation } from "@/features/conversation-list/testing";

const item = (chat_id: string, minute: number) =>
  conversation({ chat_id, last_active: new Date(Date.UTC(2026, 4, 4, 10, minute)).toISOString() });
const before = [item("d", 40), item("c", 30), item("b", 20), item("a", 10)];

it("what comes in above moves the rows in sight down by as much, and is counted", () => {
  const after = [item("x", 60), item("y", 50), ...before];
  expect(shiftOf(before, after, 2)).toEqual({ rows: 2, news: ["x", "y"] });
});

it("one from below that moves up counts, and shifts by one", () => {
  const after = [item("a", 50), item("d", 40), item("c", 30), item("b", 20)];
  expect(shiftOf(before, after, 1)).toEqual({ rows: 1, news: ["a"] });
});

it("holds on to the next row when the first in sight moves itself", () => {
  const after = [item("c", 50), item("d", 40), item("b", 20), item("a", 10)];
  expect(shiftOf(before, after, 1)).toEqual({ rows: 0, news: ["c"] });
});

it("what leaves above moves them up", () => {
  expect(shiftOf(before, before.slice(1), 2)).toEqual({ rows: -1, news: [] });
});

it("another list altogether has nothing to hold on to", () => {
  expect(shiftOf(before, [item("z", 5)], 0)).toEqual({ rows: 0, news: [] });
});
