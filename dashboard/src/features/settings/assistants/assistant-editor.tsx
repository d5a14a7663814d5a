import { AssistantForm } from "@/features/settings/assistants/assistant-form";
import { TryPanel } from "@/features/settings/assistants/try-panel";
import type { Assistant } from "@/features/settings/assistants/use-assistants";
import { SectionPage } from "@/features/settings/parts/section-page";
import { useState } from "react";
import { useT } from "@/lib/i18n";
import { useCan } from "@/lib/me";

/** An assistant's form, and beside it a place to try what is saved. Null makes a new one. */
export function AssistantEditor({ assistant }: { assistant: Assistant | null }) {
  const t = useT();
  const may = useCan("agent");
  const [dirty, setDirty] = useState(false);
  return (
    <SectionPage
      title={assistant?.name ?? t("settings.assistant_new")}
      description={assistant ? undefined : t("settings.assistant_new_text")}
      changes="admin"
      below="assistants"
      width="wide"
    >
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_24rem]">
        <AssistantForm assistant={assistant} onDirty={setDirty} />
        {assistant && may && <TryPanel assistant={assistant} dirty={dirty} />}
      </div>
    </SectionPage>
  );
}
