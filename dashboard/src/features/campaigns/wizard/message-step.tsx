import { useState } from "react";
import type { Campaign } from "@/api/campaign-types";
import { MessageFields, type MessagePlan } from "@/features/campaigns/message-fields";
import { Panel } from "@/features/campaigns/page-parts";
import { useCampaignChange } from "@/features/campaigns/use-campaigns";
import { isComplete } from "@/features/campaigns/variables";
import { columnsOf } from "@/features/campaigns/wizard/columns";
import { usePreviewRows } from "@/features/campaigns/wizard/preview-rows";
import { StepFoot } from "@/features/campaigns/wizard/step-foot";
import type { StepProps } from "@/features/campaigns/wizard/steps";
import { FormError, submitting } from "@/features/settings/parts/form-parts";
import { errorText } from "@/lib/error-text";
import { useT } from "@/lib/i18n";

const planOf = (campaign: Campaign): MessagePlan => ({
  by: campaign.template_id === null && campaign.instruction ? "assistant" : "template",
  template_id: campaign.template_id,
  instruction: campaign.instruction ?? "",
  variables: campaign.variables,
  assistant_id: campaign.assistant_id,
});

export function MessageStep({ campaign, onNext, onBack }: StepProps) {
  const t = useT();
  const change = useCampaignChange(campaign.campaign_id);
  const rows = usePreviewRows(campaign);
  const [plan, setPlan] = useState(() => planOf(campaign));
  const [tried, setTried] = useState(false);
  const { mapping } = campaign;
  const first = rows[0]?.values ?? {};
  // The audience's own fields under our names, and the file's columns under theirs.
  const row = { ...first, ...Object.fromEntries(Object.entries(mapping).map(([field, column]) => [field, first[column] ?? ""])) };
  const instructed = mapping["instruction"] !== undefined;
  const byTemplate = plan.by === "template";
  const sound = byTemplate ? plan.template_id !== null && isComplete(Object.keys(plan.variables), plan.variables) : instructed || plan.instruction.trim() !== "";

  const save = () => {
    setTried(true);
    if (!sound || change.isPending) return;
    change.mutate(
      {
        template_id: byTemplate ? plan.template_id : null,
        variables: byTemplate ? plan.variables : {},
        instruction: plan.instruction.trim() || null,
        assistant_id: plan.assistant_id,
      },
      { onSuccess: onNext },
    );
  };
  return (
    <form noValidate className="flex flex-col gap-4" onSubmit={submitting(save)}>
      <Panel title={t("campaigns.step_message")} hint={t("campaigns.message_text")}>
        <MessageFields channel={campaign.channel} plan={plan} columns={columnsOf(campaign)} row={row} tried={tried} instructed={instructed}
          onChange={(part) => setPlan((now) => ({ ...now, ...part }))} />
      </Panel>
      <FormError text={change.error && errorText(change.error)} />
      <StepFoot onBack={onBack} pending={change.isPending} />
    </form>
  );
}
