import { expect, test } from "vitest";
import { emailProblem, nameProblem } from "@/features/contact-pane/attribute-rules";

test("an attribute's name is what the server takes, in any script", () => {
  for (const name of ["Customer number", "KdNr.2", "Größe", "نوع", "a", "x_y-z", "_ 1".slice(2)]) expect(nameProblem(name, {})).toBeNull();
  for (const name of ["", "  ", "-a", "a-", "a/b", "{{x}}", "x".repeat(61)]) expect(nameProblem(name, {})).not.toBeNull();
});

test("a name that is there already is refused, however it is written", () => {
  expect(nameProblem("CITY ", { City: "Vigo" })).toContain("CITY");
  expect(nameProblem("Town", { City: "Vigo" })).toBeNull();
});

test("an e-mail may be removed, but not be half an address", () => {
  expect(emailProblem("")).toBeNull();
  expect(emailProblem("ana@example.com")).toBeNull();
  expect(emailProblem("ana@example")).not.toBeNull();
  expect(emailProblem("ana gómez@example.com")).not.toBeNull();
});
