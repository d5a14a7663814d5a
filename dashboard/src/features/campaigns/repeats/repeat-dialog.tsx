import { useMutation } from "@tanstack/react-query";
import { useId, useState } from "react";
import type { Repeat } from "@/api/campaign-types";
import { Button } from "@/components/ui/button";
import { Combobox } from "@/components/ui/combobox";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { focusInvalid } from "@/components/ui/focus-invalid";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { useToast } from "@/components/ui/toast";
import { useDiscard } from "@/components/ui/use-discard";
import { MessageFields } from "@/features/campaigns/message-fields";
import { MOST_DAY, planOf, ruleOf, startOf, weekdayName, type RepeatForm, type RuleForm } from "@/features/campaigns/repeats/rule";
import { isComplete, OF_EVERYBODY } from "@/features/campaigns/variables";
import { FormError, submitting } from "@/features/settings/parts/form-parts";
import { useSegments } from "@/lib/directory";
import { errorText } from "@/lib/error-text";
import { api } from "@/lib/http";
import { useLanguage, useT } from "@/lib/i18n";
import { keys, queryClient } from "@/lib/query";

export interface RepeatDialogProps {
  /** Null: a new one. */
  repeat: Repeat | null;
  onClose: () => void;
}

/** To whom, when, and what: of a campaign that comes again by itself. */
export function RepeatDialog({ repeat, onClose }: RepeatDialogProps) {
  const t = useT();
  const toast = useToast();
  const id = useId();
  const segments = useSegments().data ?? [];
  const [first] = useState(() => startOf(repeat));
  const [form, setForm] = useState(first);
  const { name, segment, channel, plan, rule } = form;
  const [tried, setTried] = useState(false);
  const change = (part: Partial<RepeatForm>) => setForm((now) => ({ ...now, ...part }));
  const byTemplate = plan.by === "template";
  const messageSound = byTemplate ? plan.template_id !== null && isComplete(Object.keys(plan.variables), plan.variables) : plan.instruction.trim() !== "";
  const sound = name.trim() !== "" && segment !== "" && rule.at !== "" && messageSound;
  const dirty = JSON.stringify(form) !== JSON.stringify(first);
  const save = useMutation({
    mutationFn: () => {
      const body = { name: name.trim(), segment_id: segment, rule: ruleOf(rule), plan: planOf(repeat?.plan, channel, plan) };
      return repeat ? api.patch<Repeat>(`/api/v1/repeats/${repeat.repeat_id}`, body) : api.post<Repeat>("/api/v1/repeats", body);
    },
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: keys.repeats });
      toast.success(t(repeat ? "campaigns.repeat_told_saved" : "campaigns.repeat_told_created", { name: name.trim() }));
      onClose();
    },
  });
  const { close, question } = useDiscard(dirty, save.isPending, onClose);
  return (
    <Dialog open onOpenChange={(open) => !open && close()} title={repeat ? t("campaigns.repeat_edit", { name: repeat.name }) : t("campaigns.repeat_new")} size="xl"
      footer={
        <>
          <Button onClick={close}>{t("common.cancel")}</Button>
          <Button type="submit" form={id} variant="primary" pending={save.isPending}>{t(repeat ? "common.save" : "common.create")}</Button>
        </>
      }
    >
      <form id={id} noValidate className="flex flex-col gap-5" onSubmit={submitting(() => {
        setTried(true);
        if (sound && !save.isPending) save.mutate();
        else focusInvalid(id);
      })}>
        <div className="grid gap-3 sm:grid-cols-3">
          <Field label={t("campaigns.name")} required error={tried && name.trim() === "" ? t("campaigns.name_missing") : null}>
            {(control) => (
              // The dialog was asked for a moment ago: typing is what comes next.
              // eslint-disable-next-line jsx-a11y/no-autofocus
              <Input {...control} autoFocus autoComplete="off" maxLength={200} dir="auto" value={name} onChange={(event) => change({ name: event.target.value })} />
            )}
          </Field>
          <Field label={t("campaigns.segment")} required description={segments.length === 0 ? t("campaigns.no_segments") : undefined}
            error={tried && segment === "" ? t("campaigns.segment_missing") : null}>
            {(control) => (
              <Select {...control} value={segment || undefined} placeholder={t("common.select")} onChange={(chosen) => change({ segment: chosen })}
                options={segments.map((each) => ({ value: each.segment_id, label: each.name }))} />
            )}
          </Field>
          <Field label={t("campaigns.channel")}>
            {(control) => (
              <Select {...control} value={channel}
                // Templates are of one channel.
                onChange={(chosen) => change({ channel: chosen, plan: { ...plan, template_id: null, variables: {} } })}
                options={(["wmsg", "sms"] as const).map((each) => ({ value: each, label: t(`common.channel_${each}`) }))} />
            )}
          </Field>
        </div>
        <RuleFields rule={rule} onChange={(part) => change({ rule: { ...rule, ...part } })} />
        <MessageFields channel={channel} plan={plan} columns={OF_EVERYBODY} row={{}} tried={tried} onChange={(part) => change({ plan: { ...plan, ...part } })} />
        <FormError text={save.error && errorText(save.error)} />
      </form>
      {question}
    </Dialog>
  );
}

function RuleFields({ rule, onChange }: { rule: RuleForm; onChange: (change: Partial<RuleForm>) => void }) {
  const t = useT();
  const language = useLanguage();
  const [zones] = useState(() => [...new Set([rule.timezone, "UTC", ...Intl.supportedValuesOf("timeZone")])]);
  const days = Array.from({ length: rule.every === "week" ? 7 : MOST_DAY }, (_, place) => place + 1);
  return (
    <div className="grid grid-cols-2 gap-3 sm:grid-cols-4">
      <Field label={t("campaigns.repeat_every")}>
        {(control) => (
          <Select {...control} value={rule.every} onChange={(every) => onChange({ every, on: 1 })}
            options={(["day", "week", "month"] as const).map((each) => ({ value: each, label: t(`campaigns.repeat_${each}`) }))} />
        )}
      </Field>
      {rule.every !== "day" && (
        <Field label={t("campaigns.repeat_on")}>
          {(control) => (
            <Select {...control} value={`${rule.on}`} onChange={(on) => onChange({ on: Number(on) })}
              options={days.map((day) => ({ value: `${day}`, label: rule.every === "week" ? weekdayName(day, language) : `${day}.` }))} />
          )}
        </Field>
      )}
      <Field label={t("campaigns.repeat_at")}>
        {(control) => <Input {...control} type="time" value={rule.at} onChange={(event) => onChange({ at: event.target.value })} />}
      </Field>
      <Field label={t("campaigns.timezone")}>
        {(control) => (
          <Combobox id={control.id} label={t("campaigns.timezone")} values={[rule.timezone]} onChange={([zone]) => zone !== undefined && onChange({ timezone: zone })}
            options={zones.map((zone) => ({ value: zone, label: zone.replaceAll("_", " "), keywords: zone }))} />
        )}
      </Field>
    </div>
  );
}
