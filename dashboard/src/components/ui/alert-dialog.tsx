import { AlertDialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { PANEL, SCRIM } from "@/components/ui/dialog";
import { cx } from "@/lib/class-names";
import { useT } from "@/lib/i18n";

export interface AlertDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: ReactNode;
  /** The verb of what will be done: "Delete", not "OK". */
  action: string;
  onAction: () => void;
  danger?: boolean;
  /** The action is on its way: the dialog stays until the caller closes it. */
  pending?: boolean;
  children?: ReactNode;
}

/** Asks before what cannot be undone. */
export function AlertDialog({ open, onOpenChange, title, description, action, onAction, danger, pending, children }: AlertDialogProps) {
  const t = useT();
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={SCRIM} />
        <Radix.Content
          className={cx(PANEL, "max-w-md p-4")}
          {...(description ? {} : { "aria-describedby": undefined })}
        >
          <Radix.Title className="text-lg font-semibold">{title}</Radix.Title>
          {description && <Radix.Description className="mt-1 text-muted">{description}</Radix.Description>}
          {children && <div className="mt-3">{children}</div>}
          <div className="mt-4 flex justify-end gap-2">
            <Radix.Cancel asChild>
              <Button>{t("common.cancel")}</Button>
            </Radix.Cancel>
            <Button variant={danger ? "danger" : "primary"} pending={pending ?? false} onClick={onAction}>
              {action}
            </Button>
          </div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
