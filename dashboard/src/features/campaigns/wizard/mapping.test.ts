import { expect, test } from "vitest";
import { guessed, isSame, problemsOf, stored } from "@/features/campaigns/wizard/mapping";

test("columns are found by the names that people give them", () => {
  expect(guessed(["Kunde", "Mobile Number", "E-Mail", "Rabatt"])).toEqual({ phone_number: "Mobile Number", name: "Kunde", email: "E-Mail" });
  expect(guessed(["Nombre", "Teléfono"])).toEqual({ phone_number: "Teléfono", name: "Nombre" });
});

test("a column is never taken for two fields", () => {
  const mapping = guessed(["number", "phone", "name"]);
  expect(mapping).toEqual({ phone_number: "phone", name: "name" });
});

test("a field that was taken away is told to the server, which had guessed it", () => {
  const none = { phone_number: null, name: null, email: null, instruction: null, call_type: null, channel: null };
  expect(stored({ phone_number: "Tel", name: "" })).toEqual({ ...none, phone_number: "Tel" });
});

test("an empty choice is the same as none", () => {
  expect(isSame({ phone_number: "Tel", name: "" }, { phone_number: "Tel" })).toBe(true);
  expect(isSame({ phone_number: "Tel" }, { phone_number: "Fax" })).toBe(false);
});

test("numbers in local notations pass, and words do not", () => {
  const mapping = { phone_number: "Tel" };
  for (const Tel of ["+34 600-123-456", "(030) 123 45-67", "whatsapp:+34600123456", "06 12 34 56 78"]) {
    expect(problemsOf({ values: { Tel } }, mapping)).toEqual([]);
  }
  expect(problemsOf({ values: { Tel: "ask Ana" } }, mapping)).toEqual(["number_wrong"]);
  expect(problemsOf({ values: { Tel: "12" } }, mapping)).toEqual(["number_wrong"]);
  expect(problemsOf({ values: { Tel: " " } }, mapping)).toEqual(["number_missing"]);
});

test("without a column for the number every row lacks one", () => {
  expect(problemsOf({ values: { Tel: "+34600123456" } }, {})).toEqual(["number_missing"]);
});

test("an e-mail may be missing but not broken", () => {
  const mapping = { phone_number: "Tel", email: "Mail" };
  expect(problemsOf({ values: { Tel: "+34600123456", Mail: "" } }, mapping)).toEqual([]);
  expect(problemsOf({ values: { Tel: "+34600123456", Mail: "ana@" } }, mapping)).toEqual(["email_wrong"]);
});
