import { Fragment, type ReactNode } from "react";
import type { Campaign } from "@/api/campaign-types";
import { Panel } from "@/features/campaigns/page-parts";
import { useSegments } from "@/lib/directory";
import { formatDateTime, formatNumber, useT } from "@/lib/i18n";

/** What was decided, and what it cost. */
export function CampaignFacts({ campaign }: { campaign: Campaign }) {
  const t = useT();
  const segments = useSegments().data ?? [];
  const segment = segments.find((each) => each.segment_id === campaign.segment_id)?.name;
  const facts: [string, ReactNode][] = [
    [t("campaigns.cost"), t("campaigns.credits", { amount: formatNumber(campaign.cost) })],
    [t("campaigns.channel"), t(`common.channel_${campaign.channel}`)],
    [t("campaigns.audience"), campaign.filename ?? segment ?? t(`campaigns.source_${campaign.source}`)],
  ];
  if (campaign.template_name !== null) facts.push([t("campaigns.template"), campaign.template_name]);
  if (campaign.instruction) facts.push([t("campaigns.instruction"), <span key="" className="line-clamp-6 whitespace-pre-line" title={campaign.instruction}>{campaign.instruction}</span>]);
  if (campaign.rate !== null) facts.push([t("campaigns.rate"), t("campaigns.rate_value", { rate: formatNumber(campaign.rate) })]);
  if (campaign.quiet_hours) facts.push([t("campaigns.quiet_hours"), `${campaign.quiet_hours.from} – ${campaign.quiet_hours.to}`]);
  if (campaign.follow_up) facts.push([t("campaigns.follow_up"), t("campaigns.follow_up_after", { count: campaign.follow_up.after_hours })]);
  if (campaign.finished_at !== null) facts.push([t("campaigns.finished"), formatDateTime(campaign.finished_at)]);
  if (campaign.created_by) facts.push([t("campaigns.created_by"), campaign.created_by.name || campaign.created_by.email]);
  return (
    <Panel title={t("campaigns.details")}>
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-2 text-sm">
        {facts.map(([name, value]) => (
          <Fragment key={name}>
            <dt className="text-muted">{name}</dt>
            <dd className="min-w-0 wrap-anywhere"><bdi>{value}</bdi></dd>
          </Fragment>
        ))}
      </dl>
    </Panel>
  );
}
