/** A row in words, and the hints that it draws as icons. */

import type { Conversation } from "@/api/types";
import { formatBrief, formatDateTime, type Translate } from "@/lib/i18n";

/** From this long before its end a window is about to close. */
const CLOSING_MS = 2 * 3_600_000;

export type WindowHint = { kind: "closing"; minutes: number } | { kind: "closed" } | null;

export function windowHint(conversation: Conversation, now: number): WindowHint {
  if (!conversation.has_window || conversation.status === "closed") return null;
  if (conversation.window_closes_at === null) return null;
  const left = Date.parse(conversation.window_closes_at) - now;
  if (left <= 0) return { kind: "closed" };
  return left > CLOSING_MS ? null : { kind: "closing", minutes: Math.ceil(left / 60_000) };
}

/** "You", "Assistant", or nothing for the customer. */
export function senderHint(conversation: Conversation, t: Translate): string {
  if (conversation.last_sender === "human") return t("list.you");
  return conversation.last_sender === "assistant" ? t("list.assistant") : "";
}

function stateWords(conversation: Conversation, t: Translate): string[] {
  const { status, snoozed_until: until, needs_people_reason: reason } = conversation;
  return [
    conversation.needs_people ? (reason ? t("list.row_needs_people_reason", { reason }) : t("list.row_needs_people")) : "",
    status === "closed" ? t("list.row_closed") : "",
    status === "snoozed" ? (until ? t("list.row_snoozed_until", { date: formatDateTime(until) }) : t("list.row_snoozed")) : "",
    conversation.blocked ? t("list.row_blocked") : "",
    conversation.priority === "normal" ? "" : t("list.row_priority", { priority: t(`common.priority_${conversation.priority}`) }),
  ];
}

function windowWords(conversation: Conversation, now: number, t: Translate): string {
  const hint = windowHint(conversation, now);
  if (!hint) return "";
  return hint.kind === "closed" ? t("list.row_window_closed") : t("list.row_window_minutes", { count: hint.minutes });
}

/** What a person hears who does not see the row: what matters most first. */
export function rowWords(conversation: Conversation, now: number, t: Translate): string {
  const sender = senderHint(conversation, t);
  const preview = conversation.last_message || t("list.no_message");
  const { assignee, labels, unread } = conversation;
  return [
    conversation.display_name || conversation.phone_number,
    t(`common.channel_${conversation.channel}`),
    unread ? t("list.row_unread", { count: unread }) : "",
    conversation.mentioned ? t("list.row_mention") : "",
    ...stateWords(conversation, t),
    sender ? `${sender}: ${preview}` : preview,
    conversation.last_active ? formatBrief(conversation.last_active, now) : "",
    windowWords(conversation, now, t),
    assignee ? t("list.row_assigned", { name: assignee.name || assignee.email }) : "",
    labels.length > 0 ? t("list.row_labels", { names: labels.map((label) => label.name).join(", ") }) : "",
  ].filter(Boolean).join(", ");
}
