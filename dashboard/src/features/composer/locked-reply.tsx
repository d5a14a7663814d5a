import { Lock as LockIcon } from "lucide-react";
import { useState } from "react";
import type { Conversation } from "@/api/types";
import { Button } from "@/components/ui/button";
import { ErrorState } from "@/components/ui/error-state";
import { Popover } from "@/components/ui/popover";
import { Skeleton } from "@/components/ui/skeleton";
import { useChannelState, useTemplates } from "@/features/composer/channel";
import type { Lock } from "@/features/composer/reply-window";
import { formatDateTime, useT } from "@/lib/i18n";

interface LockedReplyProps {
  conversation: Conversation;
  lock: Exclude<Lock, "viewer">;
  onNote: () => void;
}

/** In place of the reply box: why there is none, and what can be done. */
export function LockedReply({ conversation, lock, onNote }: LockedReplyProps) {
  const t = useT();
  const reason = useChannelState(conversation.channel_id)?.state_reason;
  const isWindow = lock === "window" || lock === "never_wrote";
  return (
    <div className="flex min-h-24 flex-wrap items-center gap-x-4 gap-y-2 rounded-xl bg-canvas px-3 py-3">
      <LockIcon aria-hidden className="size-5 shrink-0 text-muted" />
      <div role="status" className="min-w-56 flex-1">
        <p className="font-medium">{t(`composer.lock_${lock}`)}</p>
        {lock === "channel" && reason && <p className="text-sm text-muted">{reason}</p>}
        {lock === "window" && conversation.window_closes_at && (
          <p className="text-sm text-muted">{t("composer.lock_window_since", { at: formatDateTime(conversation.window_closes_at) })}</p>
        )}
        {!isWindow && lock !== "channel" && <p className="text-sm text-muted">{t(`composer.lock_${lock}_hint`)}</p>}
      </div>
      <div className="flex flex-wrap gap-2">
        <Button onClick={onNote}>{t("composer.lock_note")}</Button>
        {isWindow && <TemplateButton channelId={conversation.channel_id} />}
      </div>
    </div>
  );
}

function TemplateButton({ channelId }: { channelId: string }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      side="top"
      align="end"
      label={t("composer.templates")}
      className="w-88"
      trigger={<Button variant="primary">{t("composer.templates_choose")}</Button>}
    >
      <Templates channelId={channelId} />
    </Popover>
  );
}

function Templates({ channelId }: { channelId: string }) {
  const t = useT();
  const templates = useTemplates(channelId, true);
  if (templates.isPending) {
    return (
      <div className="flex flex-col gap-2">
        <Skeleton className="h-4 w-2/3" />
        <Skeleton className="h-10 w-full" />
      </div>
    );
  }
  if (templates.isError) return <ErrorState error={templates.error} onRetry={() => void templates.refetch()} />;
  if (templates.data.length > 0) {
    return (
      <ul className="flex flex-col gap-1">
        {templates.data.map((template) => (
          <li key={template.template_id} className="rounded-md border border-line p-2">
            <p className="text-sm font-medium">
              {template.name} <span className="font-normal text-muted">{template.language}</span>
            </p>
            <p dir="auto" className="text-sm whitespace-pre-wrap">{template.content}</p>
          </li>
        ))}
      </ul>
    );
  }
  return (
    <div className="flex flex-col gap-2">
      <h2 className="font-semibold">{t("composer.templates_none")}</h2>
      <p className="text-sm text-muted">{t("composer.templates_where")}</p>
      <ul className="list-disc ps-5 text-sm">
        <li>{t("composer.templates_wait")}</li>
        <li>{t("composer.templates_other")}</li>
      </ul>
    </div>
  );
}
