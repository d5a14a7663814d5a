import { Plus, X } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Combobox } from "@/components/ui/combobox";
import { Field } from "@/components/ui/field";
import { IconButton } from "@/components/ui/icon-button";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { isCountry, isDays, type RuleForm } from "@/features/contacts/segment-rule";
import { useLabels } from "@/lib/directory";
import { useT } from "@/lib/i18n";

export interface RuleFieldsProps {
  form: RuleForm;
  onChange: (change: Partial<RuleForm>) => void;
}

/** All that is filled in must be true of a contact. */
export function RuleFields({ form, onChange }: RuleFieldsProps) {
  const t = useT();
  const labels = useLabels().data ?? [];
  const days = (name: "wroteWithin" | "silentFor", label: string) => (
    <Field label={label} error={isDays(form[name]) ? null : t("audience.days_wrong")}>
      {(control) => <Input {...control} inputMode="numeric" autoComplete="off" placeholder={t("audience.any")} value={form[name]} onChange={(event) => onChange({ [name]: event.target.value.trim() })} />}
    </Field>
  );
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="mb-2 text-sm text-muted">{t("audience.rule_hint")}</legend>
      <div className="grid gap-3 sm:grid-cols-2">
        <Field label={t("audience.labels")}>
          {(control) => (
            <Combobox id={control.id} multiple label={t("audience.labels")} placeholder={t("audience.any")} values={form.labels} onChange={(chosen) => onChange({ labels: chosen })}
              options={labels.map((each) => ({ value: each.label_id, label: each.name }))} />
          )}
        </Field>
        <Field label={t("audience.channel")}>
          {(control) => (
            <Select {...control} value={form.channel} onChange={(channel) => onChange({ channel })}
              options={[{ value: "any", label: t("audience.any") }, ...(["wmsg", "sms"] as const).map((each) => ({ value: each, label: t(`common.channel_${each}`) }))]} />
          )}
        </Field>
        {days("wroteWithin", t("audience.wrote_within"))}
        {days("silentFor", t("audience.silent_for"))}
        <Field label={t("audience.language")} description={t("audience.language_hint")}>
          {(control) => <Input {...control} dir="ltr" maxLength={12} autoCapitalize="none" autoComplete="off" placeholder={t("audience.any")} value={form.language} onChange={(event) => onChange({ language: event.target.value })} />}
        </Field>
        <Field label={t("audience.country")} description={t("audience.country_hint")} error={isCountry(form.country) ? null : t("audience.country_wrong")}>
          {(control) => <Input {...control} dir="ltr" maxLength={2} autoComplete="off" className="uppercase placeholder:normal-case" placeholder={t("audience.any")} value={form.country} onChange={(event) => onChange({ country: event.target.value })} />}
        </Field>
        <Field label={t("audience.created_after")}>
          {(control) => <Input {...control} type="date" value={form.createdAfter} onChange={(event) => onChange({ createdAfter: event.target.value })} />}
        </Field>
        <Field label={t("audience.opted_out")}>
          {(control) => (
            <Select {...control} value={form.optedOut} onChange={(optedOut) => onChange({ optedOut })}
              options={[{ value: "any", label: t("audience.any") }, { value: "no", label: t("audience.opted_out_no") }, { value: "yes", label: t("audience.opted_out_yes") }]} />
          )}
        </Field>
      </div>
      <Attributes rows={form.attributes} onChange={(attributes) => onChange({ attributes })} />
    </fieldset>
  );
}

function Attributes({ rows, onChange }: { rows: RuleForm["attributes"]; onChange: (rows: RuleForm["attributes"]) => void }) {
  const t = useT();
  const change = (at: number, part: Partial<RuleForm["attributes"][number]>) => onChange(rows.map((row, place) => (place === at ? { ...row, ...part } : row)));
  return (
    <div className="flex flex-col gap-2">
      <span className="text-sm font-medium">{t("audience.attributes")}</span>
      {rows.map((row, place) => (
        <div key={place} className="flex items-center gap-2">
          <Input aria-label={t("audience.attribute_name")} placeholder={t("audience.attribute_name")} dir="auto" value={row.name} onChange={(event) => change(place, { name: event.target.value })} />
          <span aria-hidden className="text-muted">=</span>
          <Input aria-label={t("audience.attribute_value")} placeholder={t("audience.attribute_value")} dir="auto" value={row.value} onChange={(event) => change(place, { value: event.target.value })} />
          <IconButton icon={X} tooltip={false} label={t("audience.attribute_remove")} onClick={() => onChange(rows.filter((_, at) => at !== place))} />
        </div>
      ))}
      <Button size="sm" className="self-start" onClick={() => onChange([...rows, { name: "", value: "" }])}>
        <Plus aria-hidden />
        {t("audience.attribute_add")}
      </Button>
    </div>
  );
}
