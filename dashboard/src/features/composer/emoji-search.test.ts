import { beforeEach, describe, expect, it } from "vitest";
import { emojiByCategory, findEmoji, recentEmoji, rememberEmoji } from "@/features/composer/emoji-search";

beforeEach(() => localStorage.clear());

describe("the emoji", () => {
  it("are found by the beginnings of their words, the name before others", () => {
    expect(findEmoji("heart")[0]?.words).toMatch(/^heart/);
    expect(findEmoji("flag bra").map((each) => each.sign)).toEqual(["🇧🇷"]);
    expect(findEmoji("thanks").map((each) => each.sign)).toContain("🙏");
    expect(findEmoji("zzzz")).toEqual([]);
    expect(findEmoji("  ")).toEqual([]);
  });
  it("are all different and all have a name", () => {
    const all = emojiByCategory.flatMap((category) => category.emoji);
    expect(new Set(all.map((each) => each.sign)).size).toBe(all.length);
    expect(all.filter((each) => each.words.trim() === "")).toEqual([]);
  });
  it("that were used last come first, each once", () => {
    for (const sign of ["😀", "🙏", "😀"]) rememberEmoji(sign);
    expect(recentEmoji().map((each) => each.sign)).toEqual(["😀", "🙏"]);
  });
});
