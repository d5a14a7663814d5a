import { RotateCw, TriangleAlert } from "lucide-react";
import { Button } from "@/components/ui/button";
import { cx } from "@/lib/class-names";
import { errorText } from "@/lib/error-text";
import { useT } from "@/lib/i18n";

export interface ErrorStateProps {
  error: unknown;
  onRetry?: () => void;
  retrying?: boolean;
  title?: string;
  /** One line in place of a whole pane. */
  inline?: boolean;
  className?: string;
}

export function ErrorState({ error, onRetry, retrying = false, title, inline = false, className }: ErrorStateProps) {
  const t = useT();
  const retry = onRetry && (
    <Button size={inline ? "sm" : "md"} pending={retrying} onClick={onRetry}>
      <RotateCw aria-hidden />
      {t("common.retry")}
    </Button>
  );
  if (inline) {
    return (
      <div role="alert" className={cx("flex items-center gap-2 px-3 py-2 text-sm text-danger", className)}>
        <TriangleAlert aria-hidden className="size-4 shrink-0" />
        <span className="min-w-0 flex-1">{errorText(error)}</span>
        {retry}
      </div>
    );
  }
  return (
    <div role="alert" className={cx("m-auto flex max-w-sm flex-col items-center gap-2 px-6 py-10 text-center", className)}>
      <span className="mb-1 inline-flex size-11 items-center justify-center rounded-full bg-danger-soft text-danger">
        <TriangleAlert aria-hidden className="size-5" />
      </span>
      <p className="text-lg font-semibold">{title ?? t("common.error_title")}</p>
      <p className="text-muted">{errorText(error)}</p>
      {retry && <div className="mt-2">{retry}</div>}
    </div>
  );
}
