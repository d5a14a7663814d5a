/** When a campaign comes again, and with what. */
import type { CampaignChange, Repeat, RepeatRule, VariableSources } from "@/api/campaign-types";
import type { ChannelKind } from "@/api/types";
import type { MessagePlan } from "@/features/campaigns/message-fields";

export interface RuleForm {
  every: RepeatRule["every"];
  /** 1 to 7 from Monday, or 1 to 28 of the month: later days are not in every month. */
  on: number;
  at: string;
  timezone: string;
}

export interface RepeatForm {
  name: string;
  segment: string;
  channel: ChannelKind;
  plan: MessagePlan;
  rule: RuleForm;
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

export function startOf(repeat: Repeat | null): RepeatForm {
  const { channel, template_id: template, instruction, variables, assistant_id: assistant } = repeat?.plan ?? {};
  return {
    name: repeat?.name ?? "",
    segment: repeat?.segment_id ?? "",
    channel: channel === "sms" ? "sms" : "wmsg",
    rule: formOf(repeat?.rule),
    plan: {
      by: repeat === null || template != null ? "template" : "assistant",
      template_id: template ?? null,
      instruction: instruction ?? "",
      variables: variables ?? {},
      assistant_id: assistant ?? null,
    },
  };
}

/** What the form does not ask for (quiet hours, the follow-up, the rate) stays as it is. */
export function planOf(before: CampaignChange | undefined, channel: ChannelKind, plan: MessagePlan): CampaignChange {
  const byTemplate = plan.by === "template";
  const variables: VariableSources = byTemplate ? plan.variables : {};
  return {
    ...before,
    channel,
    template_id: byTemplate ? plan.template_id : null,
    variables,
    instruction: plan.instruction.trim() || null,
    assistant_id: plan.assistant_id,
  };
}

/** "09:00" as it is written in the language. */
export function clockTime(at: string, language: string): string {
  const [hours = 0, minutes = 0] = at.split(":").map(Number);
  return new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit", timeZone: "UTC" }).format(Date.UTC(2026, 0, 5, hours, minutes));
}

/** By the clock of the rule's own place, as the rule itself is told. */
export function momentThere(at: string, timeZone: string, language: string): string {
  return new Intl.DateTimeFormat(language, { weekday: "short", day: "numeric", month: "short", hour: "numeric", minute: "2-digit", timeZone }).format(new Date(at));
}
