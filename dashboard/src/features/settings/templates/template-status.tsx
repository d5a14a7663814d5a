import { CircleCheck, CircleX, Clock, Pause, PencilLine, type LucideIcon } from "lucide-react";
import type { TemplateStatus } from "@/api/outreach-types";
import { Badge, type BadgeTone } from "@/components/ui/badge";
import { useT } from "@/lib/i18n";

const LOOKS: Record<TemplateStatus, [tone: BadgeTone, icon: LucideIcon]> = {
  draft: ["neutral", PencilLine],
  pending: ["warning", Clock],
  approved: ["success", CircleCheck],
  rejected: ["danger", CircleX],
  paused: ["warning", Pause],
  disabled: ["danger", CircleX],
};

/** Told by colour, sign and word. */
export function TemplateStatusBadge({ status }: { status: TemplateStatus }) {
  const t = useT();
  const [tone, Icon] = LOOKS[status];
  return (
    <Badge tone={tone}>
      <Icon aria-hidden />
      {t(`outreach.status_${status}`)}
    </Badge>
  );
}
