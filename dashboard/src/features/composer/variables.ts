/** Variables of canned replies: {{contact.name}} and the like. */

export interface VariableValues {
  contact: { name: string; phone: string; email: string; attributes: Record<string, string> };
  agent: { name: string };
  business: { name: string };
}

export interface VariableProblem {
  /** Place in the text. */
  start: number;
  end: number;
  name: string;
  reason: "unknown" | "empty";
}

const VARIABLE = /\{\{\s*([^{}\n]{0,120}?)\s*\}\}/g;
const ATTRIBUTE = "contact.attributes.";

const firstName = (name: string) => name.trim().split(/\s+/)[0] ?? "";

/** Null for a name that there is not; "" where this contact has none. */
export function valueOf(name: string, values: VariableValues): string | null {
  if (name.startsWith(ATTRIBUTE) && name.length > ATTRIBUTE.length) {
    const key = name.slice(ATTRIBUTE.length);
    return Object.hasOwn(values.contact.attributes, key) ? (values.contact.attributes[key] ?? "") : "";
  }
  switch (name) {
    case "contact.name":
      return values.contact.name;
    case "contact.first_name":
      return firstName(values.contact.name);
    case "contact.phone":
      return values.contact.phone;
    case "contact.email":
      return values.contact.email;
    case "agent.name":
      return values.agent.name;
    case "agent.first_name":
      return firstName(values.agent.name);
    case "business.name":
      return values.business.name;
    default:
      return null;
  }
}

/** The text with what is known put in. What is not stays as it stands, for a person to see. */
export function fill(content: string, values: VariableValues): string {
  return content.replace(VARIABLE, (whole, name: string) => valueOf(name, values)?.trim() || whole);
}

/** The variables of a text that have nothing to be put in. */
export function problems(text: string, values: VariableValues): VariableProblem[] {
  return [...text.matchAll(VARIABLE)].flatMap((match) => {
    const name = match[1] ?? "";
    const value = valueOf(name, values);
    if (value?.trim()) return [];
    const reason = value === null ? "unknown" : "empty";
    return [{ start: match.index, end: match.index + match[0].length, name, reason }];
  });
}
