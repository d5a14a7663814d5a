import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { IconButton } from "@/components/ui/icon-button";
import { cx } from "@/lib/class-names";
import { useT } from "@/lib/i18n";

export interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: ReactNode;
  /** Shown to no one who sees; a title must be there all the same. */
  hideTitle?: boolean;
  /** Buttons at the end: the one that goes on comes last. */
  footer?: ReactNode;
  size?: "sm" | "md" | "lg" | "xl";
  /** Keeps the dialog open on Escape and outside clicks, while something is at risk. */
  locked?: boolean;
  className?: string;
  children?: ReactNode;
}

const WIDTHS = { sm: "max-w-sm", md: "max-w-lg", lg: "max-w-2xl", xl: "max-w-4xl" };
export const SCRIM = "fixed inset-0 z-40 animate-fade bg-scrim";
export const PANEL =
  "fixed inset-x-0 bottom-0 z-50 mx-auto flex max-h-[92dvh] w-full animate-enter flex-col rounded-t-xl border border-line bg-raised shadow-raised outline-none sm:top-[12dvh] sm:bottom-auto sm:max-h-[76dvh] sm:w-[calc(100%-2rem)] sm:rounded-xl";

export function Dialog({ open, onOpenChange, title, description, hideTitle, footer, size = "md", locked, className, children }: DialogProps) {
  const t = useT();
  const keep = (event: Event) => {
    if (locked) event.preventDefault();
  };
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={SCRIM} />
        <Radix.Content
          className={cx(PANEL, WIDTHS[size])}
          onEscapeKeyDown={keep}
          onInteractOutside={keep}
          {...(description ? {} : { "aria-describedby": undefined })}
        >
          <div className={cx("flex items-start gap-3 px-4 pt-3 pb-2", hideTitle && "sr-only")}>
            <div className="min-w-0 flex-1 pt-1">
              <Radix.Title className="text-lg font-semibold">{title}</Radix.Title>
              {description && <Radix.Description className="mt-1 text-muted">{description}</Radix.Description>}
            </div>
            {!locked && (
              <Radix.Close asChild>
                <IconButton icon={X} label={t("common.close")} tooltip={false} className="-me-1" />
              </Radix.Close>
            )}
          </div>
          <div className={cx("min-h-0 flex-1 overflow-y-auto px-4 pb-4", className)}>{children}</div>
          {footer && (
            <div className="flex flex-wrap justify-end gap-2 border-t border-line px-4 py-3 pb-[max(0.75rem,env(safe-area-inset-bottom))]">
              {footer}
            </div>
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
