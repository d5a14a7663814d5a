import { expect, it } from "vitest";
import { duration, stepsOf } from "@/features/thread/stages";

it.each([
  [0.4, "0 ms"], [340, "340 ms"], [2100, "2.1 sec"], [185_000, "3 min 5 sec"], [119_900, "2 min"],
  [7_440_000, "2 hr 4 min"], [180_000_000, "2 days 2 hr"],
])("says %d ms as %s", (ms, words) => {
  expect(duration(ms, "en")).toBe(words);
});

it("counts each stage from the one before", () => {
  const stages = [
    { stage: "received", at: "2026-02-03T12:00:00.000Z" },
    { stage: "answered", at: "2026-02-03T12:00:01.500Z" },
  ];
  expect(stepsOf(stages).map((step) => step.took)).toEqual([null, 1500]);
});
