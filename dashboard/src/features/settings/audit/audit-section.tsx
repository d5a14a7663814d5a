import { useInfiniteQuery } from "@tanstack/react-query";
import { History } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { ErrorState } from "@/components/ui/error-state";
import { Select } from "@/components/ui/select";
import { actionsOf, fitting, peopleOf, SYSTEM, type Entry } from "@/features/settings/audit/audit";
import { AuditRow, actionText } from "@/features/settings/audit/audit-row";
import { Rows } from "@/features/settings/parts/card";
import { RowSkeletons, SectionPage } from "@/features/settings/parts/section-page";
import { api } from "@/lib/http";
import { useT } from "@/lib/i18n";
import { keys } from "@/lib/query";

const ANY = "any";
const PAGE = 50;

interface AuditPage {
  items: Entry[];
  next: string | null;
}

/** Who changed what, the newest first. */
export function AuditSection() {
  const t = useT();
  const [person, setPerson] = useState(ANY);
  const [action, setAction] = useState(ANY);
  const log = useInfiniteQuery({
    queryKey: keys.audit,
    queryFn: ({ pageParam, signal }) => api.get<AuditPage>("/api/v1/audit", { cursor: pageParam, limit: PAGE }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchOnMount: "always",
  });
  const entries = log.data?.pages.flatMap((page) => page.items) ?? [];
  const shown = fitting(entries, person === ANY ? null : person, action === ANY ? null : action);
  return (
    <SectionPage title={t("settings.audit_title")} description={t("settings.audit_text")}>
      <div className="flex flex-wrap gap-2">
        <Select aria-label={t("settings.audit_person")} value={person} onChange={setPerson} className="w-56!"
          options={[
            { value: ANY, label: t("settings.audit_any_person") },
            ...peopleOf(entries).map((each) => ({ value: each?.person_id ?? SYSTEM, label: each ? each.name || each.email : t("settings.audit_system") })),
          ]} />
        <Select aria-label={t("settings.audit_action")} value={action} onChange={setAction} className="w-56!"
          options={[{ value: ANY, label: t("settings.audit_any_action") }, ...actionsOf(entries).map((each) => ({ value: each, label: actionText(each, t) }))]} />
      </div>
      {log.isPending && <RowSkeletons rows={8} />}
      {log.isError && entries.length === 0 && <ErrorState error={log.error} onRetry={() => void log.refetch()} retrying={log.isFetching} />}
      {log.isSuccess && entries.length === 0 && <EmptyState icon={History} title={t("settings.audit_empty")} />}
      {shown.length > 0 && (
        <Rows label={t("settings.audit_title")}>
          {shown.map((entry) => (
            <AuditRow key={entry.entry_id} entry={entry} />
          ))}
        </Rows>
      )}
      <p role="status" className="text-sm text-muted">
        {entries.length > 0 && shown.length === 0 ? t("settings.audit_none_here", { count: entries.length }) : ""}
      </p>
      {log.isError && entries.length > 0 && <ErrorState inline error={log.error} onRetry={() => void log.fetchNextPage()} />}
      {log.hasNextPage && <More pending={log.isFetchingNextPage} stopped={log.isError} onMore={() => void log.fetchNextPage()} />}
    </SectionPage>
  );
}

/** The next page when its place comes into view; a button for whoever does not scroll. */
function More({ pending, stopped, onMore }: { pending: boolean; stopped: boolean; onMore: () => void }) {
  const t = useT();
  const place = useRef<HTMLDivElement>(null);
  const latest = useRef(onMore);
  useEffect(() => {
    latest.current = onMore;
  });
  useEffect(() => {
    if (pending || stopped || !place.current) return;
    const watch = new IntersectionObserver((seen) => seen.some((each) => each.isIntersecting) && latest.current(), { rootMargin: "200px" });
    watch.observe(place.current);
    return () => watch.disconnect();
  }, [pending, stopped]);
  return (
    <div ref={place} className="flex justify-center">
      <Button pending={pending} onClick={onMore}>{t("common.show_more")}</Button>
    </div>
  );
}
