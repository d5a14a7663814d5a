import { useState, type ReactNode } from "react";
import { AlertDialog } from "@/components/ui/alert-dialog";
import { useT } from "@/lib/i18n";

export interface Discard {
  /** In place of closing: asks first where something was filled in. */
  close: () => void;
  /** Goes inside of the dialog that it is about. */
  question: ReactNode;
}

/** A dialog that does not throw away by accident what was filled in. */
export function useDiscard(dirty: boolean, pending: boolean, onClose: () => void): Discard {
  const t = useT();
  const [asking, setAsking] = useState(false);
  function close(): void {
    if (pending) return;
    if (dirty) setAsking(true);
    else onClose();
  }
  const question = (
    <AlertDialog
      open={asking}
      onOpenChange={setAsking}
      title={t("common.discard_title")}
      description={t("common.discard_text")}
      action={t("common.discard")}
      danger
      onAction={onClose}
    />
  );
  return { close, question };
}
