import { describe, expect, it } from "vitest";
import { contentOf, draftProblems, nameOf, newDraft, nextVariable, type TemplateDraft } from "@/features/settings/templates/template-draft";

const draft: TemplateDraft = {
  ...newDraft("c1", "en"), name: "reminder", body: "Hi {{1}}, see you on {{2}}.", samples: { 1: "Ana", 2: "Monday" },
};

it.each([
  ["Order update!", "order_update"],
  ["Recordatorio-Cita ñ", "recordatorio_cita_n"],
])("the name %s becomes %s", (typed, name) => expect(nameOf(typed)).toBe(name));

describe("a template can be handed in", () => {
  it("when everything that it needs is there", () => {
    expect(draftProblems(draft, "wmsg")).toEqual({});
  });

  it.each([
    ["without a name", { name: "" }, ["name"]],
    ["without a text", { body: " ", samples: {} }, ["body"]],
    ["with a text that is too long", { body: "a".repeat(1025) }, ["body"]],
    ["with a variable at its very end", { body: "Hi {{1}}", samples: { 1: "Ana" } }, ["body"]],
    ["with numbers that leave one out", { body: "Hi {{1}} and {{3}}.", samples: { 1: "a", 3: "b" } }, ["body"]],
    ["with a variable that has no sample", { samples: { 1: "Ana" } }, ["sample 2"]],
    ["with a variable in the footer", { footer: "{{1}}" }, ["footer"]],
    ["with a header that is empty", { headerKind: "text" as const }, ["header"]],
    ["with a picture without an address", { headerKind: "image" as const, headerUrl: "http://example.com/a.png" }, ["header"]],
    ["with a button that says nothing", { buttons: [{ kind: "reply" as const, text: " " }] }, ["button 0"]],
    ["with two buttons that say the same", { buttons: [{ kind: "reply" as const, text: "Yes" }, { kind: "reply" as const, text: "Yes" }] }, ["button 1"]],
    ["with a link that is none", { buttons: [{ kind: "url" as const, text: "See", url: "example" }] }, ["button 0"]],
    ["with a number that is none", { buttons: [{ kind: "phone" as const, text: "Call", phone: "600" }] }, ["button 0"]],
  ])("not %s", (_, change, fields) => {
    expect(Object.keys(draftProblems({ ...draft, ...change }, "wmsg"))).toEqual(fields);
  });
});

describe("an SMS", () => {
  const rich: TemplateDraft = { ...draft, headerKind: "text", headerText: "Hello {{5}}", footer: "Bye", buttons: [{ kind: "reply", text: "Yes" }] };

  it("is its text alone, and its variables those of the text", () => {
    expect(contentOf(rich, "sms")).toEqual({
      header: null, body: draft.body, footer: null, buttons: [], variables: [{ name: "1", sample: "Ana" }, { name: "2", sample: "Monday" }],
    });
  });

  it("may end with a variable", () => {
    expect(draftProblems({ ...draft, body: "Your code is {{1}}" }, "sms")).toEqual({});
  });
});

it("the next variable follows the highest", () => {
  expect(nextVariable(draft, "wmsg")).toBe("3");
  expect(nextVariable(newDraft("c1", "en"), "wmsg")).toBe("1");
});

it("is sent with what it is made of, without spaces around it", () => {
  const sent = contentOf({ ...draft, headerKind: "text", headerText: " Hello ", buttons: [{ kind: "url", text: " See ", url: " https://example.com/{{3}} " }] }, "wmsg");
  expect(sent).toMatchObject({
    header: { kind: "text", text: "Hello" }, footer: null,
    buttons: [{ kind: "url", text: "See", url: "https://example.com/{{3}}" }],
  });
  expect(sent.variables.map((each) => each.name)).toEqual(["1", "2", "3"]);
});
