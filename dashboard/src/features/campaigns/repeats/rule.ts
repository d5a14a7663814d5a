/** When a campaign comes again. */
import type { RepeatRule } from "@/api/campaign-types";

export interface RuleForm {
  every: RepeatRule["every"];
  /** 1 to 7 from Monday, or 1 to 28 of the month: later days are not in every month. */
  on: number;
  at: string;
  timezone: string;
}

export const MOST_DAY = 28;

export const ruleOf = ({ every, on, at, timezone }: RuleForm): RepeatRule => ({ every, at, timezone, ...(every === "day" ? {} : { on }) });

export function formOf(rule: RepeatRule | undefined): RuleForm {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return { every: rule?.every ?? "week", on: rule?.on ?? 1, at: rule?.at ?? "09:00", timezone: rule?.timezone ?? zone };
}

/** "Monday" … in the language: 1 is Monday. */
export function weekdayName(day: number, language: string): string {
  // 5 January 2026 is a Monday.
  return new Intl.DateTimeFormat(language, { weekday: "long", timeZone: "UTC" }).format(Date.UTC(2026, 0, 4 + day));
}
