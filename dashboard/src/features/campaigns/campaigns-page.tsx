import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useEffect } from "react";
import { Tabs } from "@/components/ui/tabs";
import { CampaignList } from "@/features/campaigns/campaign-list";
import { CampaignPage } from "@/features/campaigns/campaign-page";
import { PageSkeleton } from "@/features/campaigns/page-parts";
import { useT, withTexts } from "@/lib/i18n";
import { useCan } from "@/lib/me";

const Wizard = lazy(async () => ({ default: (await withTexts("outreach", import("@/features/campaigns/wizard/wizard"))).NewCampaign }));
const Repeats = lazy(async () => ({ default: (await withTexts("outreach", import("@/features/campaigns/repeats/repeat-list"))).RepeatList }));

/** In place of a campaign's id: one that does not exist yet. */
export const NEW = "new";
type TabName = "campaigns" | "recurring";

/** All campaigns; below it one of them, or a new one. */
export function CampaignsPage() {
  const t = useT();
  const may = useCan("admin");
  const { campaignId } = useParams({ strict: false });
  const title = t("campaigns.title");
  useEffect(() => {
    document.title = `${title} · Frontdesk`;
  }, [title]);
  return (
    <div key={campaignId ?? ""} className="h-full overflow-y-auto bg-canvas">
      <Suspense fallback={<PageSkeleton />}>
        {campaignId === undefined ? <Lists /> : campaignId === NEW && may ? <Wizard /> : <CampaignPage campaignId={campaignId} />}
      </Suspense>
    </div>
  );
}

function Lists() {
  const t = useT();
  const navigate = useNavigate();
  const search: { tab?: string } = useSearch({ strict: false });
  const tab: TabName = search.tab === "recurring" ? "recurring" : "campaigns";
  return (
    <div className="mx-auto flex min-h-full w-full max-w-6xl flex-col p-4 md:px-8 md:py-6">
      <Tabs<TabName>
        label={t("campaigns.title")}
        className="flex-1"
        value={tab}
        onChange={(next) => void navigate({ to: "/campaigns", search: next === "campaigns" ? {} : { tab: next }, replace: true })}
        tabs={[
          { value: "campaigns", label: t("campaigns.title"), content: <CampaignList /> },
          { value: "recurring", label: t("campaigns.repeats"), content: <Suspense fallback={<PageSkeleton />}><Repeats /></Suspense> },
        ]}
      />
    </div>
  );
}
