import { describe, expect, it } from "vitest";
import { chosenValues, filled, guesses, namesOf, partsOf, problemOf, problemsOf, variablesIn } from "@/features/templates/template-text";

describe("a template's variables", () => {
  it("are each named once, in the order of the text", () => {
    expect(variablesIn("Hi {{1}}, order {{ order_id }} for {{1}}", null, "{{3}}")).toEqual(["1", "order_id", "3"]);
  });

  it("of its header and its addresses are asked for too", () => {
    const template = {
      header: { kind: "text" as const, text: "Order {{2}}" },
      body: "Hi {{1}}",
      footer: null,
      buttons: [{ kind: "url" as const, text: "See it", url: "https://example.com/{{3}}" }],
    };
    expect(namesOf(template)).toEqual(["2", "1", "3"]);
  });

  it("can be seen in the text, with their values or as places for one", () => {
    expect(partsOf("Hi {{1}}, see you {{2}}.", { 1: "Ana", 2: " " })).toEqual([
      { text: "Hi " },
      { text: "Ana", variable: "1", filled: true },
      { text: ", see you " },
      { text: "{{2}}", variable: "2", filled: false },
      { text: "." },
    ]);
  });

  it("put in do not make variables of their own", () => {
    expect(filled("{{1}} {{2}}", { 1: "{{2}}", 2: "b" })).toBe("{{2}} b");
  });
});

describe("a value", () => {
  it.each([
    ["Ana", null],
    ["  ", "empty"],
    ["a".repeat(1024), null],
    ["a".repeat(1025), "too_long"],
    ["one\ntwo", "line_break"],
    ["one\ttwo", "line_break"],
    ["one    two", "spaces"],
    ["one   two", null],
  ])("%j: %s", (value, problem) => expect(problemOf(value)).toBe(problem));

  it("of an SMS may have lines and spaces", () => {
    expect(problemOf("one\ntwo    three", false)).toBeNull();
    expect(problemOf("", false)).toBe("empty");
  });

  it("that is missing is told by its variable", () => {
    expect(problemsOf(["1", "2"], { 1: "Ana" })).toEqual({ 2: "empty" });
  });
});

it("what is known of the contact is filled in by name", () => {
  const known = { name: "Ana Gómez", email: "ana@example.com", phone: "+34600111222" };
  expect(guesses(["1", "first_name", "Name", "email"], known)).toEqual({ first_name: "Ana", Name: "Ana Gómez", email: "ana@example.com" });
});

it("only the template's own values are sent, without spaces around them", () => {
  expect(chosenValues(["1"], { 1: " Ana ", 2: "of another" })).toEqual({ 1: "Ana" });
});
