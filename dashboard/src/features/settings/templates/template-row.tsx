import { Eye, Pencil, Trash2 } from "lucide-react";
import type { Template } from "@/api/outreach-types";
import { Badge } from "@/components/ui/badge";
import { IconButton } from "@/components/ui/icon-button";
import { Row } from "@/features/settings/parts/card";
import { TemplateStatusBadge } from "@/features/settings/templates/template-status";
import { languageName, useT } from "@/lib/i18n";

export interface TemplateRowProps {
  template: Template;
  may: boolean;
  onSee: () => void;
  onEdit: () => void;
  onRemove: () => void;
}

export function TemplateRow({ template, may, onSee, onEdit, onRemove }: TemplateRowProps) {
  const t = useT();
  const { name, status, status_reason: reason } = template;
  // What a carrier has approved, or is looking at, can only be made anew.
  const isOwn = template.channel === "sms" || status === "draft";
  return (
    <Row>
      <div className="min-w-0 flex-1 basis-60">
        <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <bdi className="min-w-0 truncate font-mono text-sm font-medium">{name}</bdi>
          <TemplateStatusBadge status={status} />
          <Badge>{t(`outreach.category_${template.category}`)}</Badge>
          <span className="text-sm text-muted">{languageName(template.language)}</span>
        </div>
        <div className="mt-0.5 line-clamp-2 text-sm text-muted" dir="auto">{template.body}</div>
        {reason && status !== "approved" && <div className="mt-0.5 text-sm text-danger">{reason}</div>}
      </div>
      <span className="flex">
        <IconButton icon={Eye} label={t("outreach.preview_of", { name })} onClick={onSee} />
        {may && isOwn && <IconButton icon={Pencil} label={t("settings.edit_of", { name })} onClick={onEdit} />}
        {may && <IconButton icon={Trash2} label={t("settings.delete_of", { name })} onClick={onRemove} />}
      </span>
    </Row>
  );
}
