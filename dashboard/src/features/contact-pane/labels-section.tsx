import { X } from "lucide-react";
import { LabelBadge } from "@/components/ui/badge";
import { Skeleton } from "@/components/ui/skeleton";
import { Nothing, Section } from "@/features/contact-pane/section";
import { LabelsEditor } from "@/features/conversation-list/labels-editor";
import { useConversationChange } from "@/features/conversation-list/use-conversation-change";
import { useOneConversation } from "@/features/conversation-list/use-conversations";
import { useT } from "@/lib/i18n";
import { useCan } from "@/lib/me";

/** The labels of the conversation that is open. */
export function LabelsSection({ chatId }: { chatId: string }) {
  const t = useT();
  const work = useConversationChange();
  const mayEdit = useCan("agent");
  const conversation = useOneConversation(chatId);
  const labels = conversation?.labels ?? [];
  const remove = (labelId: string) => {
    const left = labels.map((label) => label.label_id).filter((id) => id !== labelId);
    if (conversation) void work.change(conversation, { labels: left });
  };
  return (
    <Section name="labels" title={t("contacts.labels")} action={mayEdit && conversation && <LabelsEditor conversation={conversation} />}>
      {!conversation && <Skeleton className="h-5 w-24" />}
      {conversation && labels.length === 0 && <Nothing>{t("contacts.labels_empty")}</Nothing>}
      {labels.length > 0 && (
        <ul className="flex flex-wrap gap-1.5">
          {labels.map((label) => (
            <li key={label.label_id} className="max-w-full">
              <LabelBadge name={label.name} color={label.color} className={mayEdit ? "h-6 pe-0.5" : "h-6"}>
                {mayEdit && (
                  <button
                    type="button"
                    aria-label={t("contacts.label_remove", { name: label.name })}
                    onClick={() => remove(label.label_id)}
                    className="inline-flex size-6 shrink-0 items-center justify-center rounded-full hover:bg-black/10 dark:hover:bg-white/10"
                  >
                    <X aria-hidden />
                  </button>
                )}
              </LabelBadge>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
