/** Whom a campaign would leave out, and why: the most frequent reason first. */
import type { CheckReport } from "@/api/campaign-types";
import type { TextKey } from "@/lib/i18n";

const TEXTS: Record<string, TextKey> = {
  opted_out: "campaigns.skip_opted_out", blocked: "campaigns.skip_blocked", no_window: "campaigns.skip_no_window",
  bad_number: "campaigns.skip_bad_number", duplicate: "campaigns.skip_duplicate", no_credit: "campaigns.skip_no_credit",
  bad_variables: "campaigns.skip_bad_variables", unknown_channel: "campaigns.skip_unknown_channel", bad_row: "campaigns.skip_bad_row",
  template: "campaigns.skip_template",
};

export interface Skip {
  code: string;
  /** Null: a reason that this version does not know. */
  text: TextKey | null;
  count: number;
  /** Of all recipients, from 0 to 1. */
  share: number;
}

export const skipsOf = ({ skipped, rows }: CheckReport): Skip[] =>
  Object.entries(skipped)
    .filter(([, count]) => count > 0)
    .map(([code, count]) => ({ code, text: TEXTS[code] ?? null, count, share: rows > 0 ? count / rows : 0 }))
    .sort((one, other) => other.count - one.count);
