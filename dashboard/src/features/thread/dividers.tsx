/** What stands between messages: the beginning, days, where the unread begin. */

import type { Conversation } from "@/api/types";
import { JumpToDate } from "@/features/thread/jump-to-date";
import { useScene } from "@/features/thread/thread-context";
import { cx } from "@/lib/class-names";
import { formatDate, formatDay, useT } from "@/lib/i18n";

export function DayDivider({ day }: { day: string }) {
  return (
    <div className="flex items-center justify-center py-2">
      <DayButton at={`${day}T12:00:00`} />
    </div>
  );
}

/** The day of what is in sight, and the way to another. */
export function DayButton({ at, className }: { at: string; className?: string }) {
  const t = useT();
  const { jumpToDate } = useScene();
  const name = formatDay(at);
  return (
    <JumpToDate
      onJump={jumpToDate}
      trigger={
        <button
          type="button"
          aria-label={`${name}. ${t("thread.jump_to_date")}`}
          className={cx("min-h-6 rounded-full border border-line bg-surface px-2.5 text-xs text-muted hover:bg-hover hover:text-ink", className)}
        >
          <time dateTime={at}>{name}</time>
        </button>
      }
    />
  );
}

export function UnreadDivider({ count }: { count: number }) {
  const t = useT();
  return (
    <div className="flex items-center gap-2 py-2 text-xs font-medium text-danger" role="separator" aria-label={t("thread.new_messages", { count })}>
      <span className="h-px grow bg-danger/50" />
      {t("thread.new_messages", { count })}
      <span className="h-px grow bg-danger/50" />
    </div>
  );
}

export function Beginning({ conversation }: { conversation: Conversation }) {
  const t = useT();
  const { display_name: name, channel, created_at: at } = conversation;
  return (
    <div className="py-4 text-center text-sm text-muted">
      <p>{t("thread.beginning", { name, channel: t(`common.channel_${channel}`) })}</p>
      {at && <time dateTime={at} className="text-xs">{formatDate(at, "long")}</time>}
    </div>
  );
}
