import { useId } from "react";
import type { VariableSource, VariableSources } from "@/api/campaign-types";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { sourceProblem } from "@/features/campaigns/variables";
import { LONGEST_VALUE } from "@/features/templates/template-text";
import { useT } from "@/lib/i18n";

const FIXED = "\u0000fixed";

export interface VariableSourceFieldsProps {
  names: readonly string[];
  columns: readonly string[];
  sources: VariableSources;
  tried: boolean;
  onChange: (sources: VariableSources) => void;
}

/** For each of a template's variables: which column, or which text. */
export function VariableSourceFields({ names, columns, sources, tried, onChange }: VariableSourceFieldsProps) {
  const t = useT();
  if (names.length === 0) return null;
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 text-sm font-medium">{t("campaigns.variables")}</legend>
      {names.map((name) => (
        <One key={name} name={name} columns={columns} source={sources[name] ?? { value: "" }} tried={tried} onChange={(source) => onChange({ ...sources, [name]: source })} />
      ))}
    </fieldset>
  );
}

interface OneProps {
  name: string;
  columns: readonly string[];
  source: VariableSource;
  tried: boolean;
  onChange: (source: VariableSource) => void;
}

function One({ name, columns, source, tried, onChange }: OneProps) {
  const t = useT();
  const id = useId();
  const column = "column" in source ? source.column : null;
  const problem = sourceProblem(source);
  const told = problem !== null && (problem !== "empty" || tried);
  const known = column === null || columns.includes(column) ? columns : [...columns, column];
  return (
    <div className="grid grid-cols-1 items-start gap-x-3 gap-y-1 sm:grid-cols-[7rem_12rem_1fr]">
      <span className="truncate pt-1.5 font-mono text-sm text-accent-ink"><bdi>{`{{${name}}}`}</bdi></span>
      <Select
        aria-label={t("campaigns.variable_from", { name })}
        value={column ?? FIXED}
        onChange={(value) => onChange(value === FIXED ? { value: "" } : { column: value })}
        options={[{ value: FIXED, label: t("campaigns.fixed_text") }, ...known.map((each) => ({ value: each, label: each }))]}
      />
      {column === null && "value" in source && (
        <Input aria-label={t("campaigns.variable_text", { name })} dir="auto" autoComplete="off" value={source.value}
          aria-invalid={told || undefined} aria-describedby={told ? id : undefined} onChange={(event) => onChange({ value: event.target.value })} />
      )}
      {told && <p id={id} className="col-span-full text-sm text-danger sm:col-start-2">{t(`outreach.value_${problem}`, { count: LONGEST_VALUE })}</p>}
    </div>
  );
}
