import { expect, test } from "vitest";
import type { Campaign, Counts } from "@/api/campaign-types";
import { doneShare, freshFor, isDraft, percent, stagesOf } from "@/features/campaigns/funnel";

const counts: Counts = { rows: 200, waiting: 20, writing: 5, sent: 150, delivered: 110, read: 50, answered: 12, failed: 10, skipped: 15, canceled: 0 };
const campaign = (part: Partial<Campaign>): Campaign =>
  ({ status: "running", counts, progress: { bytes: 0, of: null, lines: 0 }, started_by_hand: true, ...part }) as Campaign;

test("each step is measured against all recipients", () => {
  expect(stagesOf(counts).map(({ name, count, share }) => [name, count, share])).toEqual([
    ["queued", 200, 1], ["sent", 150, 0.75], ["delivered", 110, 0.55], ["read", 50, 0.25], ["answered", 12, 0.06],
  ]);
});

test("a campaign without recipients has no shares, and not a division by zero", () => {
  const none = Object.fromEntries(Object.keys(counts).map((name) => [name, 0])) as unknown as Counts;
  expect(stagesOf(none).every(({ share }) => share === 0)).toBe(true);
  expect(doneShare(campaign({ counts: none }))).toBe(0);
});

test("what waits and what is being written is still to be done", () => {
  expect(doneShare(campaign({}))).toBeCloseTo(175 / 200);
});

test("an import is measured by the bytes of its file", () => {
  expect(doneShare(campaign({ status: "importing", progress: { bytes: 30, of: 120, lines: 4 } }))).toBe(0.25);
});

test("what starts by itself is no draft, also while it is imported", () => {
  expect(isDraft(campaign({ status: "ready" }))).toBe(true);
  expect(isDraft(campaign({ status: "importing" }))).toBe(true);
  expect(isDraft(campaign({ status: "importing", started_by_hand: false }))).toBe(false);
});

test("numbers are asked for while messages may still arrive or be answered", () => {
  const ended = campaign({ status: "done", started_at: "2026-11-21T09:00:00Z", finished_at: "2026-11-21T09:05:00Z" });
  const after = (minutes: number) => freshFor(ended, Date.parse("2026-11-21T09:05:00Z") + minutes * 60_000);
  expect([after(1), after(30), after(25 * 60)]).toEqual([5000, 60_000, false]);
  expect(freshFor(campaign({ status: "running" }))).toBe(5000);
  expect(freshFor(campaign({ status: "ready", started_at: null }))).toBe(false);
});

test("small shares keep a digit", () => {
  expect([0, 0.004, 0.45, 1].map(percent)).toEqual(["0%", "0.4%", "45%", "100%"]);
});
