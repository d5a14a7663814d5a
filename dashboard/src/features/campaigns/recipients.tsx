import { Download, SearchX } from "lucide-react";
import { useCallback, useEffect, useState } from "react";
import type { Campaign, Outcome } from "@/api/campaign-types";
import { buttonClass } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { ErrorState } from "@/components/ui/error-state";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { Skeleton } from "@/components/ui/skeleton";
import { Panel } from "@/features/campaigns/page-parts";
import { RecipientTable } from "@/features/campaigns/recipient-table";
import { recipientsCsv, useRecipients } from "@/features/campaigns/use-campaigns";
import { useT } from "@/lib/i18n";

const ANY = "any";
const OUTCOMES: readonly (Outcome | "answered")[] = ["waiting", "sent", "delivered", "read", "answered", "failed", "skipped", "canceled"];
const QUIET_MS = 250;

/** Each recipient with what became of it. */
export function Recipients({ campaign }: { campaign: Campaign }) {
  const t = useT();
  const [outcome, setOutcome] = useState<string>(ANY);
  const [typed, setTyped] = useState("");
  const text = useQuiet(typed.trim());
  const status = outcome === ANY ? "" : outcome;
  const list = useRecipients(campaign, status, text);
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = list;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage && !isFetchNextPageError) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage]);
  // Rare outcomes are looked for some thousand lines at a time: nobody on a page is nobody so far.
  const looking = list.isPending || (list.items.length === 0 && hasNextPage && !isFetchNextPageError);
  useEffect(() => {
    if (list.items.length === 0) more();
  }, [list.items.length, more]);
  return (
    <Panel
      title={t("campaigns.recipients")}
      className=""
      actions={
        <div className="flex w-full flex-wrap gap-2 sm:w-auto">
          <Input type="search" aria-label={t("campaigns.recipients_search")} placeholder={t("campaigns.recipients_search")} className="flex-1 basis-40 sm:w-52!"
            value={typed} onChange={(event) => setTyped(event.target.value)} />
          <Select aria-label={t("campaigns.outcome")} value={outcome} onChange={setOutcome} className="w-36!"
            options={[{ value: ANY, label: t("campaigns.outcome_any") }, ...OUTCOMES.map((each) => ({ value: each, label: t(`campaigns.outcome_${each}`) }))]} />
          <a href={recipientsCsv(campaign.campaign_id, status, text)} download className={buttonClass()} aria-label={t("campaigns.download_shown")}>
            <Download aria-hidden />
            CSV
          </a>
        </div>
      }
    >
      {looking && <div role="status" className="flex flex-col gap-px p-4">{Array.from({ length: 8 }, (_, place) => <Skeleton key={place} className="mb-2 h-7 w-full" />)}</div>}
      {list.isError && list.items.length === 0 && <ErrorState error={list.error} onRetry={() => void list.refetch()} retrying={list.isFetching} />}
      {list.isSuccess && list.items.length === 0 && !hasNextPage && (
        <EmptyState icon={SearchX} title={t(status || text ? "campaigns.recipients_none_here" : "campaigns.recipients_none")} />
      )}
      {list.items.length > 0 && <RecipientTable items={list.items} total={hasNextPage ? -1 : list.items.length} onEnd={more} />}
      {isFetchNextPageError && <ErrorState inline error={list.error} onRetry={() => void fetchNextPage()} retrying={isFetchingNextPage} />}
    </Panel>
  );
}

/** The text once nothing was typed for a moment. */
function useQuiet(text: string): string {
  const [quiet, setQuiet] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setQuiet(text), QUIET_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return quiet;
}
