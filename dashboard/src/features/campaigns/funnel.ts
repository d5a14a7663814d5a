/** A campaign's numbers, as they are shown. */
import type { Campaign, CampaignStatus, Counts } from "@/api/campaign-types";
import type { BadgeTone } from "@/components/ui/badge";

export const TONES: Record<CampaignStatus, BadgeTone> = {
  importing: "info", ready: "neutral", scheduled: "info", running: "accent",
  paused: "warning", done: "success", canceled: "neutral", failed: "danger",
};

/** Its numbers change by themselves. */
export const isAtWork = (status: CampaignStatus): boolean => status === "importing" || status === "running";
/** A draft: the wizard goes on with it. */
export const isDraft = ({ status, started_at, start_at }: Campaign): boolean =>
  status === "ready" || (status === "importing" && started_at === null && start_at === null);
export const mayPause = (status: CampaignStatus): boolean => status === "running" || status === "scheduled";
export const mayCancel = (status: CampaignStatus): boolean => mayPause(status) || status === "paused" || status === "importing";
export const mayDelete = (status: CampaignStatus): boolean => !["importing", "running", "scheduled", "paused"].includes(status);

export type StageName = "queued" | "sent" | "delivered" | "read" | "answered";
export interface Stage {
  name: StageName;
  count: number;
  /** Of all recipients, from 0 to 1. */
  share: number;
}

/** Each step holds those of the later ones: whoever read a message also got it. */
export function stagesOf(counts: Counts): Stage[] {
  const numbers: [StageName, number][] = [
    ["queued", counts.rows], ["sent", counts.sent], ["delivered", counts.delivered], ["read", counts.read], ["answered", counts.answered],
  ];
  return numbers.map(([name, count]) => ({ name, count, share: counts.rows > 0 ? count / counts.rows : 0 }));
}

/** How much of the work is behind it, from 0 to 1. */
export function doneShare({ status, counts, progress }: Campaign): number {
  if (status === "importing") return progress.of ? Math.min(1, progress.bytes / progress.of) : 0;
  if (counts.rows === 0) return 0;
  return 1 - (counts.waiting + counts.writing) / counts.rows;
}

/** "0.4 %" where a whole number would say nothing. */
export function percent(share: number): string {
  const digits = share > 0 && share < 0.1 ? 1 : 0;
  return new Intl.NumberFormat(document.documentElement.lang || "en", { style: "percent", maximumFractionDigits: digits }).format(share);
}
