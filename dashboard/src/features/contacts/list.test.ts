import { expect, test } from "vitest";
import type { ContactRow } from "@/api/types";
import { movedTo } from "@/features/contacts/list-moves";
import { unique } from "@/features/contacts/use-contacts";

test("keys move within the list and stop at its ends", () => {
  expect(movedTo("ArrowDown", 2, 4, 10)).toBe(3);
  expect(movedTo("ArrowDown", 3, 4, 10)).toBe(3);
  expect(movedTo("PageUp", 2, 40, 10)).toBe(0);
  expect(movedTo("End", 0, 40, 10)).toBe(39);
  expect(movedTo("a", 0, 40, 10)).toBeNull();
  expect(movedTo("ArrowDown", 0, 0, 10)).toBeNull();
});

test("a contact on two pages is shown once", () => {
  const row = (contact_id: string) => ({ contact_id }) as ContactRow;
  const pages = [{ items: [row("a"), row("b")], next: "x" }, { items: [row("b"), row("c")], next: null }];
  expect(unique(pages).map((each) => each.contact_id)).toEqual(["a", "b", "c"]);
});
