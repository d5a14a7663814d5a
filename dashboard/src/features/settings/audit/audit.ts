/** The audit log, narrowed in the browser to what is loaded of it. */
import type { PersonRef } from "@/api/types";

export interface Entry {
  entry_id: string;
  at: string;
  /** Null: the operator, or Frontdesk itself. */
  person: PersonRef | null;
  action: string;
  target: string;
  detail: Record<string, unknown>;
}

/** In place of a person's id. */
export const SYSTEM = "system";

export function fitting(entries: readonly Entry[], person: string | null, action: string | null): Entry[] {
  return entries.filter(
    (entry) => (person === null || (entry.person?.person_id ?? SYSTEM) === person) && (action === null || entry.action === action),
  );
}

/** Each once, by name; null, if it is there, comes last. */
export function peopleOf(entries: readonly Entry[]): (PersonRef | null)[] {
  const found = new Map(entries.map((entry) => [entry.person?.person_id ?? SYSTEM, entry.person]));
  return [...found.values()].sort((one, other) => {
    if (!one || !other) return one ? -1 : 1;
    return (one.name || one.email).localeCompare(other.name || other.email);
  });
}

export const actionsOf = (entries: readonly Entry[]): string[] => [...new Set(entries.map((entry) => entry.action))].sort();

/** "role: admin · fields: rate, state": what the entry says beyond its action. */
export function detailText(detail: Record<string, unknown>): string {
  const shown = (value: unknown): string =>
    Array.isArray(value) ? value.map(shown).join(", ") : typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
  return Object.entries(detail)
    .filter(([, value]) => value !== null && value !== "" && !(Array.isArray(value) && value.length === 0))
    .map(([name, value]) => `${name.replaceAll("_", " ")}: ${shown(value)}`)
    .join(" · ");
}
