import { expect, test } from "vitest";
import { formOf, isSound, numbersIn, ruleOf } from "@/features/contacts/segment-rule";

test("a rule goes into the form and comes back as it was", () => {
  const rule = {
    labels: ["l1"], language: "es", country: "ES", channel: "wmsg" as const, last_wrote_within_days: 30, not_written_for_days: 7,
    created_after: "2026-01-31", opted_out: false, attributes: { tier: "gold" },
  };
  expect(ruleOf(formOf(rule))).toEqual(rule);
});

test("what is left empty is not asked", () => {
  expect(ruleOf(formOf({}))).toEqual({});
  expect(ruleOf(formOf({ labels: null, channel: null, last_wrote_within_days: null, opted_out: null, attributes: null }))).toEqual({});
  expect(ruleOf({ ...formOf({}), country: " es ", attributes: [{ name: " ", value: "x" }] })).toEqual({ country: "ES" });
});

test("days are whole numbers and countries have two letters", () => {
  const form = formOf({});
  expect(isSound(form)).toBe(true);
  expect([{ wroteWithin: "0" }, { silentFor: "1.5" }, { silentFor: "9999" }, { country: "Spain" }].map((part) => isSound({ ...form, ...part }))).toEqual([false, false, false, false]);
});

test("pasted numbers are each taken once", () => {
  expect(numbersIn("+34600123456\n+34 600 123 457, +34600123456;\n\n")).toEqual(["+34600123456", "+34 600 123 457"]);
});
