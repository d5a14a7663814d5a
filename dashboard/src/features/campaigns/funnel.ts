/** A campaign's numbers, as they are shown. */
import type { Campaign, CampaignStatus, Counts } from "@/api/campaign-types";
import type { BadgeTone } from "@/components/ui/badge";

export const TONES: Record<CampaignStatus, BadgeTone> = {
  importing: "info", ready: "neutral", scheduled: "info", running: "accent",
  paused: "warning", done: "success", canceled: "neutral", failed: "danger",
};

export const isAtWork = (status: CampaignStatus): boolean => status === "importing" || status === "running";

const OFTEN_MS = 5000;
const SELDOM_MS = 60_000;
const SETTLING_MS = 10 * 60_000;
const ANSWERING_MS = 24 * 3_600_000;

/** When to ask for its numbers again: what was sent is delivered, read and answered after the end, too. */
export function freshFor({ status, counts, started_at: started, finished_at: finished }: Campaign, now = Date.now()): number | false {
  if (isAtWork(status)) return OFTEN_MS;
  if (started === null || counts.sent === counts.answered) return false;
  const past = now - Date.parse(finished ?? started);
  return past < SETTLING_MS ? OFTEN_MS : past < ANSWERING_MS ? SELDOM_MS : false;
}
/** A draft: the wizard goes on with it. What starts by itself is none. */
export const isDraft = ({ status, started_by_hand: byHand }: Campaign): boolean => byHand && (status === "ready" || status === "importing");
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
