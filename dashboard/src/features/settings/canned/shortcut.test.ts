import { describe, expect, it } from "vitest";
import { shortcutOf, unknownVariables } from "@/features/settings/canned/shortcut";

describe("a shortcut", () => {
  it.each([
    ["/Opening Hours", "opening-hours"],
    ["Devolución", "devolucion"],
    ["a.b!c", "abc"],
    ["x".repeat(60), "x".repeat(40)],
    ["ساعات", ""],
  ])("%s becomes %s", (typed, shortcut) => expect(shortcutOf(typed)).toBe(shortcut));
});

describe("a canned reply's variables", () => {
  it("are fine when they exist", () => {
    expect(unknownVariables("Hi {{ contact.first_name }}, order {{contact.attributes.order}} of {{business.name}}")).toEqual([]);
  });

  it("are named once when they do not", () => {
    expect(unknownVariables("{{name}} {{name}} {{contact.attributes.}}")).toEqual(["name", "contact.attributes."]);
  });
});
