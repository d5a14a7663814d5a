import { describe, expect, it } from "vitest";
import { barsOf } from "@/features/media/waveform";

describe("a waveform", () => {
  it("has as many bars as there is room for, however many peaks there are", () => {
    for (const peaks of [1, 7, 64, 1000]) {
      const bars = barsOf(Array.from({ length: peaks }, (_, place) => place % 101), 40);
      expect(bars).toHaveLength(40);
      expect(Math.max(...bars)).toBeLessThanOrEqual(1);
      expect(Math.min(...bars)).toBeGreaterThan(0);
    }
  });

  it("shows a line for silence and for what is not known", () => {
    expect(new Set(barsOf([0, 0, 0], 10))).toEqual(new Set(barsOf(null, 10)));
  });
});
