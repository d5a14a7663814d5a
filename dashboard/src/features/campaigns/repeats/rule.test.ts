import { expect, test } from "vitest";
import type { Repeat } from "@/api/campaign-types";
import { clockTime, formOf, momentThere, planOf, ruleOf, startOf, weekdayName } from "@/features/campaigns/repeats/rule";

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

test("times are told by one clock: that of the rule's place, as the language writes it", () => {
  expect(clockTime("21:30", "de")).toBe("21:30");
  expect(clockTime("21:30", "en")).toMatch(/^9:30\sPM$/);
  expect(momentThere("2026-11-23T08:00:00Z", "Europe/Madrid", "de")).toContain("9:00");
});

const repeat: Repeat = {
  repeat_id: "r1", name: "Monday", segment_id: "s1", state: "active", next_at: null,
  rule: { every: "month", on: 3, at: "10:00", timezone: "Europe/Madrid" },
  plan: { channel: "sms", template_id: "t1", variables: { 1: { column: "name" } }, quiet_hours: { from: "21:00", to: "08:00" }, rate: 5 },
};

test("one that is edited begins as it is", () => {
  expect(startOf(repeat)).toMatchObject({ name: "Monday", segment: "s1", channel: "sms", rule: repeat.rule, plan: { by: "template", template_id: "t1" } });
  expect(startOf({ ...repeat, plan: { channel: "wmsg", instruction: "Remind them" } }).plan).toMatchObject({ by: "assistant", instruction: "Remind them" });
  expect(startOf(null)).toMatchObject({ name: "", channel: "wmsg", plan: { by: "template", template_id: null } });
});

test("what the form does not ask for stays as it was", () => {
  const { channel, plan } = startOf(repeat);
  expect(planOf(repeat.plan, channel, plan)).toMatchObject(repeat.plan);
  expect(planOf(repeat.plan, channel, { ...plan, by: "assistant", instruction: " Ask " })).toMatchObject({ template_id: null, variables: {}, instruction: "Ask", rate: 5 });
});
