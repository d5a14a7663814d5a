import { useMemo, useState } from "react";
import type { CreditDay } from "@/api/outreach-types";
import { roundTop } from "@/features/settings/credits/credit";
import { cx } from "@/lib/class-names";
import { formatCredits, formatDate, useLanguage, useT } from "@/lib/i18n";

const HEIGHT = 100;
const GAP = 0.3;
/** Days by their names stand below every so many. */
const LABELS = 6;

/** What was spent on each day, as bars; the same as a table for whoever reads it. */
export function SpendingChart({ days }: { days: readonly CreditDay[] }) {
  const t = useT();
  const [pointed, setPointed] = useState<number | null>(null);
  const top = roundTop(Math.max(...days.map((each) => each.spent)));
  const shown = pointed === null ? undefined : days[pointed];
  const language = useLanguage();
  const brief = useMemo(() => new Intl.DateTimeFormat(language, { day: "numeric", month: "short" }), [language]);
  const every = Math.ceil(days.length / LABELS);
  return (
    <div className="flex flex-col gap-2">
      <p aria-hidden className="h-5 text-sm text-muted">
        {shown
          ? t(shown.topped_up > 0 ? "outreach.day_topped_up" : "outreach.day_of", { day: dayName(shown.day), spent: formatCredits(shown.spent), added: formatCredits(shown.topped_up), balance: formatCredits(shown.balance) })
          : t("outreach.spending_point")}
      </p>
      <div aria-hidden className="grid grid-cols-[auto_1fr] gap-x-2">
        <div className="flex h-40 flex-col justify-between text-end text-xs text-faint tabular-nums">
          {[1, 0.5, 0].map((part) => <span key={part} className="-my-2">{formatCredits(top * part)}</span>)}
        </div>
        <svg
          viewBox={`0 0 ${days.length} ${HEIGHT}`}
          preserveAspectRatio="none"
          className="h-40 w-full rtl:-scale-x-100"
          onPointerLeave={() => setPointed(null)}
        >
          {[0, 0.5, 1].map((part) => (
            <line key={part} x1={0} x2={days.length} y1={HEIGHT * part} y2={HEIGHT * part} vectorEffect="non-scaling-stroke" className="stroke-line" />
          ))}
          {days.map(({ day, spent, topped_up: added }, place) => {
            // Whatever was spent shows, however little.
            const height = spent > 0 ? Math.max((spent / top) * HEIGHT, 1.5) : 0;
            return (
              <g key={day} onPointerEnter={() => setPointed(place)}>
                <rect x={place} y={0} width={1} height={HEIGHT} className={place === pointed ? "fill-hover" : "fill-transparent"} />
                <rect x={place + GAP / 2} y={HEIGHT - height} width={1 - GAP} height={height} className="fill-accent" />
                {/* A moment and not an amount: the axis is of what was spent. */}
                {added > 0 && <line x1={place + 0.5} x2={place + 0.5} y1={0} y2={HEIGHT - height} vectorEffect="non-scaling-stroke" strokeWidth={2} strokeDasharray="4 3" className="stroke-info" />}
              </g>
            );
          })}
        </svg>
        <span />
        <div className="grid text-xs text-faint" style={{ gridTemplateColumns: `repeat(${days.length}, minmax(0, 1fr))` }}>
          {days.map(({ day }, place) => (
            // On a phone every second one: longer names of months would run into each other.
            <span key={day} className={cx("whitespace-nowrap", place % (every * 2) !== 0 && "max-sm:invisible")}>{place % every === 0 && brief.format(here(day))}</span>
          ))}
        </div>
      </div>
      <p aria-hidden className="flex gap-4 text-xs text-muted">
        <span className="inline-flex items-center gap-1.5"><span className="size-2 rounded-sm bg-accent" />{t("outreach.spent")}</span>
        <span className="inline-flex items-center gap-1.5"><span className="h-3 border-s-2 border-dashed border-info" />{t("outreach.topped_up_day")}</span>
      </p>
      <details className="text-sm">
        <summary className="w-fit cursor-pointer text-accent-ink">{t("outreach.as_table")}</summary>
        <div className="mt-2 max-h-72 overflow-auto rounded-md border border-line">
          <table className="w-full border-collapse text-sm tabular-nums">
            <caption className="sr-only">{t("outreach.spending")}</caption>
            <thead>
              <tr className="border-b border-line text-muted">
                <th scope="col" className="px-3 py-1.5 text-start font-medium">{t("outreach.day")}</th>
                <th scope="col" className="px-3 py-1.5 text-end font-medium">{t("outreach.spent")}</th>
                <th scope="col" className="px-3 py-1.5 text-end font-medium">{t("outreach.topped_up_day")}</th>
                <th scope="col" className="px-3 py-1.5 text-end font-medium">{t("outreach.balance")}</th>
              </tr>
            </thead>
            <tbody>
              {days.toReversed().map(({ day, spent, topped_up: added, balance }) => (
                <tr key={day} className="border-b border-line last:border-0">
                  <th scope="row" className="px-3 py-1 text-start font-normal">{dayName(day)}</th>
                  <td className="px-3 py-1 text-end">{formatCredits(spent)}</td>
                  <td className="px-3 py-1 text-end">{formatCredits(added)}</td>
                  <td className="px-3 py-1 text-end">{formatCredits(balance)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </div>
  );
}

/** A day of the API is one of UTC: its name is the same everywhere. */
const here = (day: string) => new Date(`${day}T00:00:00`);
const dayName = (day: string) => formatDate(here(day));
