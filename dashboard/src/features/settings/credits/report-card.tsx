import { CalendarDays } from "lucide-react";
import { useState } from "react";
import type { CreditReport } from "@/api/outreach-types";
import { EmptyState } from "@/components/ui/empty-state";
import { Select } from "@/components/ui/select";
import { countryName } from "@/features/contact-pane/country";
import { categoryName, CHANNEL_NAMES, months, typeName } from "@/features/settings/credits/credit";
import { linesOf, type ReportLine } from "@/features/settings/credits/report";
import { useReport } from "@/features/settings/credits/use-credits";
import { Card } from "@/features/settings/parts/card";
import { Loaded } from "@/features/settings/parts/loaded";
import { cx } from "@/lib/class-names";
import { formatCredits, formatNumber, useLanguage, useT, type Language, type Translate } from "@/lib/i18n";

const MONTHS = 12;
const CELL = "px-4 py-2";

/** What a month came to, and of what. */
export function ReportCard() {
  const t = useT();
  const language = useLanguage();
  const [all] = useState(() => months(new Date(), MONTHS));
  const [month, setMonth] = useState(all[0] ?? "");
  const report = useReport(month);
  const nameOf = (each: string) => new Intl.DateTimeFormat(language, { month: "long", year: "numeric", timeZone: "UTC" }).format(new Date(`${each}-01T00:00:00Z`));
  return (
    <Card
      title={t("outreach.report")}
      description={t("outreach.report_text")}
      actions={<Select aria-label={t("outreach.month")} className="w-44!" value={month} onChange={setMonth} options={all.map((each) => ({ value: each, label: nameOf(each) }))} />}
      className="gap-0! p-0!"
    >
      <Loaded query={report} skeleton={<div className="h-64" />}>
        {(found) => <Report report={found} isOld={report.isPlaceholderData} />}
      </Loaded>
    </Card>
  );
}

function Report({ report, isOld }: { report: CreditReport; isOld: boolean }) {
  const t = useT();
  const language = useLanguage();
  const lines = linesOf(report.totals);
  return (
    <div className={cx("transition-opacity", isOld && "opacity-60")} aria-busy={isOld}>
      <dl className="grid grid-cols-3 gap-px border-b border-line bg-line">
        <Figure label={t("outreach.spent")} value={formatCredits(report.spent)} />
        <Figure label={t("outreach.messages")} value={formatNumber(report.messages)} />
        <Figure label={t("outreach.topped_up_day")} value={formatCredits(report.top_ups)} />
      </dl>
      {lines.length === 0 ? (
        <EmptyState icon={CalendarDays} title={t("outreach.report_empty")} />
      ) : (
        // Where it scrolls, the keyboard scrolls it.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div role="group" aria-label={t("outreach.report")} tabIndex={0} className="relative overflow-x-auto focus-visible:-outline-offset-2">
          <table className="w-full border-collapse text-sm tabular-nums">
            <caption className="sr-only">{t("outreach.report")}</caption>
            <thead>
              <tr className="border-b border-line text-muted">
                {(["channel", "direction", "category", "call_type", "country"] as const).map((name) => (
                  <th key={name} scope="col" className={cx(CELL, "text-start font-medium", name !== "channel" && "max-sm:hidden")}>{t(`outreach.price_${name}`)}</th>
                ))}
                <th scope="col" className={cx(CELL, "text-end font-medium")}>{t("outreach.messages")}</th>
                <th scope="col" className={cx(CELL, "text-end font-medium")}>{t("outreach.spent")}</th>
              </tr>
            </thead>
            <tbody>
              {lines.map((line, place) => (
                <tr key={place} className="border-b border-line last:border-0">
                  <th scope="row" className={cx(CELL, "text-start font-normal sm:whitespace-nowrap")}>
                    {line.channel ? t(CHANNEL_NAMES[line.channel]) : "–"}
                    <span className="block text-muted sm:hidden">{partsOf(line, t, language).filter(Boolean).join(" · ")}</span>
                  </th>
                  {partsOf(line, t, language).map((part, at) => <td key={at} className={cx(CELL, "max-sm:hidden")}>{part || "–"}</td>)}
                  <td className={cx(CELL, "text-end")}>{formatNumber(line.messages)}</td>
                  <td className={cx(CELL, "text-end font-medium")}>{formatCredits(line.amount)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}

/** What else is known of a line, in the order of its columns; "" for what is not. */
const partsOf = ({ direction, category, call_type: type, country }: ReportLine, t: Translate, language: Language): string[] => [
  direction ? t(`outreach.direction_${direction}`) : "",
  category ? categoryName(category, t) : "",
  type ? typeName(type, t) : "",
  country ? countryName(country, language) : "",
];

function Figure({ label, value }: { label: string; value: string }) {
  return (
    <div className="min-w-0 bg-surface px-3 py-3 sm:px-4">
      <dt className="text-sm text-muted">{label}</dt>
      <dd className="text-lg font-semibold whitespace-nowrap tabular-nums sm:text-xl">{value}</dd>
    </div>
  );
}
