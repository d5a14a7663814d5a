import { CircleAlert, CircleCheck, Info, X } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { dismissToast, showToast, toasts, type Toast, type ToastOptions } from "@/components/ui/toast-store";
import { errorText } from "@/lib/error-text";
import { useT } from "@/lib/i18n";
import { useStore } from "@/lib/store";

const ICONS = { neutral: Info, success: CircleCheck, danger: CircleAlert };
const COLORS = { neutral: "text-muted", success: "text-success", danger: "text-danger" };

/** `toast(text, options)`, `toast.success(text)`, `toast.error(error or text)`. Always the same object. */
export function useToast() {
  return useMemo(
    () =>
      Object.assign((text: string, options?: ToastOptions) => showToast(text, options), {
        success: (text: string, options?: ToastOptions) => showToast(text, { ...options, tone: "success" }),
        error: (error: unknown, options?: ToastOptions) =>
          showToast(typeof error === "string" ? error : errorText(error), { ...options, tone: "danger" }),
      }),
    [],
  );
}

/** Where toasts show: once, in the application's frame. A live region, so that they are read out. */
export function ToastRegion() {
  const t = useT();
  const shown = useStore(toasts);
  return (
    <section
      aria-label={t("common.notifications")}
      aria-live="polite"
      aria-relevant="additions"
      className="pointer-events-none fixed inset-x-0 bottom-[calc(4rem+env(safe-area-inset-bottom))] z-60 flex flex-col items-center gap-2 px-4 md:bottom-4"
    >
      {shown.map((toast) => (
        <Item key={toast.id} toast={toast} />
      ))}
    </section>
  );
}

function Item({ toast }: { toast: Toast }) {
  const t = useT();
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held || toast.lasts === 0) return;
    const timer = setTimeout(() => dismissToast(toast.id), toast.lasts);
    return () => clearTimeout(timer);
  }, [held, toast]);
  const Icon = ICONS[toast.tone];
  return (
    // Time stands still while someone points at it or is in it: nothing is done by either.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
      className="pointer-events-auto flex w-full max-w-md animate-enter items-center gap-2 rounded-lg border border-line bg-raised py-2 ps-3 pe-2 shadow-raised"
    >
      <Icon aria-hidden className={`size-4 shrink-0 ${COLORS[toast.tone]}`} />
      <span className="min-w-0 flex-1">{toast.text}</span>
      {toast.action && (
        <Button
          size="sm"
          variant="ghost"
          className="text-accent-ink!"
          onClick={() => {
            toast.action?.run();
            dismissToast(toast.id);
          }}
        >
          {toast.action.label}
        </Button>
      )}
      <IconButton icon={X} size="sm" label={t("common.dismiss")} tooltip={false} onClick={() => dismissToast(toast.id)} />
    </div>
  );
}
