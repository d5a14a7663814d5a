import type { Template } from "@/api/outreach-types";
import { Dialog } from "@/components/ui/dialog";
import { CHANNEL_ICONS } from "@/features/conversation-list/channel-icon";
import { Rows } from "@/features/settings/parts/card";
import { TemplateRow } from "@/features/settings/templates/template-row";
import { TemplatePreview } from "@/features/templates/template-preview";
import { samplesOf } from "@/features/templates/template-text";
import { formatRelative, useT } from "@/lib/i18n";
import { useMe } from "@/lib/me";

export interface TemplateListProps {
  templates: readonly Template[];
  may: boolean;
  onSee: (template: Template) => void;
  onEdit: (template: Template) => void;
  onRemove: (template: Template, index: number) => void;
}

/** Each channel's by themselves: what is approved for one number says nothing of another. */
export function TemplateList({ templates, may, onSee, onEdit, onRemove }: TemplateListProps) {
  const t = useT();
  const channels = [...new Map(templates.map((each) => [each.channel_id, each])).values()];
  return channels.map(({ channel_id, channel, channel_address }) => {
    const own = templates.filter((each) => each.channel_id === channel_id);
    const synced = own.map((each) => each.synced_at ?? "").sort().at(-1);
    const name = `${t(`common.channel_${channel}`)} ${channel_address}`;
    const Icon = CHANNEL_ICONS[channel];
    return (
      <section key={channel_id} aria-label={name} className="flex flex-col gap-2">
        <div className="flex flex-wrap items-center gap-x-2">
          <h2 className="flex items-center gap-2 font-semibold">
            <Icon aria-hidden className="size-4 text-muted" />
            {t(`common.channel_${channel}`)} <bdi className="font-normal text-muted">{channel_address}</bdi>
          </h2>
          {synced && <span className="ms-auto text-sm text-faint">{t("outreach.synced", { when: formatRelative(synced) })}</span>}
        </div>
        <Rows label={name}>
          {own.map((template) => (
            <TemplateRow
              key={template.template_id}
              template={template}
              may={may}
              onSee={() => onSee(template)}
              onEdit={() => onEdit(template)}
              onRemove={() => onRemove(template, templates.indexOf(template))}
            />
          ))}
        </Rows>
      </section>
    );
  });
}

/** A template as a customer gets it, with its samples. */
export function SeenTemplate({ template, onClose }: { template: Template; onClose: () => void }) {
  const me = useMe();
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={template.name} size="sm">
      <TemplatePreview channel={template.channel} template={template} values={samplesOf(template)} from={me.domain_display_name || me.domain} />
    </Dialog>
  );
}
