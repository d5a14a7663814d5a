/** How follow-ups are listed, and what is said of those that came to nothing. */

import type { FollowUp } from "@/api/outreach-types";
import type { Conversation } from "@/api/types";
import { isTooLateForText } from "@/features/follow-ups/plan";
import type { TextKey } from "@/lib/i18n";

export interface Listed {
  /** The next one first. */
  waiting: FollowUp[];
  /** The last one first. */
  ended: FollowUp[];
}

export function listed(followUps: readonly FollowUp[]): Listed {
  const byTime = [...followUps].sort((one, other) => one.due_at.localeCompare(other.due_at));
  return {
    waiting: byTime.filter((each) => each.status === "waiting"),
    ended: byTime.filter((each) => each.status !== "waiting").reverse(),
  };
}

/** A waiting text that the closed window will keep from being sent. */
export const willFail = (followUp: FollowUp, conversation: Conversation): boolean =>
  followUp.status === "waiting" && followUp.template_id === null && isTooLateForText(conversation, new Date(followUp.due_at));

const REASONS: Record<string, TextKey> = {
  no_window: "contacts.follow_up_no_window",
  opted_out: "contacts.follow_up_opted_out",
  blocked: "contacts.follow_up_blocked",
  no_credit: "contacts.follow_up_no_credit",
};

/** Reasons begin with a code: "no_window: The customer last wrote…". The known ones are said in the person's language. */
export function reasonOf(reason: string | null): { key: TextKey } | { text: string } | null {
  if (!reason) return null;
  const [, code = "", text = ""] = /^([a-z_]+): (.*)$/s.exec(reason) ?? [];
  const key = REASONS[code];
  return key ? { key } : { text: text || reason };
}
