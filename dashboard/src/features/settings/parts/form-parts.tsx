import { CircleAlert } from "lucide-react";
import type { SubmitEvent } from "react";
import { Button } from "@/components/ui/button";
import { UnsavedGuard } from "@/features/settings/parts/unsaved-guard";
import { cx } from "@/lib/class-names";
import { useT } from "@/lib/i18n";

/** A form's own submission: nothing is sent by the browser. */
export function submitting(run: () => void): (event: SubmitEvent) => void {
  return (event) => {
    event.preventDefault();
    // A form in a dialog is inside of another in React's tree, though not on the page.
    event.stopPropagation();
    run();
  };
}

/** What is wrong with a form as a whole. Always there, so that what comes is told. */
export function FormError({ text }: { text: string | null }) {
  return (
    <div role="alert" className={cx(text ? "flex items-start gap-2 rounded-md bg-danger-soft px-3 py-2 text-danger" : "hidden")}>
      {text && (
        <>
          <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          <span className="min-w-0">{text}</span>
        </>
      )}
    </div>
  );
}

export interface SaveBarProps {
  dirty: boolean;
  pending: boolean;
  onReset: () => void;
  action?: string;
  disabled?: boolean;
  /** Something new: it can be sent, and say what is missing, before anything was typed. */
  fresh?: boolean;
}

/** The end of a form on a page: save, or take it back. Guards what is not saved. */
export function SaveBar({ dirty, pending, onReset, action, disabled = false, fresh = false }: SaveBarProps) {
  const t = useT();
  return (
    <div className="flex flex-wrap items-center justify-end gap-2">
      <span className="me-auto text-sm text-warning" aria-live="polite">
        {dirty ? t("settings.unsaved") : ""}
      </span>
      {dirty && <Button onClick={onReset}>{t("settings.discard")}</Button>}
      <Button type="submit" variant="primary" disabled={!(dirty || fresh) || disabled} pending={pending}>
        {action ?? t("common.save")}
      </Button>
      <UnsavedGuard dirty={dirty} />
    </div>
  );
}
