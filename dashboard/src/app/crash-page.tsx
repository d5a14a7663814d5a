import { useRouter, type ErrorComponentProps } from "@tanstack/react-router";
import { CircleAlert } from "lucide-react";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { ErrorState } from "@/components/ui/error-state";
import { ApiError } from "@/lib/http";
import { useT } from "@/lib/i18n";

/** Instead of a page that failed: a refusal of the API can be tried again, a defect needs a reload. */
export function CrashPage({ error, reset }: ErrorComponentProps) {
  const t = useT();
  const router = useRouter();
  if (error instanceof ApiError) {
    const retry = () => {
      reset();
      void router.invalidate();
    };
    return (
      <main className="flex h-full">
        <ErrorState error={error} onRetry={retry} />
      </main>
    );
  }
  return (
    <main className="flex h-full">
      <EmptyState
        icon={CircleAlert}
        title={t("common.crash_title")}
        action={
          <Button variant="primary" onClick={() => location.reload()}>
            {t("common.crash_reload")}
          </Button>
        }
      >
        <p>{t("common.crash_text")}</p>
        <details className="mt-3 text-start text-sm">
          <summary className="cursor-pointer text-center">{t("common.crash_details")}</summary>
          <pre className="mt-2 max-h-48 overflow-auto rounded-md bg-sunken p-2 font-mono text-xs whitespace-pre-wrap">
            {error instanceof Error ? (error.stack ?? error.message) : String(error)}
          </pre>
        </details>
      </EmptyState>
    </main>
  );
}
