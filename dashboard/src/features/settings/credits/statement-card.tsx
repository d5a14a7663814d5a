import { Download, ReceiptText } from "lucide-react";
import { useState } from "react";
import type { LedgerKind } from "@/api/outreach-types";
import { Button, buttonClass } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { ErrorState } from "@/components/ui/error-state";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { KINDS } from "@/features/settings/credits/credit";
import { StatementTable } from "@/features/settings/credits/statement-table";
import { periodOf, useDomainPath, useStatement, type StatementFilter } from "@/features/settings/credits/use-credits";
import { RowSkeletons } from "@/features/settings/parts/section-page";
import { cx } from "@/lib/class-names";
import { query } from "@/lib/http";
import { useT } from "@/lib/i18n";

const ANY = "any";

/** Every entry of the ledger, the newest first. */
export function StatementCard() {
  const t = useT();
  const path = useDomainPath();
  const [filter, setFilter] = useState<StatementFilter>({ kind: null, from: "", to: "" });
  const statement = useStatement(filter);
  const entries = statement.data?.pages.flatMap((page) => page.entries) ?? [];
  const isNarrowed = filter.kind !== null || filter.from !== "" || filter.to !== "";
  const set = (change: Partial<StatementFilter>) => setFilter((now) => ({ ...now, ...change }));
  return (
    <>
      <div className="flex flex-wrap items-end gap-2">
        <Field label={t("outreach.kind")} className="w-44">
          {(control) => (
            <Select<LedgerKind | typeof ANY> {...control} value={filter.kind ?? ANY} onChange={(kind) => set({ kind: kind === ANY ? null : kind })}
              options={[{ value: ANY, label: t("outreach.kind_any") }, ...KINDS.map((each) => ({ value: each, label: t(`outreach.kind_${each}`) }))]} />
          )}
        </Field>
        <Field label={t("outreach.from")} className="w-40">
          {(control) => <Input {...control} type="date" max={filter.to || undefined} value={filter.from} onChange={(event) => set({ from: event.target.value })} />}
        </Field>
        <Field label={t("outreach.to")} className="w-40">
          {(control) => <Input {...control} type="date" min={filter.from || undefined} value={filter.to} onChange={(event) => set({ to: event.target.value })} />}
        </Field>
        {isNarrowed && <Button variant="ghost" onClick={() => setFilter({ kind: null, from: "", to: "" })}>{t("common.clear")}</Button>}
        <a href={`${path}/credits/statement.csv${query(periodOf(filter))}`} download className={cx(buttonClass(), "sm:ms-auto")}>
          <Download aria-hidden />
          {t("outreach.csv")}
        </a>
      </div>
      {statement.isPending && <RowSkeletons rows={6} />}
      {statement.isError && entries.length === 0 && <ErrorState error={statement.error} onRetry={() => void statement.refetch()} retrying={statement.isFetching} />}
      {statement.isSuccess && entries.length === 0 && (
        <EmptyState icon={ReceiptText} title={t(isNarrowed ? "outreach.statement_none" : "outreach.statement_empty")}>
          {!isNarrowed && t("outreach.statement_empty_text")}
        </EmptyState>
      )}
      {entries.length > 0 && <StatementTable entries={entries} isOld={statement.isPlaceholderData} />}
      {statement.isError && entries.length > 0 && <ErrorState inline error={statement.error} onRetry={() => void statement.fetchNextPage()} />}
      {statement.hasNextPage && (
        <Button className="self-center" pending={statement.isFetchingNextPage} onClick={() => void statement.fetchNextPage()}>{t("common.show_more")}</Button>
      )}
    </>
  );
}
