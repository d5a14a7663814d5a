import type { Campaign } from "@/api/campaign-types";
import { Progress } from "@/components/ui/progress";
import { doneShare, percent } from "@/features/campaigns/funnel";
import { formatBytes, useT } from "@/lib/i18n";

/** The server reads the file: how far it is. */
export function ImportProgress({ campaign }: { campaign: Campaign }) {
  const t = useT();
  const { bytes, of, lines } = campaign.progress;
  const share = of ? doneShare(campaign) : undefined;
  return (
    <div role="status" className="flex flex-col gap-2 rounded-lg border border-line bg-surface px-4 py-3">
      <div className="flex flex-wrap justify-between gap-x-3 text-sm">
        <span className="font-medium">{t("campaigns.importing")}</span>
        <span className="text-muted">
          {t("campaigns.lines_read", { count: lines })}
          {of ? ` · ${formatBytes(bytes)} / ${formatBytes(of)} · ${percent(share ?? 0)}` : ""}
        </span>
      </div>
      <Progress value={share} label={t("campaigns.importing")} />
    </div>
  );
}
