import { useId, useState, type ReactNode } from "react";
import { AlertDialog } from "@/components/ui/alert-dialog";
import { Button } from "@/components/ui/button";
import { Dialog, type DialogProps } from "@/components/ui/dialog";
import { FormError, submitting } from "@/features/settings/parts/form-parts";
import { useT } from "@/lib/i18n";

export interface FormDialogProps {
  title: string;
  description?: ReactNode;
  /** The verb of what will be done. */
  action: string;
  dirty: boolean;
  pending: boolean;
  error: string | null;
  disabled?: boolean;
  size?: DialogProps["size"];
  onSubmit: () => void;
  onClose: () => void;
  children: ReactNode;
}

/** A form over the page. It does not close on what was typed without asking. */
export function FormDialog({ title, description, action, dirty, pending, error, disabled, size, onSubmit, onClose, children }: FormDialogProps) {
  const t = useT();
  const id = useId();
  const [asking, setAsking] = useState(false);
  const close = () => (dirty && !pending ? setAsking(true) : onClose());
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && close()}
      title={title}
      description={description}
      size={size ?? "md"}
      footer={
        <>
          <Button onClick={close}>{t("common.cancel")}</Button>
          <Button type="submit" form={id} variant="primary" pending={pending} disabled={disabled ?? false}>
            {action}
          </Button>
        </>
      }
    >
      <form id={id} noValidate className="flex flex-col gap-3" onSubmit={submitting(() => !pending && onSubmit())}>
        {children}
        <FormError text={error} />
      </form>
      <AlertDialog
        open={asking}
        onOpenChange={setAsking}
        title={t("settings.unsaved_title")}
        description={t("settings.unsaved_text")}
        action={t("settings.discard")}
        danger
        onAction={onClose}
      />
    </Dialog>
  );
}
