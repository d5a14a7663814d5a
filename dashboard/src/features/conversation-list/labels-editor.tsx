import { Tag } from "lucide-react";
import { useState } from "react";
import type { Conversation, Label } from "@/api/types";
import { LABEL_COLORS } from "@/components/ui/badge";
import { Combobox } from "@/components/ui/combobox";
import { IconButton } from "@/components/ui/icon-button";
import { showToast } from "@/components/ui/toast-store";
import { LabelDot } from "@/features/conversation-list/label-dot";
import { useConversationChange } from "@/features/conversation-list/use-conversation-change";
import { useLabels } from "@/lib/directory";
import { errorText } from "@/lib/error-text";
import { api } from "@/lib/http";
import { useT } from "@/lib/i18n";
import { useCan } from "@/lib/me";
import { keys, queryClient } from "@/lib/query";

/** A label that is new: its colour is the one that is used least. */
async function createLabel(name: string, labels: readonly Label[]): Promise<Label> {
  const uses = (color: string) => labels.filter((label) => label.color === color).length;
  const color = [...LABEL_COLORS].sort((one, other) => uses(one) - uses(other))[0] ?? "slate";
  const label = await api.post<Label>("/api/v1/labels", { name, color });
  queryClient.setQueryData<Label[]>(keys.labels, (old) => [...(old ?? []), label]);
  return label;
}

/** Chooses labels by typing; admins make new ones on the way. */
export function LabelsEditor({ conversation }: { conversation: Conversation }) {
  const t = useT();
  const work = useConversationChange();
  const mayCreate = useCan("admin");
  const labels = useLabels().data ?? [];
  const [open, setOpen] = useState(false);
  const chosen = conversation.labels.map((label) => label.label_id);

  async function create(name: string): Promise<void> {
    try {
      const label = await createLabel(name, labels);
      await work.change(conversation, { labels: [...chosen, label.label_id] });
    } catch (error) {
      showToast(errorText(error), { tone: "danger" });
    }
  }

  return (
    <Combobox
      multiple
      label={t("list.labels")}
      open={open}
      onOpenChange={setOpen}
      align="end"
      options={labels.map((label) => ({
        value: label.label_id,
        label: label.name,
        icon: <LabelDot color={label.color} className="size-3" />,
      }))}
      values={chosen}
      onChange={(next) => void work.change(conversation, { labels: next })}
      {...(mayCreate ? { onCreate: (name: string) => void create(name) } : {})}
      createLabel={(name) => t("list.label_create", { name })}
      trigger={<IconButton icon={Tag} label={t("list.labels")} tooltip={false} />}
    />
  );
}
