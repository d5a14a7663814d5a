import { Timer } from "lucide-react";
import { clock, COUNTDOWN_FROM } from "@/features/composer/reply-window";
import { useT } from "@/lib/i18n";

/** How long free text is still taken; shown in the last hours. */
export function Countdown({ left }: { left: number | null }) {
  const t = useT();
  if (left === null || left === 0 || left > COUNTDOWN_FROM) return null;
  const { hours, minutes, seconds } = clock(left);
  const isShort = left <= 10 * 60_000;
  const time = isShort
    ? `${minutes}:${String(seconds).padStart(2, "0")}`
    : hours > 0
      ? t("composer.window_hours", { hours, minutes })
      : t("composer.window_minutes", { minutes });
  return (
    <span title={t("composer.window_why")} className={`inline-flex shrink-0 items-center gap-1 ${left <= 3_600_000 ? "text-danger" : "text-warning"}`}>
      <Timer aria-hidden className="size-3.5" />
      <span aria-hidden className="md:hidden">{time}</span>
      <span className="max-md:sr-only">{t("composer.window_left", { time })}</span>
    </span>
  );
}
