import { useState } from "react";
import { Tabs } from "@/components/ui/tabs";
import { Loaded } from "@/features/settings/parts/loaded";
import { SectionPage } from "@/features/settings/parts/section-page";
import { useDomain } from "@/features/settings/domain/use-domain";
import { OptOutForm } from "@/features/settings/opt-outs/opt-out-form";
import { OptOutList } from "@/features/settings/opt-outs/opt-out-list";
import { OptOutLog } from "@/features/settings/opt-outs/opt-out-log";
import { useT } from "@/lib/i18n";

/** Who does not want to be written to, how it came to that, and what is answered to STOP and START. */
export function OptOutsSection() {
  const t = useT();
  const [tab, setTab] = useState<"list" | "log" | "rules">("list");
  const domain = useDomain();
  return (
    <SectionPage title={t("settings.opt_outs_title")} description={t("settings.opt_outs_text")}>
      <Tabs
        label={t("settings.opt_outs_title")}
        value={tab}
        onChange={setTab}
        tabs={[
          { value: "list", label: t("audience.optout_list"), content: <OptOutList /> },
          { value: "log", label: t("audience.optout_log"), content: <OptOutLog /> },
          { value: "rules", label: t("audience.optout_rules"), content: <div className="pt-4"><Loaded query={domain}>{(loaded) => <OptOutForm domain={loaded} />}</Loaded></div> },
        ]}
      />
    </SectionPage>
  );
}
