/** What the server takes as a contact's attributes, said before it is asked. */

import { translate } from "@/lib/i18n";

export const MOST_ATTRIBUTES = 50;
export const LONGEST_NAME = 60;
export const LONGEST_VALUE = 1000;
const NAME = /^[\p{L}\p{N}](?:[\p{L}\p{N}_ .-]*[\p{L}\p{N}_])?$/u;

/** What is wrong with the name of a new attribute; null when nothing is. */
export function nameProblem(name: string, attributes: Record<string, string>): string | null {
  const key = name.trim();
  if (key === "") return translate("contacts.attribute_name_missing");
  if (key.length > LONGEST_NAME || !NAME.test(key)) return translate("contacts.attribute_name_wrong");
  const taken = Object.keys(attributes).some((each) => each.toLocaleLowerCase() === key.toLocaleLowerCase());
  return taken ? translate("contacts.attribute_name_taken", { name: key }) : null;
}

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

export function emailProblem(text: string): string | null {
  return text === "" || EMAIL.test(text) ? null : translate("contacts.email_wrong");
}
