import { describe, expect, it } from "vitest";
import { segments } from "@/features/composer/sms-segments";

describe("the parts of an SMS", () => {
  it("takes 160 plain letters as one", () => {
    expect(segments("a".repeat(160))).toEqual({ encoding: "GSM-7", units: 160, parts: 1, left: 0 });
  });
  it("takes 161 as two of 153", () => {
    expect(segments("a".repeat(161))).toMatchObject({ parts: 2, left: 2 * 153 - 161 });
    expect(segments("a".repeat(306)).parts).toBe(2);
    expect(segments("a".repeat(307)).parts).toBe(3);
  });
  it("counts the letters of the extension twice", () => {
    expect(segments("€".repeat(80))).toMatchObject({ encoding: "GSM-7", units: 160, parts: 1 });
    expect(segments(`${"€".repeat(80)}a`).parts).toBe(2);
  });
  it("never parts an escape from its letter", () => {
    // 152 letters leave one septet, in which no bracket goes.
    expect(segments(`${"a".repeat(152)}{${"a".repeat(151)}`)).toMatchObject({ units: 305, parts: 2, left: 0 });
    expect(segments(`${"a".repeat(152)}{${"a".repeat(152)}`).parts).toBe(3);
  });
  it("takes 70 letters where one is outside the alphabet", () => {
    expect(segments("я".repeat(70))).toMatchObject({ encoding: "UCS-2", parts: 1, left: 0 });
    expect(segments("я".repeat(71))).toMatchObject({ parts: 2, left: 2 * 67 - 71 });
  });
  it("counts an emoji twice and keeps it whole", () => {
    expect(segments("😀".repeat(35))).toMatchObject({ encoding: "UCS-2", units: 70, parts: 1 });
    expect(segments("😀".repeat(67))).toMatchObject({ units: 134, parts: 3 });
  });
  it("knows ç only as a capital", () => {
    expect(segments("Ç").encoding).toBe("GSM-7");
    expect(segments("ç").encoding).toBe("UCS-2");
  });
  it("has none for no text", () => {
    expect(segments("").parts).toBe(0);
  });
});
