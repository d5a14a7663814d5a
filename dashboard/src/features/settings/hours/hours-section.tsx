import { Clock } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { useDomain, type Domain } from "@/features/settings/domain/use-domain";
import { HoursForm } from "@/features/settings/hours/hours-form";
import { fromStored, usualWeek, type Hours, type StoredHours } from "@/features/settings/hours/hours";
import { Loaded } from "@/features/settings/parts/loaded";
import { SectionPage } from "@/features/settings/parts/section-page";
import { useT } from "@/lib/i18n";
import { useCan } from "@/lib/me";

const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** When people answer, and what is said when nobody does. */
export function HoursSection() {
  const t = useT();
  return (
    <SectionPage title={t("settings.hours_title")} description={t("settings.hours_text")} changes="admin">
      <Loaded query={useDomain()}>{(domain) => <Content domain={domain} />}</Loaded>
    </SectionPage>
  );
}

function Content({ domain }: { domain: Domain }) {
  const t = useT();
  const may = useCan("admin");
  const [starting, setStarting] = useState(false);
  const stored = domain.settings["business_hours"] as StoredHours | undefined;
  if (!stored && !starting) {
    return (
      <EmptyState
        icon={Clock}
        title={t("settings.hours_always")}
        action={<Button variant="primary" disabled={!may} onClick={() => setStarting(true)}>{t("settings.hours_set")}</Button>}
      >
        {t("settings.hours_always_text")}
      </EmptyState>
    );
  }
  const start: Hours = stored
    ? fromStored(stored, HERE)
    : { timezone: HERE, week: usualWeek(), awayMessage: t("settings.away_sample") };
  return <HoursForm saved={start} isNew={!stored} onGone={() => setStarting(false)} />;
}
