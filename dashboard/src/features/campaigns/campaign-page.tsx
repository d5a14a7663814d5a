import { lazy } from "react";
import { ErrorState } from "@/components/ui/error-state";
import type { Campaign } from "@/api/campaign-types";
import { CampaignActions } from "@/features/campaigns/campaign-actions";
import { CampaignFacts } from "@/features/campaigns/campaign-facts";
import { CampaignStatus } from "@/features/campaigns/campaign-row";
import { Funnel } from "@/features/campaigns/funnel-view";
import { isDraft } from "@/features/campaigns/funnel";
import { ImportProgress } from "@/features/campaigns/import-progress";
import { PageHeader, PageSkeleton, Panel } from "@/features/campaigns/page-parts";
import { Recipients } from "@/features/campaigns/recipients";
import { useCampaign } from "@/features/campaigns/use-campaigns";
import { formatDateTime, useT, withTexts } from "@/lib/i18n";
import { useCan } from "@/lib/me";

const Wizard = lazy(async () => ({ default: (await withTexts("outreach", import("@/features/campaigns/wizard/wizard"))).DraftCampaign }));

/** One campaign: what becomes of it, or, before its start, what is still to be decided. */
export function CampaignPage({ campaignId }: { campaignId: string }) {
  const may = useCan("admin");
  const { data: campaign, error, isError, isFetching, refetch } = useCampaign(campaignId);
  if (!campaign) {
    if (isError) return <ErrorState error={error} onRetry={() => void refetch()} retrying={isFetching} />;
    return <PageSkeleton />;
  }
  return isDraft(campaign) && may ? <Wizard campaign={campaign} /> : <Running campaign={campaign} />;
}

function Running({ campaign }: { campaign: Campaign }) {
  const t = useT();
  const since = campaign.started_at ?? campaign.start_at;
  return (
    <div className="mx-auto flex w-full max-w-6xl flex-col gap-4 p-4 md:px-8 md:py-6">
      <PageHeader
        title={
          <>
            <h1 className="min-w-0 text-xl font-semibold wrap-anywhere"><bdi>{campaign.name}</bdi></h1>
            <CampaignStatus campaign={campaign} />
          </>
        }
        below={since === null ? t("campaigns.created_at", { at: formatDateTime(campaign.created_at) }) : t(campaign.started_at === null ? "campaigns.starts_at" : "campaigns.started_at", { at: formatDateTime(since) })}
        actions={<CampaignActions campaign={campaign} />}
      />
      {campaign.status_reason && (
        <p role="status" className={campaign.status === "failed" ? "rounded-md bg-danger-soft px-3 py-2 text-danger" : "rounded-md bg-warning-soft px-3 py-2 text-warning"}>
          {campaign.status_reason}
        </p>
      )}
      {campaign.status === "importing" && <ImportProgress campaign={campaign} />}
      <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-[1fr_20rem]">
        <Panel title={t("campaigns.funnel")}><Funnel campaign={campaign} /></Panel>
        <CampaignFacts campaign={campaign} />
      </div>
      <Recipients campaign={campaign} />
    </div>
  );
}
