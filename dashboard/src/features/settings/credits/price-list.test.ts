import { describe, expect, it } from "vitest";
import type { Price } from "@/api/outreach-types";
import { linesOf, lineProblems, newLine, pricesOf, type PriceLine } from "@/features/settings/credits/price-list";

const price: Price = { channel: "wmsg", direction: "out", call_type: null, category: "marketing", country: "ES", unit: "message", price: 4.5 };
const line = (change: Partial<PriceLine> = {}): PriceLine => ({ ...newLine([]), price: "3", ...change });

describe("a price list", () => {
  it("is saved as it was loaded", () => {
    const all: Price[] = [price, { ...price, channel: null, direction: null, category: null, country: null, price: 0 }];
    expect(pricesOf(linesOf(all))).toEqual(all);
  });

  it("takes decimals with a comma, and countries in small letters", () => {
    expect(pricesOf([line({ price: "2,5", country: "es" })])[0]).toMatchObject({ price: 2.5, country: "ES" });
  });

  it.each<[Partial<PriceLine>, string]>([
    [{ price: "" }, "price"],
    [{ price: "-1" }, "price"],
    [{ country: "Spain" }, "country"],
    [{ channel: "model" }, "unit"],
    [{ unit: "thousand_tokens" }, "unit"],
  ])("%j is refused", (change, problem) => {
    expect([...lineProblems([line(change)]).values()]).toEqual([problem]);
  });

  it("has one price for each matter: the second line is the one to mend", () => {
    const lines = [line({ key: 4, country: "ES" }), line({ key: 7, country: "es" }), line({ key: 8 })];
    expect([...lineProblems(lines)]).toEqual([[7, "twice"]]);
  });

  it("gives every new line a key of its own", () => {
    expect(newLine([line({ key: 4 })]).key).toBe(5);
  });
});
