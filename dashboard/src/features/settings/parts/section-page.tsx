import { Link } from "@tanstack/react-router";
import { ArrowLeft, Lock } from "lucide-react";
import type { ReactNode } from "react";
import type { Role } from "@/api/types";
import { Skeleton } from "@/components/ui/skeleton";
import { cx } from "@/lib/class-names";
import { useT } from "@/lib/i18n";
import { useCan, useMe } from "@/lib/me";

const WIDTHS = { normal: "max-w-3xl", wide: "max-w-6xl" };

export interface SectionPageProps {
  title: string;
  description?: ReactNode;
  actions?: ReactNode;
  /** Whoever has less than this role sees, and is told why nothing can be changed. */
  changes?: Role;
  /** The section's id, on a page below it. */
  below?: string;
  width?: keyof typeof WIDTHS;
  children: ReactNode;
}

/** A section's frame: the way back, its title, what it is for, and what one may do here. */
export function SectionPage({ title, description, actions, changes = "viewer", below, width = "normal", children }: SectionPageProps) {
  const t = useT();
  return (
    <div data-section className={cx("mx-auto flex w-full flex-col gap-4 p-4 md:px-8 md:py-6", WIDTHS[width])}>
      <header className="flex flex-wrap items-start gap-x-3 gap-y-2">
        <div className="flex min-w-0 flex-1 basis-72 items-start gap-2">
          <Link
            to={below === undefined ? "/settings" : "/settings/$section"}
            params={{ section: below ?? "account" }}
            search={{}}
            aria-label={t(below === undefined ? "settings.back_to_list" : "common.back")}
            className={cx("-ms-2 inline-flex size-8 shrink-0 items-center justify-center rounded-md text-muted hover:bg-hover hover:text-ink", below === undefined && "md:hidden")}
          >
            <ArrowLeft aria-hidden className="size-4 rtl:-scale-x-100" />
          </Link>
          <div className="min-w-0">
            <h1 className="text-xl font-semibold">{title}</h1>
            {description && <div className="mt-0.5 max-w-prose text-muted">{description}</div>}
          </div>
        </div>
        {actions && <div className="flex shrink-0 flex-wrap gap-2">{actions}</div>}
      </header>
      <RoleNote least={changes} />
      {children}
    </div>
  );
}

/** Why things are shown that cannot be changed. */
export function RoleNote({ least }: { least: Role }) {
  const t = useT();
  const me = useMe();
  const may = useCan(least);
  if (may) return null;
  const mine = t(`common.role_${me.role}`);
  return (
    <p className="flex items-center gap-2 rounded-md bg-info-soft px-3 py-2 text-info">
      <Lock aria-hidden className="size-4 shrink-0" />
      {t(least === "agent" ? "settings.read_only_agent" : "settings.read_only_admin", { role: mine })}
    </p>
  );
}

export function SectionSkeleton() {
  return (
    <div className="mx-auto flex w-full max-w-3xl flex-col gap-4 p-4 md:px-8 md:py-6">
      <Skeleton className="h-7 w-48" />
      <Skeleton className="h-4 w-80 max-w-full" />
      <RowSkeletons />
    </div>
  );
}

export function RowSkeletons({ rows = 4 }: { rows?: number }) {
  return (
    <div className="flex flex-col gap-2">
      {Array.from({ length: rows }, (_, index) => (
        <Skeleton key={index} className="h-14 w-full" />
      ))}
    </div>
  );
}
