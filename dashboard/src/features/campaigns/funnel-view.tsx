import { CircleSlash, Clock, TriangleAlert } from "lucide-react";
import type { Campaign } from "@/api/campaign-types";
import { percent, stagesOf, type StageName } from "@/features/campaigns/funnel";
import { formatNumber, useT } from "@/lib/i18n";

const FILLS: Record<StageName, string> = {
  queued: "bg-outline/60", sent: "bg-accent/55", delivered: "bg-accent/70", read: "bg-accent/85", answered: "bg-accent",
};

/** Each stage as a bar of all recipients; beneath it what is still to come, and what never will. */
export function Funnel({ campaign }: { campaign: Campaign }) {
  const t = useT();
  const { counts } = campaign;
  const reasons = campaign.reasons ?? [];
  const rest = [
    { name: "waiting", count: counts.waiting + counts.writing, icon: Clock, tone: "text-muted" },
    { name: "skipped", count: counts.skipped + counts.canceled, icon: CircleSlash, tone: "text-warning" },
    { name: "failed", count: counts.failed, icon: TriangleAlert, tone: "text-danger" },
  ] as const;
  return (
    <div className="flex flex-col gap-4">
      <ol className="flex flex-col gap-2.5">
        {stagesOf(counts).map(({ name, count, share }) => (
          <li key={name} className="grid grid-cols-[5rem_1fr_6.5rem] items-center gap-3 sm:grid-cols-[7rem_1fr_8.5rem]">
            <span className="truncate text-sm text-muted">{t(`campaigns.stage_${name}`)}</span>
            <span aria-hidden className="h-5 overflow-hidden rounded-sm bg-sunken">
              <span className={`block h-full rounded-sm transition-[width] duration-500 ${FILLS[name]}`} style={{ width: `${share * 100}%` }} />
            </span>
            <span className="text-end">
              <span className="font-semibold">{formatNumber(count)}</span>
              <span className="ms-2 inline-block min-w-10 text-sm text-faint">{percent(share)}</span>
            </span>
          </li>
        ))}
      </ol>
      <dl className="grid grid-cols-3 gap-3 border-t border-line pt-3">
        {rest.map(({ name, count, icon: Icon, tone }) => (
          <div key={name}>
            <dt className="flex items-center gap-1.5 text-sm text-muted">
              <Icon aria-hidden className={`size-3.5 shrink-0 ${count > 0 ? tone : "text-faint"}`} />
              {t(`campaigns.rest_${name}`)}
            </dt>
            <dd className="text-lg font-semibold">{formatNumber(count)}</dd>
          </div>
        ))}
      </dl>
      {reasons.length > 0 && (
        <div className="flex flex-col gap-1.5 border-t border-line pt-3">
          <h3 className="text-sm font-medium">{t("campaigns.reasons")}</h3>
          <ul className="flex flex-col gap-1">
            {reasons.map(({ status, code, reason, count }) => (
              <li key={`${status} ${code ?? ""} ${reason ?? ""}`} className="flex items-baseline gap-2 text-sm">
                <span className="w-14 shrink-0 text-end font-medium">{formatNumber(count)}</span>
                <span className="min-w-0 flex-1 wrap-anywhere text-muted"><bdi>{reason ?? code ?? t(`campaigns.outcome_${status}`)}</bdi></span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}
