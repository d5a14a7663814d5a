import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Combobox } from "@/components/ui/combobox";
import { Field } from "@/components/ui/field";
import { useToast } from "@/components/ui/toast";
import { useDomainChange } from "@/features/settings/domain/use-domain";
import { AwayMessage } from "@/features/settings/hours/away-message";
import { DayRow } from "@/features/settings/hours/day-row";
import { DAYS, isSound, toStored, type Hours } from "@/features/settings/hours/hours";
import { OpenNow } from "@/features/settings/hours/open-now";
import { Card } from "@/features/settings/parts/card";
import { useConfirm } from "@/features/settings/parts/confirm";
import { FormError, SaveBar, submitting } from "@/features/settings/parts/form-parts";
import { useForm } from "@/features/settings/parts/use-form";
import { errorText } from "@/lib/error-text";
import { useT } from "@/lib/i18n";
import { useCan } from "@/lib/me";

export interface HoursFormProps {
  saved: Hours;
  /** Nothing is stored yet: there is something to save from the start. */
  isNew: boolean;
  onGone: () => void;
}

export function HoursForm({ saved, isNew, onGone }: HoursFormProps) {
  const t = useT();
  const toast = useToast();
  const may = useCan("admin");
  const confirm = useConfirm();
  const change = useDomainChange();
  const { values, set, dirty, reset } = useForm(saved);
  const save = useMutation({
    mutationFn: () => change({ settings: { business_hours: toStored(values) } }),
    onSuccess: () => toast.success(t("settings.hours_saved")),
  });
  const remove = () =>
    confirm.ask({
      title: t("settings.hours_remove_title"),
      text: t("settings.hours_remove_text"),
      action: t("settings.hours_remove"),
      run: async () => {
        try {
          await change({ settings: { business_hours: null } });
          toast.success(t("settings.hours_removed"));
          onGone();
        } catch (error) {
          toast.error(error);
        }
      },
    });
  const copyToAll = (from: (typeof DAYS)[number]) => {
    const spans = values.week[from];
    set({ week: Object.fromEntries(DAYS.map((day) => [day, spans.map((span) => ({ ...span }))])) as Hours["week"] });
    toast(t("settings.hours_copied"));
  };
  return (
    <form className="flex flex-col gap-4" onSubmit={submitting(() => isSound(values.week) && !save.isPending && save.mutate())}>
      <fieldset disabled={!may} className="contents">
        <OpenNow hours={values} />
        <Card title={t("settings.hours_week")}>
          <TimeZone value={values.timezone} disabled={!may} onChange={(timezone) => set({ timezone })} />
          <div className="divide-y divide-line">
            {DAYS.map((day) => (
              <DayRow key={day} day={day} spans={values.week[day]} onChange={(spans) => set({ week: { ...values.week, [day]: spans } })} onCopy={() => copyToAll(day)} />
            ))}
          </div>
          <p className="text-sm text-muted">{t("settings.hours_midnight")}</p>
        </Card>
        <AwayMessage value={values.awayMessage} onChange={(awayMessage) => set({ awayMessage })} />
        <FormError text={save.error && errorText(save.error)} />
        <div className="flex flex-wrap items-center gap-2">
          {!isNew && may && <Button variant="danger-ghost" onClick={remove}>{t("settings.hours_remove")}</Button>}
          <div className="flex-1">
            <SaveBar dirty={may && (dirty || isNew)} pending={save.isPending} disabled={!isSound(values.week)} onReset={isNew ? onGone : reset} />
          </div>
        </div>
      </fieldset>
      {confirm.dialog}
    </form>
  );
}

function TimeZone({ value, disabled, onChange }: { value: string; disabled: boolean; onChange: (zone: string) => void }) {
  const t = useT();
  const [zones] = useState(() => [...new Set([value, "UTC", ...Intl.supportedValuesOf("timeZone")])]);
  return (
    <Field label={t("settings.timezone")} description={t("settings.timezone_hint")} className="max-w-sm">
      {(control) => (
        <Combobox
          id={control.id}
          disabled={disabled}
          label={t("settings.timezone")}
          values={[value]}
          onChange={([zone]) => zone !== undefined && onChange(zone)}
          options={zones.map((zone) => ({ value: zone, label: zone.replaceAll("_", " "), keywords: zone }))}
        />
      )}
    </Field>
  );
}
