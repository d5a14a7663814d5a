import { useState, type ReactNode } from "react";
import { Tabs } from "@/components/ui/tabs";
import { BalanceCard } from "@/features/settings/credits/balance-card";
import { PriceEditor } from "@/features/settings/credits/price-editor";
import { ReportCard } from "@/features/settings/credits/report-card";
import { SpendingCard } from "@/features/settings/credits/spending-card";
import { StatementCard } from "@/features/settings/credits/statement-card";
import { useCredits } from "@/features/settings/credits/use-credits";
import { Loaded } from "@/features/settings/parts/loaded";
import { SectionPage } from "@/features/settings/parts/section-page";
import { useT } from "@/lib/i18n";

type Part = "overview" | "statement" | "report" | "prices";

/** What sending costs, what is left, and where it went. */
export function CreditsSection() {
  const t = useT();
  const [part, setPart] = useState<Part>("overview");
  const credits = useCredits();
  return (
    <SectionPage title={t("settings.credits_title")} description={t("outreach.credits_text")} changes="admin" width="wide">
      <Loaded query={credits}>
        {(found) => (
          <Tabs
            label={t("settings.credits_title")}
            value={part}
            onChange={setPart}
            tabs={[
              {
                value: "overview",
                label: t("outreach.credits_overview"),
                content: (
                  <Panel>
                    <BalanceCard credits={found} />
                    {found.billed && <SpendingCard />}
                  </Panel>
                ),
              },
              { value: "statement", label: t("outreach.statement"), content: <Panel><StatementCard /></Panel> },
              { value: "report", label: t("outreach.report"), content: <Panel><ReportCard /></Panel> },
              { value: "prices", label: t("outreach.prices"), content: <Panel><PriceEditor /></Panel> },
            ]}
          />
        )}
      </Loaded>
    </SectionPage>
  );
}

function Panel({ children }: { children: ReactNode }) {
  return <div className="flex flex-col gap-4 pt-4">{children}</div>;
}
