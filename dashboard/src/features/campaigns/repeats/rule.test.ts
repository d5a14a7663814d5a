import { expect, test } from "vitest";
import { formOf, ruleOf, weekdayName } from "@/features/campaigns/repeats/rule";

test("a daily rule has no day", () => {
  expect(ruleOf({ every: "day", on: 3, at: "09:00", timezone: "Europe/Madrid" })).toEqual({ every: "day", at: "09:00", timezone: "Europe/Madrid" });
  expect(ruleOf({ every: "month", on: 3, at: "09:00", timezone: "UTC" })).toMatchObject({ on: 3 });
});

test("weeks begin on Monday", () => {
  expect([weekdayName(1, "en"), weekdayName(7, "en"), weekdayName(1, "de")]).toEqual(["Monday", "Sunday", "Montag"]);
});

test("a new rule is in the person's own time zone", () => {
  expect(formOf(undefined)).toMatchObject({ every: "week", on: 1, at: "09:00", timezone: Intl.DateTimeFormat().resolvedOptions().timeZone });
});
