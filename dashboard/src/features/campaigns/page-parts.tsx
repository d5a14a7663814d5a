import { Link } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";
import type { ReactNode } from "react";
import { Skeleton } from "@/components/ui/skeleton";
import { useT } from "@/lib/i18n";

export function PageSkeleton() {
  return (
    <div className="mx-auto flex w-full max-w-6xl flex-col gap-4 p-4 md:px-8 md:py-6">
      <Skeleton className="h-7 w-56" />
      <Skeleton className="h-40 w-full" />
      <Skeleton className="h-72 w-full" />
    </div>
  );
}

export function RowSkeletons({ rows = 5 }: { rows?: number }) {
  const t = useT();
  return (
    <div role="status" className="flex flex-col gap-2">
      <span className="sr-only">{t("common.loading")}</span>
      {Array.from({ length: rows }, (_, place) => <Skeleton key={place} className="h-18 w-full" />)}
    </div>
  );
}

/** The way back, the name, what can be done. */
export function PageHeader({ title, below, actions }: { title: ReactNode; below?: ReactNode; actions?: ReactNode }) {
  const t = useT();
  return (
    <header className="flex flex-wrap items-start gap-x-3 gap-y-2">
      <Link
        to="/campaigns"
        search={{}}
        aria-label={t("campaigns.back_to_list")}
        className="-ms-2 inline-flex size-8 shrink-0 items-center justify-center rounded-md text-muted hover:bg-hover hover:text-ink"
      >
        <ArrowLeft aria-hidden className="size-4 rtl:-scale-x-100" />
      </Link>
      <div className="min-w-0 flex-1 basis-60">
        <div className="flex flex-wrap items-center gap-2">{title}</div>
        {below && <div className="mt-0.5 text-sm text-muted">{below}</div>}
      </div>
      {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
    </header>
  );
}

/** One matter of the page. */
export function Panel({ title, hint, actions, className = "p-4", children }: { title?: string; hint?: ReactNode; actions?: ReactNode; className?: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="rounded-lg border border-line bg-surface">
      {title !== undefined && (
        <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2.5">
          <div className="min-w-0 flex-1">
            <h2 className="font-semibold">{title}</h2>
            {hint && <p className="text-sm text-muted">{hint}</p>}
          </div>
          {actions}
        </div>
      )}
      <div className={className}>{children}</div>
    </section>
  );
}
