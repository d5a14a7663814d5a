import { Link } from "@tanstack/react-router";
import { FileUp, Megaphone, Plus, Send, ShieldCheck } from "lucide-react";
import { Button, buttonClass } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { ErrorState } from "@/components/ui/error-state";
import { CampaignRow } from "@/features/campaigns/campaign-row";
import { RowSkeletons } from "@/features/campaigns/page-parts";
import { useCampaigns } from "@/features/campaigns/use-campaigns";
import { useT } from "@/lib/i18n";
import { useCan } from "@/lib/me";

export function CampaignList() {
  const t = useT();
  const may = useCan("admin");
  const list = useCampaigns();
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className="flex flex-col gap-4 py-4">
      <div className="flex flex-wrap items-start gap-x-3 gap-y-2">
        <div className="min-w-0 flex-1 basis-60">
          <h1 className="text-xl font-semibold">{t("campaigns.title")}</h1>
          <p className="mt-0.5 max-w-prose text-muted">{t("campaigns.text")}</p>
        </div>
        {may && items.length > 0 && <NewLink />}
      </div>
      {list.isPending && <RowSkeletons />}
      {list.isError && items.length === 0 && <ErrorState error={list.error} onRetry={() => void list.refetch()} retrying={list.isFetching} />}
      {list.isSuccess && items.length === 0 && <Nothing may={may} />}
      {items.length > 0 && (
        <ul aria-label={t("campaigns.title")} className="divide-y divide-line rounded-lg border border-line bg-surface">
          {items.map((campaign) => <CampaignRow key={campaign.campaign_id} campaign={campaign} />)}
        </ul>
      )}
      {list.isError && items.length > 0 && <ErrorState inline error={list.error} onRetry={() => void list.refetch()} retrying={list.isFetching} />}
      {list.hasNextPage && (
        <Button className="self-center" pending={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{t("common.show_more")}</Button>
      )}
    </div>
  );
}

function NewLink() {
  const t = useT();
  return (
    <Link to="/campaigns/$campaignId" params={{ campaignId: "new" }} search={{}} className={buttonClass("primary")}>
      <Plus aria-hidden />
      {t("campaigns.new")}
    </Link>
  );
}

function Nothing({ may }: { may: boolean }) {
  const t = useT();
  const steps = [[FileUp, "campaigns.empty_audience"], [Send, "campaigns.empty_message"], [ShieldCheck, "campaigns.empty_check"]] as const;
  return (
    <EmptyState icon={Megaphone} title={t("campaigns.empty_title")} className="max-w-lg!" action={may && <NewLink />}>
      <ol className="mt-2 flex flex-col gap-2 text-start">
        {steps.map(([Icon, text]) => (
          <li key={text} className="flex items-start gap-2.5">
            <Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-accent-ink" />
            {t(text)}
          </li>
        ))}
      </ol>
      {!may && <p className="mt-3">{t("campaigns.empty_not_admin")}</p>}
    </EmptyState>
  );
}
