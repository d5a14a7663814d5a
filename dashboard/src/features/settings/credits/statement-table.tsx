import { Link } from "@tanstack/react-router";
import type { LedgerEntry } from "@/api/outreach-types";
import { Badge, type BadgeTone } from "@/components/ui/badge";
import { countryName } from "@/features/contact-pane/country";
import { categoryName, CHANNEL_NAMES, typeName } from "@/features/settings/credits/credit";
import { cx } from "@/lib/class-names";
import { formatCredits, formatDateTime, useLanguage, useT, type Language, type Translate } from "@/lib/i18n";

const TONES: Record<LedgerEntry["kind"], BadgeTone> = {
  top_up: "success", refund: "info", adjustment: "note", charge: "neutral", hold: "warning", settlement: "neutral",
};
const CELL = "px-3 py-2 align-top";

export function StatementTable({ entries, isOld }: { entries: readonly LedgerEntry[]; isOld: boolean }) {
  const t = useT();
  const hasBalance = entries.some((each) => each.balance_after !== null && each.balance_after !== undefined);
  return (
    <div className={cx("relative overflow-x-auto rounded-lg border border-line bg-surface transition-opacity", isOld && "opacity-60")} aria-busy={isOld}>
      <table className="w-full border-collapse text-sm">
        <caption className="sr-only">{t("outreach.statement")}</caption>
        <thead>
          <tr className="border-b border-line text-muted">
            <th scope="col" className={cx(CELL, "text-start font-medium max-sm:hidden")}>{t("outreach.when")}</th>
            <th scope="col" className={cx(CELL, "text-start font-medium max-sm:hidden")}>{t("outreach.kind")}</th>
            <th scope="col" className={cx(CELL, "w-full text-start font-medium")}>{t("outreach.what_for")}</th>
            <th scope="col" className={cx(CELL, "text-end font-medium")}>{t("outreach.amount")}</th>
            {hasBalance && <th scope="col" className={cx(CELL, "text-end font-medium max-sm:hidden")}>{t("outreach.balance")}</th>}
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={entry.entry_id} className="border-b border-line last:border-0">
              <td className={cx(CELL, "whitespace-nowrap text-muted max-sm:hidden")}><time dateTime={entry.at}>{formatDateTime(entry.at)}</time></td>
              <td className={cx(CELL, "max-sm:hidden")}><Badge tone={TONES[entry.kind]}>{t(`outreach.kind_${entry.kind}`)}</Badge></td>
              <td className={cx(CELL, "sm:min-w-48")}>
                <p className="mb-1 flex flex-wrap items-center gap-x-2 text-muted sm:hidden">
                  <Badge tone={TONES[entry.kind]}>{t(`outreach.kind_${entry.kind}`)}</Badge>
                  <time dateTime={entry.at}>{formatDateTime(entry.at)}</time>
                </p>
                <Purpose entry={entry} />
              </td>
              <td className={cx(CELL, "text-end font-medium whitespace-nowrap tabular-nums", entry.amount > 0 && "text-success")}>
                <bdi>{entry.amount > 0 && "+"}{formatCredits(entry.amount)}</bdi>
              </td>
              {hasBalance && (
                <td className={cx(CELL, "text-end whitespace-nowrap text-muted tabular-nums max-sm:hidden")}>
                  {entry.balance_after === null || entry.balance_after === undefined ? "" : formatCredits(entry.balance_after)}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Purpose({ entry }: { entry: LedgerEntry }) {
  const t = useT();
  const matter = matterOf(entry, t, useLanguage());
  return (
    <>
      {matter && <span>{matter}</span>}
      {entry.reason && <span dir="auto" className={cx("block break-words", matter && "text-muted")}>{entry.reason}</span>}
      {entry.chat_id && (
        <Link
          to="/inbox/$chatId"
          params={{ chatId: entry.chat_id }}
          search={entry.message_id ? { message: entry.message_id } : {}}
          className={cx("w-fit whitespace-nowrap text-accent-ink underline underline-offset-2 max-sm:block", matter && !entry.reason && "sm:ms-2")}
        >
          {t("outreach.open_conversation")}
        </Link>
      )}
    </>
  );
}

/** "WhatsApp · out · marketing · Spain". */
function matterOf({ channel, direction, category, call_type, country, quantity }: LedgerEntry, t: Translate, language: Language): string {
  const parts = [
    channel && t(CHANNEL_NAMES[channel]),
    direction && t(`outreach.direction_${direction}`),
    category && categoryName(category, t),
    call_type && typeName(call_type, t),
    country && countryName(country, language),
    quantity !== 1 && channel ? `× ${formatCredits(quantity)}` : null,
  ];
  return parts.filter(Boolean).join(" · ");
}
