/** What happened to a message, stage by stage, and how long each took. */

import { useQuery } from "@tanstack/react-query";
import { Copy } from "lucide-react";
import type { ReactNode } from "react";
import type { Message, Timeline } from "@/api/types";
import { Dialog } from "@/components/ui/dialog";
import { ErrorState } from "@/components/ui/error-state";
import { IconButton } from "@/components/ui/icon-button";
import { Skeleton } from "@/components/ui/skeleton";
import { showToast } from "@/components/ui/toast-store";
import { formatDateTime, useLanguage, useT, type TextKey } from "@/lib/i18n";
import { api } from "@/lib/http";
import { keys } from "@/lib/query";
import { copyText } from "@/features/thread/copy-text";
import { statusText } from "@/features/thread/message-status";
import { duration, stepsOf } from "@/features/thread/stages";

const STAGES: Record<string, TextKey> = {
  carrier: "thread.stage_sent_at_carrier", sent_at_carrier: "thread.stage_sent_at_carrier",
  received: "thread.stage_received", committed: "thread.stage_committed", picked_up: "thread.stage_picked_up",
  understood: "thread.stage_understood", answered: "thread.stage_answered", created: "thread.stage_created",
  scheduled: "thread.status_scheduled", queued: "thread.status_queued", sending: "thread.status_sending",
  sent: "thread.status_sent", delivered: "thread.status_delivered", read: "thread.status_read",
  played: "thread.status_played", failed: "thread.status_failed", canceled: "thread.status_canceled",
};

export function TimelineDialog({ message, onClose }: { message: Message; onClose: () => void }) {
  const t = useT();
  const query = useQuery({
    queryKey: keys.timeline(message.message_id),
    queryFn: ({ signal }) => api.get<Timeline>(`/api/v1/messages/${message.message_id}/timeline`, undefined, { signal }),
    staleTime: 0,
  });
  return (
    <Dialog open onOpenChange={(isOpen) => !isOpen && onClose()} title={t("thread.timeline")} size="sm">
      {query.isPending && <div className="grid gap-2" aria-busy>{[1, 2, 3, 4].map((each) => <Skeleton key={each} className="h-6" />)}</div>}
      {query.isError && <ErrorState inline error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && <Stages timeline={query.data} />}
    </Dialog>
  );
}

function Stages({ timeline }: { timeline: Timeline }) {
  const t = useT();
  const language = useLanguage();
  const steps = stepsOf(timeline.stages);
  const total = steps.reduce((sum, step) => sum + (step.took ?? 0), 0);
  const state = statusText(timeline.status);
  return (
    <>
      <ol className="relative ms-1.5 border-s-2 border-line">
        {steps.map((step, index) => (
          <li key={`${step.stage}${index}`} className="relative flex items-baseline gap-2 py-1.5 ps-4">
            <span className="absolute -start-[5px] top-3 size-2 rounded-full bg-accent" aria-hidden />
            <span className="min-w-0 grow">
              {stageText(step.stage, t)}
              <time dateTime={step.at} className="block text-xs text-muted">{formatDateTime(step.at)}</time>
            </span>
            {step.took !== null && <span className="shrink-0 text-sm text-muted">+{duration(step.took, language)}</span>}
          </li>
        ))}
      </ol>
      <dl className="mt-3 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 border-t border-line pt-3 text-sm">
        {steps.length > 1 && <Fact name={t("thread.timeline_total")}>{duration(total, language)}</Fact>}
        <Fact name={t("thread.timeline_status")}>{state ? t(state) : timeline.status}</Fact>
        {timeline.direction === "outbound" && <Fact name={t("thread.timeline_attempts")}>{timeline.attempts}</Fact>}
        {timeline.carrier_id && <Fact name={t("thread.timeline_carrier_id")} copy={timeline.carrier_id} />}
        {timeline.carrier_status && <Fact name={t("thread.timeline_carrier_status")}>{timeline.carrier_status}</Fact>}
        {timeline.error && <Fact name={t("thread.timeline_error")}>{timeline.error} {timeline.error_code && `(${timeline.error_code})`}</Fact>}
        <Fact name={t("thread.timeline_trace")} copy={timeline.trace_id} />
      </dl>
    </>
  );
}

function stageText(stage: string, t: ReturnType<typeof useT>): string {
  const known = STAGES[stage.replace(/_at$/, "")] ?? STAGES[stage];
  return known ? t(known) : stage.replaceAll("_", " ");
}

function Fact({ name, children, copy }: { name: string; children?: ReactNode; copy?: string }) {
  const t = useT();
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="flex min-w-0 items-center gap-1">
        {copy ? <code className="min-w-0 truncate font-mono text-xs" dir="ltr">{copy}</code> : children}
        {copy && (
          <IconButton
            icon={Copy}
            size="sm"
            label={t("thread.copy_value", { name })}
            onClick={() => void copyText(copy).then(
              () => showToast(t("common.copied")),
              () => showToast(t("thread.copy_failed"), { tone: "danger" }),
            )}
          />
        )}
      </dd>
    </>
  );
}
