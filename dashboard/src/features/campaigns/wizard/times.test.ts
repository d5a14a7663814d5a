import { expect, test } from "vitest";
import { fromLocalInput, timeProblem, toLocalInput } from "@/features/campaigns/wizard/times";

test("a moment goes into the field and comes back as it was", () => {
  const at = new Date(2026, 10, 5, 9, 7).toISOString();
  expect(toLocalInput(at)).toBe("2026-11-05T09:07");
  expect(fromLocalInput(toLocalInput(at))).toBe(at);
  expect([toLocalInput(null), fromLocalInput(""), fromLocalInput("soon")]).toEqual(["", null, null]);
});

test("the start is in the future, and within 90 days", () => {
  const now = Date.parse("2026-11-21T10:00:00Z");
  expect(timeProblem("2026-11-21T09:59:00Z", now)).toBe("past");
  expect(timeProblem("2027-03-01T00:00:00Z", now)).toBe("too_far");
  expect(timeProblem("2026-12-01T00:00:00Z", now)).toBeNull();
  expect(timeProblem(null, now)).toBeNull();
});
