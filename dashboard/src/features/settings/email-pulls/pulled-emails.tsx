import { useInfiniteQuery } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { useState } from "react";
import type { PulledEmail } from "@/api/campaign-types";
import type { Page } from "@/api/types";
import { Badge, type BadgeTone } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { ErrorState } from "@/components/ui/error-state";
import { Select } from "@/components/ui/select";
import { useToast } from "@/components/ui/toast";
import { RowSkeletons } from "@/features/settings/parts/section-page";
import { api } from "@/lib/http";
import { formatBrief, formatDateTime, useT } from "@/lib/i18n";
import { keys, queryClient } from "@/lib/query";

const ANY = "any";
const TONES: Record<PulledEmail["status"], BadgeTone> = { waiting: "info", done: "success", ignored: "neutral", failed: "danger" };

/** What was read in a mailbox, and what became of each message. */
export function PulledEmails({ configId, may }: { configId: string; may: boolean }) {
  const t = useT();
  const toast = useToast();
  const [status, setStatus] = useState(ANY);
  const queryKey = [...keys.emailPulls, configId, "emails"];
  const list = useInfiniteQuery({
    queryKey: [...queryKey, status],
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<PulledEmail>>(`/api/v1/email-pulls/${configId}/emails`, { status: status === ANY ? "" : status, cursor: pageParam, limit: 30 }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  async function retry(email: PulledEmail): Promise<void> {
    try {
      await api.post(`/api/v1/email-pulls/${configId}/emails/${email.email_id}/retry`);
      toast.success(t("campaigns.email_told_retry"));
    } catch (error) {
      toast.error(error);
    } finally {
      void queryClient.invalidateQueries({ queryKey });
    }
  }
  return (
    <div className="flex flex-col gap-2 border-t border-line p-3">
      <Select aria-label={t("campaigns.outcome")} value={status} onChange={setStatus} className="w-44!"
        options={[{ value: ANY, label: t("campaigns.outcome_any") }, ...(["waiting", "done", "ignored", "failed"] as const).map((each) => ({ value: each, label: t(`campaigns.email_status_${each}`) }))]} />
      {list.isPending && <RowSkeletons rows={3} />}
      {list.isError && <ErrorState inline error={list.error} onRetry={() => void list.refetch()} retrying={list.isFetching} />}
      {list.isSuccess && items.length === 0 && <p className="px-1 py-2 text-sm text-muted">{t("campaigns.email_none")}</p>}
      <ul className="divide-y divide-line">
        {items.map((email) => (
          <li key={email.email_id} className="flex flex-wrap items-start gap-x-3 gap-y-1 px-1 py-2 text-sm">
            <Badge tone={TONES[email.status]}>{t(`campaigns.email_status_${email.status}`)}</Badge>
            <div className="min-w-0 flex-1 basis-48">
              <p className="truncate font-medium" dir="auto">{email.subject || t("campaigns.email_no_subject")}</p>
              <p className="truncate text-muted"><bdi>{email.sender}</bdi></p>
              {email.reason && <p className={email.status === "failed" ? "wrap-anywhere text-danger" : "wrap-anywhere text-muted"}>{email.reason}</p>}
            </div>
            <span className="text-faint" title={formatDateTime(email.at)}>{formatBrief(email.at)}</span>
            {may && email.status === "failed" && <Button size="sm" onClick={() => void retry(email)}><RotateCw aria-hidden />{t("common.retry")}</Button>}
          </li>
        ))}
      </ul>
      {list.hasNextPage && <Button size="sm" className="self-center" pending={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{t("common.show_more")}</Button>}
    </div>
  );
}
