import { DomainForm } from "@/features/settings/domain/domain-form";
import { MetadataCard } from "@/features/settings/domain/metadata-card";
import { RetentionReports } from "@/features/settings/domain/retention-reports";
import { useDomain } from "@/features/settings/domain/use-domain";
import { Loaded } from "@/features/settings/parts/loaded";
import { SectionPage } from "@/features/settings/parts/section-page";
import { useT } from "@/lib/i18n";
import { useCan } from "@/lib/me";

/** The business itself: its name, who answers when nobody is chosen, what is kept how long. */
export function DomainSection() {
  const t = useT();
  const may = useCan("admin");
  return (
    <SectionPage title={t("settings.domain_title")} description={t("settings.domain_text")} changes="admin">
      <Loaded query={useDomain()}>{(domain) => <DomainForm domain={domain} />}</Loaded>
      {may && <RetentionReports />}
      {may && <MetadataCard />}
    </SectionPage>
  );
}
