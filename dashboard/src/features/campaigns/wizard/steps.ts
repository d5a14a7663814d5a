/** The wizard's steps, and which of them is to be taken next. */
import type { Campaign } from "@/api/campaign-types";

export const STEPS = ["audience", "columns", "message", "options", "check"] as const;
export type StepId = (typeof STEPS)[number];

export interface StepProps {
  campaign: Campaign;
  onNext: () => void;
  /** Null on the first step that can be gone back to. */
  onBack: (() => void) | null;
}

/** Only files have columns. Null: nothing is known of the campaign yet. */
export const stepsOf = (campaign: Pick<Campaign, "source"> | null): StepId[] =>
  STEPS.filter((step) => step !== "columns" || campaign === null || campaign.source === "csv");

export function stepToDo(campaign: Pick<Campaign, "source" | "mapping" | "template_id" | "instruction">): StepId {
  if (campaign.source === "csv" && !campaign.mapping["phone_number"]) return "columns";
  const instructed = Boolean(campaign.instruction?.trim()) || campaign.mapping["instruction"] !== undefined;
  return campaign.template_id === null && !instructed ? "message" : "check";
}

function near(campaign: Pick<Campaign, "source">, step: StepId, distance: 1 | -1): StepId | null {
  const steps = stepsOf(campaign);
  return steps[steps.indexOf(step) + distance] ?? null;
}
export const nextOf = (campaign: Pick<Campaign, "source">, step: StepId): StepId | null => near(campaign, step, 1);
export const previousOf = (campaign: Pick<Campaign, "source">, step: StepId): StepId | null => near(campaign, step, -1);
