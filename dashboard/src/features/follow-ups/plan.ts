/** What is in the dialog: when it goes out, whether it can, and the request that it makes. */

import type { FollowUpCreate, Template } from "@/api/outreach-types";
import type { Conversation } from "@/api/types";
import { problemOf } from "@/features/composer/schedule";
import { chosenValues, namesOf, problemsOf, type Values } from "@/features/templates/template-text";
import type { TextKey } from "@/lib/i18n";

export interface Plan {
  timing: "after" | "at";
  /** As typed. */
  hours: string;
  /** Local time; "" for none yet. */
  at: string;
  way: "template" | "text";
  template: Template | null;
  values: Values;
  content: string;
}

/** What the server takes. */
export const MOST_HOURS = 30 * 24;
export const LONGEST_CONTENT = 1600;
const HOUR = 3_600_000;
const USUAL_HOURS = 24;

/** A day later the window of whoever wrote before is closed: there a template is what can be sent. */
export function startingPlan(conversation: Conversation): Plan {
  const way = conversation.has_window ? "template" : "text";
  return { timing: "after", hours: String(USUAL_HOURS), at: "", way, template: null, values: {}, content: "" };
}

export const isDirty = ({ template, content }: Plan): boolean => template !== null || content.trim() !== "";

/** With a comma too; NaN for what is no number. */
export const hoursOf = (typed: string): number => (typed.trim() === "" ? Number.NaN : Number(typed.trim().replace(",", ".")));

/** When it goes out; null while that is not known, or cannot be. */
export function dueOf(plan: Plan, now: Date): Date | null {
  if (momentProblem(plan, now)) return null;
  return plan.timing === "at" ? new Date(plan.at) : new Date(now.getTime() + hoursOf(plan.hours) * HOUR);
}

export function momentProblem({ timing, hours, at }: Plan, now: Date): TextKey | null {
  if (timing === "at") return problemOf(new Date(at), now);
  const number = hoursOf(hours);
  return number > 0 && number <= MOST_HOURS ? null : "outreach.follow_hours_wrong";
}

/** Whether only a template goes out then: an answer would open the window, and end the follow-up. */
export function isTooLateForText({ has_window: has, window_closes_at: closes }: Conversation, due: Date): boolean {
  return has && (closes === null || due.getTime() > Date.parse(closes));
}

export type ContentProblem = "content" | "template" | "variables" | "window";

export function contentProblem(plan: Plan, conversation: Conversation, now: Date): ContentProblem | null {
  const { way, template, values, content } = plan;
  if (way === "text") {
    const due = dueOf(plan, now);
    if (due && isTooLateForText(conversation, due)) return "window";
    return content.trim() === "" ? "content" : null;
  }
  if (!template) return "template";
  return Object.keys(problemsOf(namesOf(template), values, template.channel !== "sms")).length > 0 ? "variables" : null;
}

export function bodyOf({ timing, hours, at, way, template, values, content }: Plan): FollowUpCreate {
  const when = timing === "at" ? { due_at: new Date(at).toISOString() } : { after_hours: hoursOf(hours) };
  if (way === "template" && template) {
    return { ...when, template_id: template.template_id, variables: chosenValues(namesOf(template), values) };
  }
  return { ...when, content: content.trim() };
}
