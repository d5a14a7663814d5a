import { ArrowLeft, CircleSlash, RotateCw, Send } from "lucide-react";
import { useState } from "react";
import type { Campaign, CheckReport } from "@/api/campaign-types";
import { AlertDialog } from "@/components/ui/alert-dialog";
import { Button } from "@/components/ui/button";
import { ErrorState } from "@/components/ui/error-state";
import { Skeleton } from "@/components/ui/skeleton";
import { useToast } from "@/components/ui/toast";
import { ImportProgress } from "@/features/campaigns/import-progress";
import { Panel } from "@/features/campaigns/page-parts";
import { useCampaignStep, useCheck } from "@/features/campaigns/use-campaigns";
import { skipsOf } from "@/features/campaigns/wizard/skips";
import type { StepProps } from "@/features/campaigns/wizard/steps";
import { FormError } from "@/features/settings/parts/form-parts";
import { errorText } from "@/lib/error-text";
import { formatDateTime, formatNumber, useT } from "@/lib/i18n";

/** A dry run, and the start. */
export function CheckStep({ campaign, onBack }: StepProps) {
  const t = useT();
  const toast = useToast();
  const check = useCheck(campaign);
  const start = useCampaignStep(campaign.campaign_id);
  const [asking, setAsking] = useState(false);
  const report = check.data;
  const importing = campaign.status === "importing";
  const short = report !== undefined && report.balance !== null && report.cost > report.balance;
  const run = () =>
    start.mutate(
      { step: "start" },
      {
        onSuccess: () => toast.success(t(campaign.start_at === null ? "campaigns.told_start" : "campaigns.told_schedule", { name: campaign.name })),
        onSettled: () => setAsking(false),
      },
    );
  return (
    <div className="flex flex-col gap-4">
      {importing && <ImportProgress campaign={campaign} />}
      {!importing && (
        <Panel
          title={t("campaigns.step_check")}
          hint={t("campaigns.check_text")}
          actions={<Button size="sm" pending={check.isFetching} onClick={() => void check.refetch()}><RotateCw aria-hidden />{t("campaigns.check_again")}</Button>}
        >
          {report ? <Report report={report} short={short} /> : check.isError
            ? <ErrorState error={check.error} onRetry={() => void check.refetch()} retrying={check.isFetching} />
            : <div role="status" className="flex flex-col gap-3"><span className="sr-only">{t("common.loading")}</span><Skeleton className="h-16 w-full" /><Skeleton className="h-28 w-full" /></div>}
        </Panel>
      )}
      <FormError text={start.error && errorText(start.error)} />
      <div className="flex flex-wrap items-center justify-between gap-2">
        {onBack ? <Button onClick={onBack}><ArrowLeft aria-hidden className="rtl:-scale-x-100" />{t("common.back")}</Button> : <span />}
        <Button variant="primary" size="lg" disabled={importing || !report || report.would_send === 0} pending={start.isPending} onClick={() => setAsking(true)}>
          <Send aria-hidden className="rtl:-scale-x-100" />
          {t(campaign.start_at === null ? "campaigns.start" : "campaigns.schedule")}
        </Button>
      </div>
      <AlertDialog
        open={asking}
        onOpenChange={setAsking}
        title={t("campaigns.ask_start", { count: report?.would_send ?? 0 })}
        description={<StartText campaign={campaign} report={report} />}
        action={t(campaign.start_at === null ? "campaigns.start" : "campaigns.schedule")}
        pending={start.isPending}
        onAction={run}
      />
    </div>
  );
}

function StartText({ campaign, report }: { campaign: Campaign; report: CheckReport | undefined }) {
  const t = useT();
  const when = campaign.start_at === null ? t("campaigns.ask_start_now") : t("campaigns.ask_start_at", { at: formatDateTime(campaign.start_at) });
  return report && report.cost > 0 ? `${when} ${t("campaigns.ask_start_cost", { cost: formatNumber(report.cost) })}` : when;
}

function Report({ report, short }: { report: CheckReport; short: boolean }) {
  const t = useT();
  const skips = skipsOf(report);
  const kinds = Object.entries(report.per_channel);
  return (
    <div className="flex flex-col gap-4">
      <dl className="grid grid-cols-2 gap-3 sm:grid-cols-4">
        <Figure name={t("campaigns.check_rows")} value={formatNumber(report.rows)} />
        <Figure name={t("campaigns.check_send")} value={formatNumber(report.would_send)} tone="text-success" />
        <Figure name={t("campaigns.check_skip")} value={formatNumber(report.rows - report.would_send)} tone={report.rows > report.would_send ? "text-warning" : ""} />
        <Figure name={t("campaigns.cost")} value={formatNumber(report.cost)} tone={short ? "text-danger" : ""}
          below={report.balance === null ? t("campaigns.not_billed") : t("campaigns.of_balance", { balance: formatNumber(report.balance) })} />
      </dl>
      {short && <p role="alert" className="rounded-md bg-danger-soft px-3 py-2 text-danger">{t("campaigns.balance_short")}</p>}
      {report.would_send === 0 && <p className="rounded-md bg-warning-soft px-3 py-2 text-warning">{t("campaigns.nobody")}</p>}
      {kinds.length > 1 && (
        <p className="text-sm text-muted">
          {kinds.map(([kind, count]) => `${kind === "wmsg" || kind === "sms" || kind === "phone" || kind === "wvoice" ? t(`common.channel_${kind}`) : kind}: ${formatNumber(count)}`).join(" · ")}
        </p>
      )}
      {skips.length > 0 && (
        <div className="flex flex-col gap-2">
          <h3 className="font-medium">{t("campaigns.skipped_why")}</h3>
          <ul className="flex flex-col gap-1.5">
            {skips.map(({ code, text, count, share }) => (
              <li key={code} className="grid grid-cols-[1fr_auto] items-center gap-x-3 gap-y-1 text-sm sm:grid-cols-[18rem_1fr_auto]">
                <span className="flex items-center gap-1.5"><CircleSlash aria-hidden className="size-3.5 shrink-0 text-warning" />{text === null ? code : t(text)}</span>
                <span aria-hidden className="h-2 overflow-hidden rounded-full bg-sunken max-sm:order-last max-sm:col-span-2">
                  <span className="block h-full rounded-full bg-warning/60" style={{ width: `${share * 100}%` }} />
                </span>
                <span className="min-w-12 text-end font-medium">{formatNumber(count)}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
      {report.samples.length > 0 && (
        <details className="text-sm">
          <summary className="cursor-pointer text-accent-ink">{t("campaigns.samples", { count: report.samples.length })}</summary>
          <ul className="mt-2 divide-y divide-line rounded-md border border-line">
            {report.samples.map((sample) => (
              <li key={`${sample.line ?? ""}${sample.phone_number}`} className="flex flex-wrap gap-x-3 px-3 py-1.5">
                {sample.line !== null && <span className="w-16 shrink-0 text-faint">{t("campaigns.line", { line: sample.line })}</span>}
                <bdi dir="ltr" className="w-36 shrink-0 truncate">{sample.phone_number}</bdi>
                <span className="min-w-0 flex-1 text-muted">{sample.reason}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

function Figure({ name, value, tone = "", below }: { name: string; value: string; tone?: string; below?: string }) {
  return (
    <div className="rounded-lg border border-line px-3 py-2">
      <dt className="text-sm text-muted">{name}</dt>
      <dd className={`text-xl font-semibold ${tone}`}>
        {value}
        {below && <span className="block text-sm font-normal text-faint">{below}</span>}
      </dd>
    </div>
  );
}
