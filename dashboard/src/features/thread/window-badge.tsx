/** How long free text may still be sent: the carrier's window after the customer's last message. */

import { Clock, LockKeyhole } from "lucide-react";
import { useEffect, useState } from "react";
import type { Conversation } from "@/api/types";
import { Badge } from "@/components/ui/badge";
import { Tooltip } from "@/components/ui/tooltip";
import { formatDateTime, useLanguage, useT } from "@/lib/i18n";
import { duration } from "@/features/thread/stages";

const MINUTE = 60_000;
const SOON = 2 * 60 * MINUTE;

export function WindowBadge({ conversation }: { conversation: Conversation }) {
  const t = useT();
  const language = useLanguage();
  const { has_window, window_closes_at: closesAt } = conversation;
  const left = useTimeLeft(has_window ? closesAt : null);
  if (!has_window) return null;
  if (left === null || left <= 0) {
    return (
      <Tooltip label={t(closesAt ? "thread.window_closed_why" : "thread.window_none_why")}>
        <span role="note">
          <Badge tone="danger"><LockKeyhole aria-hidden />{t("thread.window_closed")}</Badge>
        </span>
      </Tooltip>
    );
  }
  const rounded = left < MINUTE ? Math.ceil(left / 1000) * 1000 : Math.floor(left / MINUTE) * MINUTE;
  return (
    <Tooltip label={t("thread.window_open_why", { at: formatDateTime(closesAt ?? "") })}>
      <span role="timer" aria-label={t("thread.window_left", { left: duration(rounded, language) })}>
        <Badge tone={left < SOON ? "warning" : "neutral"}><Clock aria-hidden />{duration(rounded, language)}</Badge>
      </span>
    </Tooltip>
  );
}

/** Milliseconds until then, by the minute, and by the second at the end. */
function useTimeLeft(until: string | null): number | null {
  const [now, setNow] = useState(Date.now);
  const left = until === null ? null : Date.parse(until) - now;
  useEffect(() => {
    if (until === null) return;
    const remaining = Date.parse(until) - Date.now();
    if (remaining <= 0) {
      const timer = setTimeout(() => setNow(Date.now()), 0);
      return () => clearTimeout(timer);
    }
    const timer = setTimeout(() => setNow(Date.now()), remaining < 2 * MINUTE ? 1000 : remaining % MINUTE + 50);
    return () => clearTimeout(timer);
  }, [until, now]);
  return left;
}
