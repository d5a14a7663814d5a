/** Where a template's variables come from: a column of the audience, or one text for everybody. */
import type { VariableSource, VariableSources } from "@/api/campaign-types";
import { problemOf, type ValueProblem, type Values } from "@/features/templates/template-text";

/** What every audience has, whatever its file's columns. */
export const OF_EVERYBODY = ["name", "email", "phone_number"] as const;

/** A column that is named as the variable is meant for it. */
export function startingSources(names: readonly string[], columns: readonly string[], saved: VariableSources): VariableSources {
  return Object.fromEntries(
    names.map((name): [string, VariableSource] => {
      const column = columns.find((each) => each.toLowerCase() === name.toLowerCase());
      return [name, saved[name] ?? (column === undefined ? { value: "" } : { column })];
    }),
  );
}

/** What would keep every message from being sent; what a column holds is known in the check. */
export function sourceProblem(source: VariableSource | undefined): ValueProblem | null {
  if (!source) return "empty";
  if ("column" in source) return source.column === "" ? "empty" : null;
  return problemOf(source.value);
}

export const isComplete = (names: readonly string[], sources: VariableSources): boolean =>
  names.every((name) => sourceProblem(sources[name]) === null);

/** For one recipient; what is not known yet stands as the template's sample. */
export function valuesFor(sources: VariableSources, row: Values, samples: Values): Values {
  const names = new Set([...Object.keys(samples), ...Object.keys(sources)]);
  return Object.fromEntries(
    [...names].map((name) => {
      const source = sources[name];
      const value = source === undefined ? "" : "column" in source ? (row[source.column] ?? "") : source.value;
      return [name, value.trim() || (samples[name] ?? "")];
    }),
  );
}
