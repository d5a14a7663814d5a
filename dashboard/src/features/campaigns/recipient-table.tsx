import { Link } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { MessageSquareReply, MessagesSquare } from "lucide-react";
import { useEffect, useState } from "react";
import type { Outcome, Recipient } from "@/api/campaign-types";
import { Badge, type BadgeTone } from "@/components/ui/badge";
import { cx } from "@/lib/class-names";
import { formatBrief, formatDateTime, formatNumber, useT } from "@/lib/i18n";

const TONES: Record<Outcome, BadgeTone> = {
  waiting: "neutral", writing: "info", sent: "info", delivered: "accent", read: "success",
  failed: "danger", skipped: "warning", canceled: "neutral",
};
const ROW = 44;
const AHEAD = 12;
const MOST_HEIGHT = 616;
const GRID = "grid grid-cols-[1fr_auto] items-center gap-x-3 px-4 sm:grid-cols-[3.5rem_minmax(9rem,1.2fr)_7rem_minmax(8rem,1.6fr)_5rem_2rem]";

export interface RecipientTableProps {
  items: readonly Recipient[];
  /** -1 while there are more to load. */
  total: number;
  onEnd: () => void;
}

/** Only the rows in sight are there: a campaign may have a million. */
export function RecipientTable({ items, total, onEnd }: RecipientTableProps) {
  const t = useT();
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null);
  // eslint-disable-next-line react-hooks/incompatible-library -- its answers are only used here, each time anew
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller,
    estimateSize: () => ROW,
    getItemKey: (place) => items[place]?.outreach_id ?? place,
    overscan: AHEAD,
  });
  const lastSeen = virtualizer.range?.endIndex ?? 0;
  useEffect(() => {
    if (lastSeen >= items.length - AHEAD) onEnd();
  }, [lastSeen, items.length, onEnd]);
  return (
    <div role="table" aria-label={t("campaigns.recipients")} aria-rowcount={total < 0 ? -1 : total + 1} className="text-sm">
      <div role="rowgroup" className="max-sm:sr-only">
        <div role="row" aria-rowindex={1} className={cx(GRID, "h-9 border-b border-line text-xs font-medium text-muted")}>
          <span role="columnheader">{t("campaigns.column_line")}</span>
          <span role="columnheader">{t("campaigns.column_recipient")}</span>
          <span role="columnheader">{t("campaigns.outcome")}</span>
          <span role="columnheader">{t("campaigns.column_reason")}</span>
          <span role="columnheader" className="text-end">{t("campaigns.column_when")}</span>
          <span role="columnheader"><span className="sr-only">{t("campaigns.column_conversation")}</span></span>
        </div>
      </div>
      {/* It scrolls by itself, so it must be reached by keyboard. */}
      <div
        ref={setScroller}
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        role="rowgroup"
        className="overflow-y-auto overscroll-contain focus-visible:-outline-offset-2"
        style={{ height: Math.min(items.length * ROW, MOST_HEIGHT) }}
      >
        <div role="presentation" className="relative" style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map((row) => {
            const item = items[row.index];
            if (!item) return null;
            return (
              <div key={row.key} role="presentation" className="absolute inset-x-0 top-0" style={{ height: ROW, transform: `translateY(${row.start}px)` }}>
                <Line recipient={item} place={row.index + 2} />
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function Line({ recipient, place }: { recipient: Recipient; place: number }) {
  const t = useT();
  const { status, line, name, phone_number: number, reason, answered, chat_id: chatId } = recipient;
  const at = recipient.read_at ?? recipient.delivered_at ?? recipient.sent_at;
  return (
    <div role="row" aria-rowindex={place} className={cx(GRID, "relative h-full border-b border-line hover:bg-hover")}>
      <span role="cell" className="text-faint max-sm:hidden">{line === null ? "" : formatNumber(line)}</span>
      <span role="cell" className="min-w-0">
        <bdi className="block truncate font-medium">{name ?? number}</bdi>
        {name !== null && <bdi dir="ltr" className="block truncate text-xs text-muted">{number}</bdi>}
      </span>
      <span role="cell" className="flex items-center gap-1.5">
        <Badge tone={TONES[status]}>{t(`campaigns.outcome_${status}`)}</Badge>
        {answered && (
          <span title={t("campaigns.outcome_answered")} className="text-success">
            <MessageSquareReply aria-hidden className="size-4" />
            <span className="sr-only">{t("campaigns.outcome_answered")}</span>
          </span>
        )}
      </span>
      <span role="cell" className="truncate text-muted max-sm:sr-only" title={reason ?? undefined}><bdi>{reason}</bdi></span>
      <span role="cell" className="text-end text-faint max-sm:hidden" title={at === null ? undefined : formatDateTime(at)}>{at === null ? "" : formatBrief(at)}</span>
      <span role="cell" className="max-sm:contents">
        {chatId !== null && (
          <Link to="/inbox/$chatId" params={{ chatId }} search={{}} aria-label={t("campaigns.open_conversation", { name: name ?? number })}
            className="inline-flex size-7 items-center justify-center rounded-md text-muted hover:text-ink max-sm:absolute max-sm:inset-0 max-sm:size-auto">
            <MessagesSquare aria-hidden className="size-4 max-sm:hidden" />
          </Link>
        )}
      </span>
    </div>
  );
}
