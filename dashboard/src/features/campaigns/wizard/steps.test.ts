import { expect, test } from "vitest";
import { nextOf, previousOf, stepsOf, stepToDo } from "@/features/campaigns/wizard/steps";

const empty = { source: "csv" as const, mapping: {}, template_id: null, instruction: null };

test("a segment has no columns to map", () => {
  expect(stepsOf({ source: "segment" })).toEqual(["audience", "message", "options", "check"]);
  expect([nextOf({ source: "segment" }, "audience"), previousOf({ source: "segment" }, "message")]).toEqual(["message", "audience"]);
  expect([nextOf({ source: "csv" }, "audience"), nextOf({ source: "csv" }, "check")]).toEqual(["columns", null]);
});

test("a draft goes on where something is missing", () => {
  expect(stepToDo(empty)).toBe("columns");
  expect(stepToDo({ ...empty, source: "segment" })).toBe("message");
  const mapped = { ...empty, mapping: { phone_number: "Tel" } };
  expect(stepToDo(mapped)).toBe("message");
  expect(stepToDo({ ...mapped, instruction: "  " })).toBe("message");
  expect(stepToDo({ ...mapped, instruction: "Ask for a review" })).toBe("check");
  expect(stepToDo({ ...mapped, template_id: "t" })).toBe("check");
  expect(stepToDo({ ...mapped, mapping: { phone_number: "Tel", instruction: "Text" } })).toBe("check");
});
