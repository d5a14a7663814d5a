import { Lock as LockIcon } from "lucide-react";
import { useState } from "react";
import type { Conversation } from "@/api/types";
import { Button } from "@/components/ui/button";
import { useChannelState } from "@/features/composer/channel";
import type { Lock } from "@/features/composer/reply-window";
import { LaterTemplateDialog } from "@/features/templates/later-template-dialog";
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
        {isWindow && <TemplateButton conversation={conversation} />}
      </div>
    </div>
  );
}

function TemplateButton({ conversation }: { conversation: Conversation }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button variant="primary" aria-haspopup="dialog" onClick={() => setOpen(true)}>{t("composer.templates_choose")}</Button>
      {open && <LaterTemplateDialog conversation={conversation} onClose={() => setOpen(false)} />}
    </>
  );
}
