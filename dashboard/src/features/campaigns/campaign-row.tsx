import { Link } from "@tanstack/react-router";
import type { Campaign } from "@/api/campaign-types";
import { Badge } from "@/components/ui/badge";
import { Progress } from "@/components/ui/progress";
import { doneShare, isDraft, percent, stagesOf, TONES } from "@/features/campaigns/funnel";
import { CHANNEL_ICONS } from "@/features/conversation-list/channel-icon";
import { formatDateTime, formatNumber, useT } from "@/lib/i18n";

export function CampaignStatus({ campaign }: { campaign: Campaign }) {
  const t = useT();
  return <Badge tone={TONES[campaign.status]}>{t(isDraft(campaign) && campaign.status === "ready" ? "campaigns.status_draft" : `campaigns.status_${campaign.status}`)}</Badge>;
}

export function CampaignRow({ campaign }: { campaign: Campaign }) {
  const t = useT();
  const Icon = CHANNEL_ICONS[campaign.channel];
  const draft = isDraft(campaign);
  const done = doneShare(campaign);
  const stages = stagesOf(campaign.counts).slice(1);
  return (
    <li className="relative flex flex-wrap items-center gap-x-6 gap-y-2 px-4 py-3 focus-within:bg-hover hover:bg-hover">
      <div className="min-w-0 flex-1 basis-64">
        <div className="flex items-center gap-2">
          <Icon aria-hidden className="size-4 shrink-0 text-muted" />
          <Link
            to="/campaigns/$campaignId"
            params={{ campaignId: campaign.campaign_id }}
            search={{}}
            className="min-w-0 truncate font-medium after:absolute after:inset-0"
          >
            <bdi>{campaign.name}</bdi>
          </Link>
          <CampaignStatus campaign={campaign} />
        </div>
        <p className="mt-0.5 truncate text-sm text-muted"><When campaign={campaign} /></p>
        {!draft && (
          <div className="mt-1.5 flex items-center gap-2">
            <Progress value={done} label={t("campaigns.progress_of", { name: campaign.name })} className="max-w-60" />
            <span className="text-xs text-faint">{percent(done)}</span>
          </div>
        )}
      </div>
      {!draft && (
        <dl className="grid w-full grid-cols-4 gap-3 sm:w-80">
          {stages.map(({ name, count, share }) => (
            <div key={name} className="min-w-0">
              <dt className="truncate text-xs text-faint">{t(`campaigns.stage_${name}`)}</dt>
              <dd className="font-medium" title={percent(share)}>{formatNumber(count)}</dd>
            </div>
          ))}
        </dl>
      )}
    </li>
  );
}

function When({ campaign }: { campaign: Campaign }) {
  const t = useT();
  const recipients = campaign.counts.rows > 0 ? t("campaigns.recipients_count", { count: campaign.counts.rows }) : null;
  const at = campaign.finished_at ?? campaign.started_at ?? campaign.start_at ?? campaign.created_at;
  const when =
    campaign.finished_at !== null ? t("campaigns.finished_at", { at: formatDateTime(at) })
    : campaign.started_at !== null ? t("campaigns.started_at", { at: formatDateTime(at) })
    : campaign.start_at !== null ? t("campaigns.starts_at", { at: formatDateTime(at) })
    : t("campaigns.created_at", { at: formatDateTime(at) });
  return [recipients, when].filter(Boolean).join(" · ");
}
