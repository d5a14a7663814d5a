/** The domain's technical metadata: as rows of names and values, and as JSON. */

export type Metadata = Record<string, unknown>;
export interface MetadataRow {
  key: string;
  /** A text as it is, anything else as JSON. */
  value: string;
  /** Whether the value is a text: else it must be JSON. */
  text: boolean;
}

/** What the server shows in place of a secret; sent back, it keeps the secret. */
const MASK = "••••";
const SECRET_WORDS = ["token", "secret", "password", "key"];

export const isSecret = (key: string): boolean => SECRET_WORDS.some((word) => key.toLowerCase().includes(word));
export const isMasked = (value: string): boolean => value.startsWith(MASK);

export function toRows(metadata: Metadata): MetadataRow[] {
  return Object.entries(metadata).map(([key, value]) =>
    typeof value === "string" ? { key, value, text: true } : { key, value: JSON.stringify(value), text: false },
  );
}

export type RowProblem = "no_key" | "twice" | "bad_json";

/** What is wrong with each row; null where nothing is. Rows with nothing in them are left out when saved. */
export function rowProblems(rows: readonly MetadataRow[]): (RowProblem | null)[] {
  return rows.map((row, index) => {
    const key = row.key.trim();
    if (key === "") return row.value === "" ? null : "no_key";
    if (rows.some((other, place) => place < index && other.key.trim() === key)) return "twice";
    return row.text || parse(row.value).ok ? null : "bad_json";
  });
}

export function fromRows(rows: readonly MetadataRow[]): Metadata {
  const filled = rows.filter((row) => row.key.trim() !== "");
  return Object.fromEntries(
    filled.map(({ key, value, text }): [string, unknown] => {
      const parsed = text ? null : parse(value);
      return [key.trim(), parsed?.ok ? parsed.value : value];
    }),
  );
}

export type Parsed = { ok: true; value: unknown } | { ok: false; line: number | null; reason: string };

/** A JSON text, or where it breaks off. */
export function parse(text: string): Parsed {
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch (error) {
    const reason = error instanceof Error ? error.message : "";
    const position = /position (\d+)/.exec(reason)?.[1];
    const line = /line (\d+)/.exec(reason)?.[1];
    return {
      ok: false,
      reason,
      line: line !== undefined ? Number(line) : position !== undefined ? text.slice(0, Number(position)).split("\n").length : null,
    };
  }
}

export const isObject = (value: unknown): value is Metadata => typeof value === "object" && value !== null && !Array.isArray(value);

/** The channels' numbers that are gone: taking one out takes its channel away. */
export function numbersGone(before: Metadata, after: Metadata): string[] {
  return Object.entries(before).flatMap(([key, value]) =>
    /^twilio_\w+_number$/.test(key) && typeof value === "string" && after[key] !== value ? [value] : [],
  );
}
