import type { FollowUp, VariableSources } from "@/api/campaign-types";
import type { ChannelKind } from "@/api/types";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { isComplete, startingSources } from "@/features/campaigns/variables";
import { VariableSourceFields } from "@/features/campaigns/variable-source-fields";
import { namesOf } from "@/features/templates/template-text";
import { useTemplates } from "@/features/templates/use-templates";
import { useT } from "@/lib/i18n";

export interface FollowUpForm {
  hours: string;
  template_id: string | null;
  variables: VariableSources;
}

const MOST_HOURS = 720;

export type FollowUpProblem = "hours" | "template" | "variables";

export function followUpProblem({ hours, template_id: template, variables }: FollowUpForm): FollowUpProblem | null {
  if (!(Number(hours) > 0 && Number(hours) <= MOST_HOURS)) return "hours";
  if (template === null) return "template";
  return isComplete(Object.keys(variables), variables) ? null : "variables";
}

export const followUpOf = ({ hours, template_id: template, variables }: FollowUpForm): FollowUp => ({
  after_hours: Number(hours),
  template_id: template,
  variables,
});

export interface FollowUpFieldsProps {
  channel: ChannelKind;
  columns: readonly string[];
  form: FollowUpForm;
  tried: boolean;
  onChange: (form: FollowUpForm) => void;
}

/** What is sent to those who do not answer, and when. */
export function FollowUpFields({ channel, columns, form, tried, onChange }: FollowUpFieldsProps) {
  const t = useT();
  const usable = (useTemplates().data ?? []).filter((each) => each.channel === channel && each.status === "approved");
  const hoursWrong = followUpProblem(form) === "hours";
  return (
    <div className="flex flex-col gap-3">
      <div className="grid gap-3 sm:grid-cols-[10rem_1fr]">
        <Field label={t("campaigns.after_hours")} error={hoursWrong ? t("campaigns.after_hours_wrong", { count: MOST_HOURS }) : null}>
          {(control) => <Input {...control} inputMode="decimal" value={form.hours} onChange={(event) => onChange({ ...form, hours: event.target.value.replace(",", ".") })} />}
        </Field>
        <Field label={t("campaigns.template")} error={tried && form.template_id === null ? t("campaigns.template_missing") : null}>
          {(control) => (
            <Select {...control} value={form.template_id ?? undefined} placeholder={t("common.select")}
              onChange={(id) => {
                const template = usable.find((each) => each.template_id === id);
                const names = template ? namesOf(template) : [];
                onChange({ ...form, template_id: id, variables: startingSources(names, columns, form.variables) });
              }}
              options={usable.map((each) => ({ value: each.template_id, label: `${each.name} · ${each.language}` }))} />
          )}
        </Field>
      </div>
      <VariableSourceFields names={Object.keys(form.variables)} columns={columns} sources={form.variables} tried={tried} onChange={(variables) => onChange({ ...form, variables })} />
    </div>
  );
}
