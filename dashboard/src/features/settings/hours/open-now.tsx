import { useEffect, useState } from "react";
import { Badge } from "@/components/ui/badge";
import { openState, type Hours } from "@/features/settings/hours/hours";
import { useT } from "@/lib/i18n";

/** Whether it is open now, by what is being edited. */
export function OpenNow({ hours }: { hours: Hours }) {
  const t = useT();
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), 30_000);
    return () => clearInterval(timer);
  }, []);
  const { open, until } = openState(hours, now);
  const when =
    until === null
      ? ""
      : until.daysAhead === 0
        ? until.time
        : t("settings.until_day", { day: t(`settings.day_${until.day}`), time: until.time });
  const text = until === null ? t(open ? "settings.open_always" : "settings.closed_always") : t(open ? "settings.open_until" : "settings.closed_until", { when });
  return (
    <p role="status" className="flex flex-wrap items-center gap-2">
      <span className="text-muted">{t("settings.now")}</span>
      <Badge tone={open ? "success" : "neutral"}>{t(open ? "settings.is_open" : "settings.is_closed")}</Badge>
      <span>{text}</span>
    </p>
  );
}
