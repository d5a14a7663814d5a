/** What happened in the conversation, as a line in the middle. */

import type { Message } from "@/api/types";
import { formatDateTime, formatTime, useT, type Translate } from "@/lib/i18n";
import { eventOf } from "@/features/thread/structured";

export function Line({ message, customer }: { message: Message; customer: string }) {
  const t = useT();
  return (
    <p className="mx-auto flex max-w-[85%] flex-wrap items-baseline justify-center gap-x-2 px-3 py-1.5 text-center text-xs text-muted">
      <bdi>{lineText(message, customer, t)}</bdi>
      {message.created_at && <time dateTime={message.created_at}>{formatTime(message.created_at)}</time>}
    </p>
  );
}

export function lineText(message: Message, customer: string, t: Translate): string {
  if (message.kind === "reaction") {
    return message.content
      ? t("thread.reacted", { name: customer, emoji: message.content })
      : t("thread.reaction_removed", { name: customer });
  }
  return message.kind === "event" ? eventText(message, t) : message.content;
}

function eventText(message: Message, t: Translate): string {
  const { event, mode, status, by, name, until, reason } = eventOf(message.structured);
  switch (event) {
    case "mode":
      if (mode === "manual") return by ? t("thread.event_taken_over", { by }) : t("thread.event_manual");
      return by ? t("thread.event_handed_back", { by }) : t("thread.event_assistant");
    case "status":
      if (status === "closed") return by ? t("thread.event_closed_by", { by }) : t("thread.event_closed");
      if (status === "snoozed") {
        if (!until) return t("thread.event_snoozed_reply", { by: by || t("thread.somebody") });
        return t("thread.event_snoozed", { by: by || t("thread.somebody"), until: formatDateTime(until) });
      }
      return by ? t("thread.event_opened_by", { by }) : t("thread.event_opened");
    case "assigned":
      if (!name) return t("thread.event_unassigned", { by: by || t("thread.somebody") });
      return by && by !== name
        ? t("thread.event_assigned_by", { by, name })
        : t("thread.event_assigned", { name });
    case "team":
      return name ? t("thread.event_team", { name }) : t("thread.event_no_team");
    case "handoff":
      return reason ? t("thread.event_handoff_why", { reason }) : t("thread.event_handoff");
    default:
      return message.content || t("thread.event_other", { event });
  }
}
