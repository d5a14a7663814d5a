import { X } from "lucide-react";
import { Dialog } from "radix-ui";
import type { ReactNode } from "react";
import { SCRIM } from "@/components/ui/dialog";
import { IconButton } from "@/components/ui/icon-button";
import { useT } from "@/lib/i18n";

export interface ContactDrawerProps {
  open: boolean;
  onClose: () => void;
  children: ReactNode;
}

/** The contact over the thread, where there is no room beside it; the whole window on a phone. */
export function ContactDrawer({ open, onClose, children }: ContactDrawerProps) {
  const t = useT();
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className={SCRIM} />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed inset-y-0 end-0 z-50 flex w-full animate-fade flex-col border-s border-line bg-surface shadow-raised outline-none sm:w-88"
        >
          <div className="flex h-14 shrink-0 items-center border-b border-line ps-4 pe-2">
            <Dialog.Title className="flex-1 font-semibold">{t("list.pane_contact")}</Dialog.Title>
            <Dialog.Close asChild>
              <IconButton icon={X} label={t("list.hide_contact")} tooltip={false} />
            </Dialog.Close>
          </div>
          <div className="min-h-0 flex-1">{children}</div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
