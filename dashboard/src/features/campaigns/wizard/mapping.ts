/** Which column of a file is what, and what is wrong with its first rows. */
import type { PreviewRow } from "@/api/campaign-types";

export const FIELDS = ["phone_number", "name", "email", "instruction", "call_type", "channel"] as const;
export type FieldName = (typeof FIELDS)[number];
export type Mapping = Partial<Record<FieldName, string>>;

/** As people call their columns, in the languages of the application. */
const SYNONYMS: Record<FieldName, readonly string[]> = {
  phone_number: ["phone_number", "phone", "number", "mobile", "cell", "msisdn", "whatsapp", "telephone", "tel", "telefono", "telefon", "telefonnummer", "nummer", "handy", "mobil", "movil", "celular", "numero", "portable", "telefone", "telemovel", "phonenumber", "mobilenumber"],
  name: ["name", "full_name", "fullname", "customer", "contact", "nombre", "nom", "nome", "first_name", "vorname", "kunde", "cliente"],
  email: ["email", "e-mail", "mail", "email_address", "correo", "courriel"],
  instruction: ["instruction", "instructions", "message", "text", "prompt"],
  call_type: ["call_type", "type"],
  channel: ["channel", "kanal", "canal"],
};

const fold = (text: string): string =>
  text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/[\s_-]+/g, "");

/** By their names; a column is never two fields. */
export function guessed(columns: readonly string[]): Mapping {
  const mapping: Mapping = {};
  const taken = new Set<string>();
  for (const field of FIELDS) {
    for (const synonym of SYNONYMS[field]) {
      const column = columns.find((each) => !taken.has(each) && fold(each) === fold(synonym));
      if (column === undefined) continue;
      mapping[field] = column;
      taken.add(column);
      break;
    }
  }
  return mapping;
}

/** As the server takes it: null takes away what it guessed. */
export const stored = (mapping: Mapping): Record<string, string | null> =>
  Object.fromEntries(FIELDS.map((field) => [field, mapping[field] || null]));

/** Whether both say the same of every field. */
export const isSame = (one: Mapping, other: Mapping): boolean => FIELDS.every((field) => (one[field] || null) === (other[field] || null));

export type Problem = "number_missing" | "number_wrong" | "email_wrong";

/** What can be seen without asking the server, which has the last word in the check. */
export function problemsOf({ values }: Pick<PreviewRow, "values">, mapping: Mapping): Problem[] {
  const value = (field: FieldName) => (mapping[field] === undefined ? "" : (values[mapping[field]] ?? "").trim());
  const found: Problem[] = [];
  const number = value("phone_number");
  if (number === "") found.push("number_missing");
  else if (!isNumberLike(number)) found.push("number_wrong");
  const email = value("email");
  if (email !== "" && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)) found.push("email_wrong");
  return found;
}

function isNumberLike(text: string): boolean {
  if (!/^(?:whatsapp:)?[+\d\s().\-/\u00a0\u2010-\u2013]+$/i.test(text)) return false;
  const digits = text.replace(/\D/g, "").length;
  return digits >= 6 && digits <= 17;
}
