import { expect, it } from "vitest";
import { refusedValues } from "@/features/templates/refusals";

it.each([
  ["variable '1' is missing", ["1"]],
  ["{{1}} is empty and {{date}} has a line break", ["1", "date"]],
  ["the balance of 1 credits does not cover 3", []],
  ["variable '11' is missing", []],
])("%s", (detail, about) => expect(Object.keys(refusedValues(detail, ["1", "date"]))).toEqual(about));
