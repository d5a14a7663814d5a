import { Pencil, Plus, Tag, Trash2 } from "lucide-react";
import { useState } from "react";
import type { Label } from "@/api/types";
import { LabelBadge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { IconButton } from "@/components/ui/icon-button";
import { colorName } from "@/features/settings/labels/colors";
import { LabelDialog } from "@/features/settings/labels/label-dialog";
import { Row, Rows } from "@/features/settings/parts/card";
import { useConfirm } from "@/features/settings/parts/confirm";
import { Loaded } from "@/features/settings/parts/loaded";
import { SectionPage } from "@/features/settings/parts/section-page";
import { useListChange } from "@/features/settings/parts/use-list-change";
import { useListFocus } from "@/features/settings/parts/use-list-focus";
import { useLabels } from "@/lib/directory";
import { api } from "@/lib/http";
import { useT } from "@/lib/i18n";
import { useCan } from "@/lib/me";
import { keys } from "@/lib/query";

export function LabelsSection() {
  const t = useT();
  const may = useCan("admin");
  const labels = useLabels();
  const confirm = useConfirm();
  const change = useListChange<Label>(keys.labels);
  const { ref, afterRemoval } = useListFocus<HTMLDivElement>();
  const [editing, setEditing] = useState<Label | "new" | null>(null);
  const remove = (label: Label, index: number) =>
    confirm.ask({
      title: t("settings.label_delete_title", { name: label.name }),
      text: t("settings.label_delete_text"),
      action: t("common.delete"),
      run: async () => {
        await change({
          now: (items) => items.filter((each) => each.label_id !== label.label_id),
          request: () => api.delete(`/api/v1/labels/${label.label_id}`),
          told: t("settings.deleted", { name: label.name }),
        });
        afterRemoval(index);
      },
    });
  const create = (
    <Button variant="primary" disabled={!may} onClick={() => setEditing("new")}>
      <Plus aria-hidden />
      {t("settings.label_new")}
    </Button>
  );
  return (
    <SectionPage title={t("settings.labels_title")} description={t("settings.labels_text")} changes="admin" actions={create}>
      <div ref={ref}>
        <Loaded query={labels}>
          {(items) =>
            items.length === 0 ? (
              <EmptyState icon={Tag} title={t("settings.labels_empty")}>{t("settings.labels_empty_text")}</EmptyState>
            ) : (
              <Rows label={t("settings.labels_title")}>
                {items.map((label, index) => (
                  <Row key={label.label_id} className="min-h-12!">
                    <span className="min-w-0 flex-1">
                      <LabelBadge name={label.name} color={label.color} />
                    </span>
                    <span className="text-sm text-muted">{colorName(label.color, t)}</span>
                    {may && (
                      <span className="flex">
                        <IconButton icon={Pencil} label={t("settings.edit_of", { name: label.name })} onClick={() => setEditing(label)} />
                        <IconButton icon={Trash2} label={t("settings.delete_of", { name: label.name })} onClick={() => remove(label, index)} />
                      </span>
                    )}
                  </Row>
                ))}
              </Rows>
            )
          }
        </Loaded>
      </div>
      {editing && <LabelDialog label={editing === "new" ? null : editing} onClose={() => setEditing(null)} />}
      {confirm.dialog}
    </SectionPage>
  );
}
