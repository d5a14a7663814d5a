import { expect, test } from "vitest";
import { contact } from "@/features/contact-pane/fixtures";
import { hasName, merged, missing, originalOf } from "@/features/contact-pane/merging";

const NUMBER = "+34600111222";
const nameless = contact({ display_name: NUMBER, email: null, attributes: { City: "Vigo" } });
const known = contact({
  contact_id: "k2",
  display_name: "Ana Gómez",
  addresses: [{ address: "+34911222333", contact_id: "k2", country: "ES" }],
  email: "ana@example.com",
  attributes: { City: "Lugo", Plan: "Gold" },
});

test("a contact that is called by its number has no name", () => {
  expect(hasName(nameless)).toBe(false);
  expect(hasName(known)).toBe(true);
});

test("what the kept contact lacks is taken over, and nothing of its own is replaced", () => {
  expect(missing(nameless, known)).toEqual({
    display_name: "Ana Gómez",
    email: "ana@example.com",
    attributes: { City: "Vigo", Plan: "Gold" },
  });
});

test("nothing is taken over from a contact that knows less", () => {
  expect(missing(known, contact({ display_name: NUMBER, attributes: { City: "Vigo" } }))).toBeNull();
});

test("the merged card has both numbers, the kept one first", () => {
  const card = merged(known, nameless, null);
  expect(card.addresses.map((each) => each.address)).toEqual(["+34911222333", NUMBER]);
  expect(card.display_name).toBe("Ana Gómez");
  expect(card.attributes).toEqual(known.attributes);
});

test("what was copied can be taken back to what was there", () => {
  const copied = missing(nameless, known);
  expect(originalOf(nameless, copied!)).toEqual({ display_name: null, email: null, attributes: { City: "Vigo" } });
});
