import { useState, type ReactNode } from "react";
import type { Campaign, CampaignChange } from "@/api/campaign-types";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Switch } from "@/components/ui/switch";
import { Panel } from "@/features/campaigns/page-parts";
import { useCampaignChange } from "@/features/campaigns/use-campaigns";
import { columnsOf } from "@/features/campaigns/wizard/columns";
import { FollowUpFields, followUpOf, followUpProblem, type FollowUpForm } from "@/features/campaigns/wizard/follow-up-fields";
import { StepFoot } from "@/features/campaigns/wizard/step-foot";
import type { StepProps } from "@/features/campaigns/wizard/steps";
import { fromLocalInput, timeProblem, toLocalInput } from "@/features/campaigns/wizard/times";
import { FormError, submitting } from "@/features/settings/parts/form-parts";
import { useForm } from "@/features/settings/parts/use-form";
import { errorText } from "@/lib/error-text";
import { useT } from "@/lib/i18n";

interface OptionsForm {
  later: boolean;
  startAt: string;
  quiet: boolean;
  from: string;
  to: string;
  rate: string;
  followUp: FollowUpForm | null;
}

const formOf = (campaign: Campaign): OptionsForm => ({
  later: campaign.start_at !== null,
  startAt: toLocalInput(campaign.start_at),
  quiet: campaign.quiet_hours !== null,
  from: campaign.quiet_hours?.from ?? "21:00",
  to: campaign.quiet_hours?.to ?? "08:00",
  rate: campaign.rate === null ? "" : `${campaign.rate}`,
  followUp: campaign.follow_up && {
    hours: `${campaign.follow_up.after_hours}`,
    template_id: campaign.follow_up.template_id,
    variables: campaign.follow_up.variables,
  },
});

const isRate = (text: string) => text.trim() === "" || (Number(text) > 0 && Number(text) <= 1000);

export function OptionsStep({ campaign, onNext, onBack }: StepProps) {
  const t = useT();
  const change = useCampaignChange(campaign.campaign_id);
  const { values, set } = useForm(formOf(campaign));
  const [tried, setTried] = useState(false);
  const startAt = values.later ? fromLocalInput(values.startAt) : null;
  const timeWrong = values.later ? (startAt === null ? "missing" : timeProblem(startAt)) : null;
  const hoursWrong = values.quiet && (values.from === "" || values.to === "" || values.from === values.to);
  const followUpWrong = values.followUp !== null && followUpProblem(values.followUp) !== null;

  const save = () => {
    setTried(true);
    if (timeWrong !== null || hoursWrong || followUpWrong || !isRate(values.rate) || change.isPending) return;
    const body: CampaignChange = {
      start_at: startAt,
      quiet_hours: values.quiet ? { from: values.from, to: values.to } : null,
      rate: values.rate.trim() === "" ? null : Number(values.rate),
      follow_up: values.followUp && followUpOf(values.followUp),
    };
    change.mutate(body, { onSuccess: onNext });
  };
  return (
    <form noValidate className="flex flex-col gap-4" onSubmit={submitting(save)}>
      <Panel title={t("campaigns.step_options")} className="divide-y divide-line px-4">
        <Option label={t("campaigns.later")} hint={t("campaigns.later_hint")} checked={values.later} onChange={(later) => set({ later })}>
          <Field label={t("campaigns.start_at")} hideLabel error={timeWrong !== null && (tried || timeWrong !== "missing") ? t(`campaigns.time_${timeWrong}`) : null} className="max-w-64">
            {(control) => <Input {...control} type="datetime-local" value={values.startAt} onChange={(event) => set({ startAt: event.target.value })} />}
          </Field>
        </Option>
        <Option label={t("campaigns.quiet_hours")} hint={t("campaigns.quiet_hours_hint")} checked={values.quiet} onChange={(quiet) => set({ quiet })}>
          <div className="flex flex-wrap items-center gap-2">
            <Input type="time" aria-label={t("campaigns.quiet_from")} className="w-32!" value={values.from} onChange={(event) => set({ from: event.target.value })} />
            <span aria-hidden className="text-muted">–</span>
            <Input type="time" aria-label={t("campaigns.quiet_to")} className="w-32!" value={values.to} onChange={(event) => set({ to: event.target.value })} />
            {hoursWrong && <span role="alert" className="text-sm text-danger">{t("campaigns.quiet_wrong")}</span>}
          </div>
        </Option>
        <Option label={t("campaigns.follow_up")} hint={t("campaigns.follow_up_hint")} checked={values.followUp !== null}
          onChange={(on) => set({ followUp: on ? { hours: "24", template_id: null, variables: {} } : null })}>
          {values.followUp && <FollowUpFields channel={campaign.channel} columns={columnsOf(campaign)} form={values.followUp} tried={tried} onChange={(followUp) => set({ followUp })} />}
        </Option>
        <div className="py-3">
          <Field label={t("campaigns.rate")} description={t("campaigns.rate_hint")} optional error={isRate(values.rate) ? null : t("campaigns.rate_wrong")} className="max-w-sm">
            {(control) => <Input {...control} inputMode="decimal" autoComplete="off" className="w-32!" value={values.rate} onChange={(event) => set({ rate: event.target.value.replace(",", ".") })} />}
          </Field>
        </div>
      </Panel>
      <FormError text={change.error && errorText(change.error)} />
      <StepFoot onBack={onBack} pending={change.isPending} />
    </form>
  );
}

interface OptionProps {
  label: string;
  hint: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
  children: ReactNode;
}

function Option({ label, hint, checked, onChange, children }: OptionProps) {
  return (
    <div className="flex flex-col gap-2 py-3">
      <div className="flex items-start gap-3">
        <div className="min-w-0 flex-1">
          <p className="font-medium">{label}</p>
          <p className="text-sm text-muted">{hint}</p>
        </div>
        <Switch aria-label={label} checked={checked} onChange={onChange} />
      </div>
      {checked && children}
    </div>
  );
}
