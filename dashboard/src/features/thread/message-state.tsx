/** What is to be done about a message that is not on its way: failed, scheduled, a draft. */

import { CalendarClock, CircleAlert, PencilLine, RotateCw, Send } from "lucide-react";
import type { ReactNode } from "react";
import type { Message } from "@/api/types";
import { Button } from "@/components/ui/button";
import { formatDateTime, formatRelative, useT } from "@/lib/i18n";
import { useMessageAction } from "@/features/thread/message-actions";
import { useScene } from "@/features/thread/thread-context";

interface MessageStateProps {
  message: Message;
  onEdit: () => void;
}

export function MessageState({ message, onEdit }: MessageStateProps) {
  if (message.status === "failed") return <Failed message={message} />;
  if (message.status === "scheduled" || message.status === "draft") return <Waiting message={message} onEdit={onEdit} />;
  return null;
}

function Failed({ message }: { message: Message }) {
  const t = useT();
  const { canAct } = useScene();
  const { retry, isPending } = useMessageAction(message);
  return (
    <Note icon={<CircleAlert className="size-4 shrink-0 text-danger" aria-hidden />}>
      <span className="min-w-0 text-danger">
        <bdi>{message.error || t("thread.failed_unknown")}</bdi>
        {message.error_code && <> <span className="whitespace-nowrap">({t("thread.error_code", { code: message.error_code })})</span></>}
      </span>
      {canAct && message.sender !== "user" && (
        <Button size="sm" pending={isPending} onClick={() => void retry()}>
          <RotateCw aria-hidden />
          {t("common.retry")}
        </Button>
      )}
    </Note>
  );
}

function Waiting({ message, onEdit }: MessageStateProps) {
  const t = useT();
  const { canAct, open } = useScene();
  const { sendNow, isPending } = useMessageAction(message);
  const isDraft = message.status === "draft";
  const at = message.scheduled_at;
  const Icon = isDraft ? PencilLine : CalendarClock;
  return (
    <Note icon={<Icon className="size-4 shrink-0 text-warning" aria-hidden />}>
      <span title={at ? formatRelative(at) : undefined}>
        {isDraft ? t("thread.draft_waits") : t("thread.scheduled_for", { at: at ? formatDateTime(at) : "…" })}
      </span>
      {canAct && (
        <span className="flex flex-wrap gap-1">
          <Button size="sm" pending={isPending} onClick={() => void sendNow()}>
            <Send aria-hidden className="rtl:-scale-x-100" />
            {t(isDraft ? "common.send" : "thread.send_now")}
          </Button>
          <Button size="sm" variant="ghost" onClick={onEdit}>{t("common.edit")}</Button>
          <Button size="sm" variant="danger-ghost" onClick={() => open({ type: "delete", message })}>
            {t(isDraft ? "common.delete" : "thread.cancel_scheduled")}
          </Button>
        </span>
      )}
    </Note>
  );
}

function Note({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <div className="mt-1 flex flex-wrap items-center gap-x-2 gap-y-1 border-t border-line pt-1.5 text-sm">
      {icon}
      {children}
    </div>
  );
}
