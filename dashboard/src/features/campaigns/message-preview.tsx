import { Sparkles } from "lucide-react";
import type { Template } from "@/api/outreach-types";
import type { ChannelKind } from "@/api/types";
import type { MessagePlan } from "@/features/campaigns/message-fields";
import { valuesFor } from "@/features/campaigns/variables";
import { TemplatePreview } from "@/features/templates/template-preview";
import { samplesOf, type Values } from "@/features/templates/template-text";
import { useT } from "@/lib/i18n";
import { useMe } from "@/lib/me";

export interface MessagePreviewProps {
  channel: ChannelKind;
  plan: MessagePlan;
  template: Template | undefined;
  row: Values;
}

/** As the first recipient gets it. */
export function MessagePreview({ channel, plan, template, row }: MessagePreviewProps) {
  const t = useT();
  const me = useMe();
  const name = row["name"] ?? "";
  return (
    <div className="flex flex-col gap-2 lg:sticky lg:top-4">
      <p className="text-center text-sm text-muted">{name ? t("campaigns.preview_for", { name }) : t("campaigns.preview")}</p>
      {template ? (
        <TemplatePreview channel={channel} template={template} values={valuesFor(plan.variables, row, samplesOf(template))} from={me.domain_display_name || me.domain} />
      ) : (
        <div className="mx-auto flex min-h-40 w-full max-w-72 flex-col items-center justify-center gap-2 rounded-xl border border-dashed border-outline/60 px-4 py-6 text-center text-sm text-muted">
          <Sparkles aria-hidden className="size-5 text-accent-ink" />
          {t(plan.by === "template" ? "campaigns.preview_no_template" : "campaigns.preview_assistant")}
        </div>
      )}
    </div>
  );
}
