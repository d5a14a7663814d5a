/** What a canned reply's shortcut and text may be: the server holds the same. */

export const VARIABLES = [
  "contact.name", "contact.first_name", "contact.phone", "contact.email", "agent.name", "agent.first_name", "business.name",
] as const;
const ATTRIBUTE = "contact.attributes.";

/** What was typed, as a shortcut: "/Opening Hours" is "opening-hours". */
export function shortcutOf(typed: string): string {
  return typed
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/^\/+/, "")
    .replace(/\s+/g, "-")
    .replace(/[^a-z0-9_-]/g, "")
    .slice(0, 40);
}

/** Variables that there are not: a customer would see them as they stand. */
export function unknownVariables(content: string): string[] {
  const names = [...content.matchAll(/\{\{\s*([^{}]*?)\s*\}\}/g)].map((match) => match[1] ?? "");
  const known = (name: string) =>
    VARIABLES.some((each) => each === name) || (name.startsWith(ATTRIBUTE) && name.slice(ATTRIBUTE.length).trim() !== "");
  return [...new Set(names.filter((name) => !known(name)))];
}
