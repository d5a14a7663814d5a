import { useSearch } from "@tanstack/react-router";
import { EmptyState } from "@/components/ui/empty-state";
import { AssistantEditor } from "@/features/settings/assistants/assistant-editor";
import { AssistantList } from "@/features/settings/assistants/assistant-list";
import { useAssistants } from "@/features/settings/assistants/use-assistants";
import { Loaded } from "@/features/settings/parts/loaded";
import { SectionPage } from "@/features/settings/parts/section-page";
import { useT } from "@/lib/i18n";
import { useCan } from "@/lib/me";

/** The list of assistants; below it one of them, or a new one. */
export function AssistantsSection() {
  const t = useT();
  const search: Record<string, unknown> = useSearch({ strict: false });
  const mayCreate = useCan("admin");
  const assistants = useAssistants();
  if (mayCreate && search["new"]) return <AssistantEditor assistant={null} />;
  const id = search["assistant"];
  if (typeof id !== "string") return <AssistantList assistants={assistants} />;
  const assistant = assistants.data?.find((each) => each.assistant_id === id);
  if (assistant) return <AssistantEditor key={id} assistant={assistant} />;
  return (
    <SectionPage title={t("settings.assistants_title")} below="assistants">
      <Loaded query={assistants}>{() => <EmptyState title={t("settings.assistant_gone", { id })} />}</Loaded>
    </SectionPage>
  );
}
