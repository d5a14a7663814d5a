import { expect, test } from "vitest";
import { isComplete, sourceProblem, startingSources, valuesFor } from "@/features/campaigns/variables";

test("a column named as a variable is taken for it, and what was chosen before stays", () => {
  expect(startingSources(["1", "discount"], ["Phone", "Discount"], {})).toEqual({ "1": { value: "" }, discount: { column: "Discount" } });
  expect(startingSources(["discount"], ["Discount"], { discount: { value: "10 %" } })).toEqual({ discount: { value: "10 %" } });
});

test("the first recipient's values stand in the preview, and samples where there are none", () => {
  const sources = { "1": { column: "Name" }, discount: { value: "10 %" } };
  const samples = { "1": "Ana", discount: "5 %" };
  expect(valuesFor(sources, { Name: "Leo" }, samples)).toEqual({ "1": "Leo", discount: "10 %" });
  expect(valuesFor(sources, {}, samples)).toEqual({ "1": "Ana", discount: "10 %" });
});

test("what the carrier would refuse is said before anything is sent", () => {
  expect(sourceProblem(undefined)).toBe("empty");
  expect(sourceProblem({ value: " " })).toBe("empty");
  expect(sourceProblem({ column: "" })).toBe("empty");
  expect(sourceProblem({ value: "a\nb" })).toBe("line_break");
  expect(sourceProblem({ value: "x".repeat(1025) })).toBe("too_long");
  expect(sourceProblem({ column: "Name" })).toBeNull();
  expect(isComplete(["1", "2"], { "1": { column: "Name" } })).toBe(false);
});
