import { CheckCheck, Inbox, SearchX, UserRoundCheck, UserRoundPlus } from "lucide-react";
import { Link } from "@tanstack/react-router";
import { Button, buttonClass } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { Skeleton } from "@/components/ui/skeleton";
import { ROW_HEIGHT } from "@/features/conversation-list/conversation-row";
import { cleared, isNarrowed, type ListFilters, tabOf, withFilter, withTab } from "@/features/conversation-list/filters";
import { useT } from "@/lib/i18n";
import { useCan, useMe } from "@/lib/me";

/** As many as a screen holds, of the rows' own size. */
export function ListSkeleton() {
  const t = useT();
  return (
    <div role="status" className="min-h-0 flex-1 overflow-hidden">
      <span className="sr-only">{t("common.loading")}</span>
      {Array.from({ length: 12 }, (_, place) => (
        <div key={place} style={{ height: ROW_HEIGHT }} className="flex items-center gap-3 border-b border-line px-3">
          <Skeleton className="size-10 rounded-full!" />
          <div className="flex flex-1 flex-col gap-2">
            <Skeleton className="h-3.5 w-2/5" />
            <Skeleton className="h-3 w-4/5" />
          </div>
        </div>
      ))}
    </div>
  );
}

export interface EmptyListProps {
  filters: ListFilters;
  /** Null while it is not known whether there are any conversations at all. */
  anyAtAll: boolean | null;
  onChange: (filters: ListFilters) => void;
}

export function EmptyList({ filters, anyAtAll, onChange }: EmptyListProps) {
  const t = useT();
  if (isNarrowed(filters)) return <NothingMatches filters={filters} onChange={onChange} />;
  if (anyAtAll === null) return <div className="flex-1" />;
  if (!anyAtAll) return <NothingYet />;
  const tab = tabOf(filters);
  const action = <Button onClick={() => onChange(withFilter(withTab(filters, "all"), "status", "all"))}>{t("list.empty_show_all")}</Button>;
  if (tab === "mine") {
    return (
      <EmptyState icon={UserRoundPlus} title={t("list.empty_mine_title")} action={<Button onClick={() => onChange(withTab(filters, "unassigned"))}>{t("list.tab_unassigned")}</Button>}>
        {t("list.empty_mine_text")}
      </EmptyState>
    );
  }
  if (tab === "unassigned") {
    return <EmptyState icon={UserRoundCheck} title={t("list.empty_unassigned_title")} action={action}>{t("list.empty_unassigned_text")}</EmptyState>;
  }
  return <EmptyState icon={CheckCheck} title={t("list.empty_done_title")} action={action}>{t("list.empty_done_text")}</EmptyState>;
}

function NothingMatches({ filters, onChange }: Omit<EmptyListProps, "anyAtAll">) {
  const t = useT();
  const wider = filters.q !== undefined && filters.status !== "all";
  return (
    <EmptyState
      icon={SearchX}
      title={t("list.empty_filtered_title")}
      action={
        <>
          {wider && <Button onClick={() => onChange(withFilter(filters, "status", "all"))}>{t("list.empty_any_status")}</Button>}
          <Button onClick={() => onChange(cleared(filters))}>{t("list.filter_clear")}</Button>
        </>
      }
    >
      {filters.q === undefined ? t("list.empty_filtered_text") : t("list.empty_filtered_query", { query: filters.q })}
    </EmptyState>
  );
}

function NothingYet() {
  const t = useT();
  const { features } = useMe();
  const mayConnect = useCan("admin");
  return (
    <EmptyState
      icon={Inbox}
      title={t("list.empty_title")}
      action={
        <>
          {features.sandbox && (
            <a href="/sandbox/phone" target="_blank" rel="noreferrer" className={buttonClass("primary")}>{t("list.empty_phone")}</a>
          )}
          {mayConnect && (
            <Link to="/settings/$section" params={{ section: "channels" }} search={{}} className={buttonClass("secondary")}>
              {t("list.empty_connect")}
            </Link>
          )}
        </>
      }
    >
      {features.sandbox ? t("list.empty_text") : t("list.empty_text_no_sandbox")}
    </EmptyState>
  );
}
