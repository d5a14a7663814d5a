/** How far a message has come: an icon, and the same in words. */

import {
  Ban, CalendarClock, Check, CheckCheck, CircleAlert, Clock, Headphones, PencilLine, type LucideIcon,
} from "lucide-react";
import type { Message } from "@/api/types";
import { useT, type TextKey } from "@/lib/i18n";

const LOOKS: Record<string, { icon: LucideIcon; text: TextKey; tone?: string }> = {
  draft: { icon: PencilLine, text: "thread.status_draft" },
  scheduled: { icon: CalendarClock, text: "thread.status_scheduled" },
  queued: { icon: Clock, text: "thread.status_queued" },
  sending: { icon: Clock, text: "thread.status_sending" },
  sent: { icon: Check, text: "thread.status_sent" },
  delivered: { icon: CheckCheck, text: "thread.status_delivered" },
  read: { icon: CheckCheck, text: "thread.status_read", tone: "text-info" },
  played: { icon: Headphones, text: "thread.status_played", tone: "text-info" },
  failed: { icon: CircleAlert, text: "thread.status_failed", tone: "text-danger" },
  canceled: { icon: Ban, text: "thread.status_canceled" },
};

export function statusText(status: string): TextKey | null {
  return LOOKS[status]?.text ?? null;
}

export function MessageStatus({ message }: { message: Message }) {
  const t = useT();
  const look = LOOKS[message.status];
  if (!look) return null;
  const Icon = look.icon;
  return (
    <span className={`inline-flex ${look.tone ?? ""}`} title={t(look.text)}>
      <Icon className="size-3.5" aria-hidden />
      <span className="sr-only">{t(look.text)}</span>
    </span>
  );
}
