import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { LONGEST_VALUE, type ValueProblem, type Values } from "@/features/templates/template-text";
import { useT } from "@/lib/i18n";

export interface VariableFieldsProps {
  names: readonly string[];
  values: Values;
  samples: Values;
  /** Also by the server. */
  problems: Partial<Record<string, ValueProblem>>;
  refused?: Partial<Record<string, string>>;
  /** Missing values are told from the first attempt on; what is wrong with one, at once. */
  tried: boolean;
  onChange: (values: Values) => void;
}

/** One field for each of a template's variables. */
export function VariableFields({ names, values, samples, problems, refused, tried, onChange }: VariableFieldsProps) {
  const t = useT();
  if (names.length === 0) return null;
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 text-sm font-medium">{t("outreach.variables")}</legend>
      {names.map((name) => {
        const problem = problems[name];
        const told = problem && (problem !== "empty" || tried) ? t(`outreach.value_${problem}`, { count: LONGEST_VALUE }) : refused?.[name];
        return (
          <Field key={name} label={variableName(name)} required error={told}>
            {(control) => (
              <Input
                {...control}
                dir="auto"
                autoComplete="off"
                placeholder={samples[name] ? t("outreach.value_sample", { sample: samples[name] }) : ""}
                value={values[name] ?? ""}
                onChange={(event) => onChange({ ...values, [name]: event.target.value })}
              />
            )}
          </Field>
        );
      })}
    </fieldset>
  );
}

/** As it stands in the template. */
export const variableName = (name: string): string => `{{${name}}}`;
