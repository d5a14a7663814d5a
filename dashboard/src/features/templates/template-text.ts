/** A template's text and its variables: how it reads when they are filled in, and what carriers refuse. */

import type { TemplateContent } from "@/api/outreach-types";

export type Values = Record<string, string>;
export type ValueProblem = "empty" | "too_long" | "line_break" | "spaces";

/** What WhatsApp takes for one variable. */
export const LONGEST_VALUE = 1024;
const VARIABLE = /\{\{\s*([A-Za-z0-9_]+)\s*\}\}/g;

export interface Part {
  text: string;
  /** The variable that stands here, if one does. */
  variable?: string;
  /** Whether `text` is its value, and not the place for one. */
  filled?: boolean;
}

/** The names of a text's variables, each once, in their order. */
export function variablesIn(...texts: (string | null | undefined)[]): string[] {
  const names = texts.flatMap((text) => [...(text ?? "").matchAll(VARIABLE)].map((match) => match[1] ?? ""));
  return [...new Set(names)];
}

/** The text in pieces, so that its variables can be seen. */
export function partsOf(text: string, values: Values): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(VARIABLE)) {
    const name = match[1] ?? "";
    const value = values[name]?.trim() ?? "";
    if (match.index > end) parts.push({ text: text.slice(end, match.index) });
    parts.push({ text: value || match[0], variable: name, filled: value !== "" });
    end = match.index + match[0].length;
  }
  if (end < text.length) parts.push({ text: text.slice(end) });
  return parts;
}

export function filled(text: string, values: Values): string {
  return partsOf(text, values).map((part) => part.text).join("");
}

/** A value by the same rules as the server's; null when it can be sent. `strict`: WhatsApp's. */
export function problemOf(value: string, strict = true): ValueProblem | null {
  const text = value.trim();
  if (text === "") return "empty";
  if (Array.from(text).length > LONGEST_VALUE) return "too_long";
  if (!strict) return null;
  if (/[\n\r\t\u2028\u2029]/.test(text)) return "line_break";
  return / {4}/.test(text) ? "spaces" : null;
}

/** The variables that keep a template from being sent. */
export function problemsOf(names: readonly string[], values: Values, strict = true): Partial<Record<string, ValueProblem>> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const problem = problemOf(values[name] ?? "", strict);
      return problem ? [[name, problem]] : [];
    }),
  );
}

/** Every variable that a template has to be given, those of its header and addresses too. */
export function namesOf({ header, body, footer, buttons }: Omit<TemplateContent, "variables">): string[] {
  return variablesIn(header?.text, header?.url, body, footer, ...buttons.flatMap((each) => [each.text, each.url, each.phone]));
}

export function samplesOf(template: Pick<TemplateContent, "variables">): Values {
  return Object.fromEntries(template.variables.map(({ name, sample }) => [name, sample]));
}

export interface Known {
  name: string;
  email: string;
  phone: string;
}

/** What can be filled in from the contact, by the variable's name. */
export function guesses(names: readonly string[], known: Known): Values {
  const first = known.name.trim().split(/\s+/)[0] ?? "";
  const byName: Record<string, string> = {
    name: known.name, customer_name: known.name, full_name: known.name,
    first_name: first, firstname: first,
    email: known.email, phone: known.phone, phone_number: known.phone,
  };
  return Object.fromEntries(names.flatMap((name) => {
    const value = byName[name.toLowerCase()]?.trim();
    return value ? [[name, value]] : [];
  }));
}

/** What was given, without what other templates' variables left behind. */
export function chosenValues(names: readonly string[], values: Values): Values {
  return Object.fromEntries(names.map((name) => [name, (values[name] ?? "").trim()]));
}
