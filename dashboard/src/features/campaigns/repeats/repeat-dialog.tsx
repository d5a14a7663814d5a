import { useMutation } from "@tanstack/react-query";
import { useId, useState } from "react";
import type { Repeat } from "@/api/campaign-types";
import type { ChannelKind } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Combobox } from "@/components/ui/combobox";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { useToast } from "@/components/ui/toast";
import { MessageFields, type MessagePlan } from "@/features/campaigns/message-fields";
import { formOf, MOST_DAY, ruleOf, weekdayName, type RuleForm } from "@/features/campaigns/repeats/rule";
import { isComplete, OF_EVERYBODY } from "@/features/campaigns/variables";
import { FormError, submitting } from "@/features/settings/parts/form-parts";
import { useSegments } from "@/lib/directory";
import { errorText } from "@/lib/error-text";
import { api } from "@/lib/http";
import { useLanguage, useT } from "@/lib/i18n";
import { keys, queryClient } from "@/lib/query";

const EMPTY: MessagePlan = { by: "template", template_id: null, instruction: "", variables: {}, assistant_id: null };

export function RepeatDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const toast = useToast();
  const id = useId();
  const segments = useSegments().data ?? [];
  const [name, setName] = useState("");
  const [segment, setSegment] = useState("");
  const [channel, setChannel] = useState<ChannelKind>("wmsg");
  const [plan, setPlan] = useState(EMPTY);
  const [rule, setRule] = useState(() => formOf(undefined));
  const [tried, setTried] = useState(false);
  const byTemplate = plan.by === "template";
  const messageSound = byTemplate ? plan.template_id !== null && isComplete(Object.keys(plan.variables), plan.variables) : plan.instruction.trim() !== "";
  const sound = name.trim() !== "" && segment !== "" && rule.at !== "" && messageSound;
  const create = useMutation({
    mutationFn: () =>
      api.post<Repeat>("/api/v1/repeats", {
        name: name.trim(),
        segment_id: segment,
        rule: ruleOf(rule),
        plan: {
          channel,
          template_id: byTemplate ? plan.template_id : null,
          variables: byTemplate ? plan.variables : {},
          instruction: plan.instruction.trim() || null,
          assistant_id: plan.assistant_id,
        },
      }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: keys.repeats });
      toast.success(t("campaigns.repeat_told_created", { name: name.trim() }));
      onClose();
    },
  });
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t("campaigns.repeat_new")} size="xl"
      footer={
        <>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" form={id} variant="primary" pending={create.isPending}>{t("common.create")}</Button>
        </>
      }
    >
      <form id={id} noValidate className="flex flex-col gap-5" onSubmit={submitting(() => {
        setTried(true);
        if (sound && !create.isPending) create.mutate();
      })}>
        <div className="grid gap-3 sm:grid-cols-3">
          <Field label={t("campaigns.name")} required error={tried && name.trim() === "" ? t("campaigns.name_missing") : null}>
            {(control) => <Input {...control} maxLength={200} dir="auto" value={name} onChange={(event) => setName(event.target.value)} />}
          </Field>
          <Field label={t("campaigns.segment")} required description={segments.length === 0 ? t("campaigns.no_segments") : undefined}
            error={tried && segment === "" ? t("campaigns.segment_missing") : null}>
            {(control) => (
              <Select {...control} value={segment || undefined} placeholder={t("common.select")} onChange={setSegment}
                options={segments.map((each) => ({ value: each.segment_id, label: each.name }))} />
            )}
          </Field>
          <Field label={t("campaigns.channel")}>
            {(control) => (
              <Select {...control} value={channel} onChange={setChannel}
                options={(["wmsg", "sms"] as const).map((each) => ({ value: each, label: t(`common.channel_${each}`) }))} />
            )}
          </Field>
        </div>
        <RuleFields rule={rule} onChange={(change) => setRule((now) => ({ ...now, ...change }))} />
        <MessageFields channel={channel} plan={plan} columns={OF_EVERYBODY} row={{}} tried={tried} onChange={(change) => setPlan((now) => ({ ...now, ...change }))} />
        <FormError text={create.error && errorText(create.error)} />
      </form>
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
