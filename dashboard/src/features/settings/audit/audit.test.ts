import { describe, expect, it } from "vitest";
import { actionsOf, detailText, fitting, peopleOf, type Entry } from "@/features/settings/audit/audit";

const ana = { person_id: "a", name: "Ana", email: "ana@example.com" };
const bob = { person_id: "b", name: "", email: "bob@example.com" };
const entry = (entry_id: string, person: Entry["person"], action: string): Entry => ({ entry_id, person, action, at: "", target: "", detail: {} });
const LOG = [entry("1", bob, "label.create"), entry("2", null, "sign_in.link"), entry("3", ana, "label.create"), entry("4", ana, "person.role")];

describe("the audit log", () => {
  it("is narrowed to a person, an action, or both", () => {
    expect(fitting(LOG, "a", null).map((each) => each.entry_id)).toEqual(["3", "4"]);
    expect(fitting(LOG, "system", null).map((each) => each.entry_id)).toEqual(["2"]);
    expect(fitting(LOG, "a", "label.create").map((each) => each.entry_id)).toEqual(["3"]);
  });

  it("offers each person and each action once", () => {
    expect(peopleOf(LOG)).toEqual([ana, bob, null]);
    expect(actionsOf(LOG)).toEqual(["label.create", "person.role", "sign_in.link"]);
  });

  it("tells an entry's detail in words", () => {
    expect(detailText({ role: "admin", fields: ["rate", "state"], note: null, old: [] })).toBe("role: admin · fields: rate, state");
  });
});
