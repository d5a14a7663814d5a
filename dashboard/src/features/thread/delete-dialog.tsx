/** Asks before a message is deleted. */

import type { Message } from "@/api/types";
import { AlertDialog } from "@/components/ui/alert-dialog";
import { useT } from "@/lib/i18n";
import { useMessageAction } from "@/features/thread/message-actions";

export function DeleteDialog({ message, onClose }: { message: Message; onClose: () => void }) {
  const t = useT();
  const { remove, isPending } = useMessageAction(message);
  const isNote = message.kind === "note";
  const isWaiting = message.status === "draft" || message.status === "scheduled";
  return (
    <AlertDialog
      open
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={t(isNote ? "thread.delete_note" : isWaiting ? "thread.delete_waiting" : "thread.delete_sent")}
      description={t(isNote ? "thread.delete_note_why" : isWaiting ? "thread.delete_waiting_why" : "thread.delete_sent_why")}
      action={t("common.delete")}
      danger
      pending={isPending}
      onAction={() => void remove().then((isDone) => isDone && onClose())}
    />
  );
}
