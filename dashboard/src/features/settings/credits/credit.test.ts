import { describe, expect, it } from "vitest";
import { amountOf, everyDay, levelOf, months, roundTop } from "@/features/settings/credits/credit";

it.each([
  [{ billed: false, balance: 0, low_balance: 50 }, "none"],
  [{ billed: true, balance: 0, low_balance: null }, "empty"],
  [{ billed: true, balance: 49.99, low_balance: 50 }, "low"],
  [{ billed: true, balance: 50, low_balance: 50 }, "fine"],
  [{ billed: true, balance: 1, low_balance: null }, "fine"],
])("%j is %s", (credits, level) => expect(levelOf(credits)).toBe(level));

it.each([
  ["500", 500],
  ["1 250,5", 1250.5],
  ["-20", -20],
  ["0.0001", 0.0001],
  ["0.00001", null],
  ["1.000,5", null],
  ["12e3", null],
  ["", null],
])("the amount %j is %s", (typed, amount) => expect(amountOf(typed)).toBe(amount));

describe("the days of a chart", () => {
  const days = [
    { day: "2026-11-19", spent: 9, topped_up: 100, balance: 91 },
    { day: "2026-11-21", spent: 3, topped_up: 0, balance: 88 },
  ];

  it("are all there, with the balance that stayed", () => {
    expect(everyDay(days, "2026-11-21", 3)).toEqual([days[0], { day: "2026-11-20", spent: 0, topped_up: 0, balance: 91 }, days[1]]);
  });

  it("go over the ends of months", () => {
    expect(everyDay([], "2026-03-01", 2).map((each) => each.day)).toEqual(["2026-02-28", "2026-03-01"]);
  });
});

it.each([[0, 10], [7, 10], [12, 20], [21, 25], [26, 50], [501, 1000], [1000, 1000], [0.3, 0.5]])("an axis for %d goes to %d", (most, top) => {
  expect(roundTop(most)).toBeCloseTo(top);
});

it("months go back over the turn of the year", () => {
  expect(months(new Date("2026-02-10T00:00:00Z"), 3)).toEqual(["2026-02", "2026-01", "2025-12"]);
});
