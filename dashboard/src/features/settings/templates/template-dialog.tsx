import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { Template, TemplateCreate } from "@/api/outreach-types";
import { ErrorState } from "@/components/ui/error-state";
import { useToast } from "@/components/ui/toast";
import { useChannels, type Channel } from "@/features/settings/channels/use-channels";
import { FormDialog } from "@/features/settings/parts/form-dialog";
import { serverErrors } from "@/features/settings/parts/server-errors";
import { useForm } from "@/features/settings/parts/use-form";
import { TemplateFields } from "@/features/settings/templates/template-fields";
import { contentOf, draftOf, draftProblems, newDraft } from "@/features/settings/templates/template-draft";
import { TemplatePreview } from "@/features/templates/template-preview";
import { api } from "@/lib/http";
import { useLanguage, useT } from "@/lib/i18n";
import { useMe } from "@/lib/me";
import { keys, queryClient } from "@/lib/query";

export interface TemplateDialogProps {
  /** The one to change; null to make one. */
  template: Template | null;
  onClose: () => void;
}

export function TemplateDialog({ template, onClose }: TemplateDialogProps) {
  const channels = useChannels();
  if (channels.isError) return <ErrorState inline error={channels.error} onRetry={() => void channels.refetch()} />;
  if (!channels.data) return null;
  // What templates are there for comes first.
  const able = (["wmsg", "sms"] as const).flatMap((kind) => channels.data.filter((each) => each.channel === kind));
  return <TemplateEditor template={template} channels={able} onClose={onClose} />;
}

const FIELDS = ["name", "language", "category", "header", "body", "footer", "buttons", "channel_id"] as const;

function TemplateEditor({ template, channels, onClose }: TemplateDialogProps & { channels: readonly Channel[] }) {
  const t = useT();
  const toast = useToast();
  const me = useMe();
  const language = useLanguage();
  const [saved] = useState(() => (template ? draftOf(template) : newDraft(channels[0]?.channel_id ?? "", language)));
  const { values: draft, set, dirty } = useForm(saved);
  const [tried, setTried] = useState(false);
  const kind = channels.find((each) => each.channel_id === draft.channelId)?.channel ?? template?.channel ?? "wmsg";
  const problems = draftProblems(draft, kind);
  const save = useMutation({
    mutationFn: () => {
      const { name, language: written, category } = draft;
      const content = { name, language: written, category, ...contentOf(draft, kind) };
      if (template) return api.patch<Template>(`/api/v1/templates/${template.template_id}`, content);
      return api.post<Template>("/api/v1/templates", { channel_id: draft.channelId, ...content } satisfies TemplateCreate);
    },
    onSuccess: async (made) => {
      await queryClient.invalidateQueries({ queryKey: keys.templates });
      toast.success(t(made.status === "approved" || template ? "settings.saved_name" : "outreach.template_handed_in", { name: draft.name }));
      onClose();
    },
  });
  const wrong = serverErrors(save.error, FIELDS, "name");
  return (
    <FormDialog
      title={t(template ? "outreach.template_edit" : "outreach.template_new")}
      action={t(template ? "common.save" : kind === "sms" ? "common.create" : "outreach.template_hand_in")}
      dirty={dirty}
      pending={save.isPending}
      error={wrong.rest ?? wrong.fields.channel_id ?? (channels.length === 0 ? t("outreach.new_no_channel_admin") : null)}
      disabled={channels.length === 0}
      size="xl"
      onClose={onClose}
      onSubmit={() => {
        setTried(true);
        if (Object.keys(problems).length === 0) save.mutate();
        // Once what is wrong is marked.
        else setTimeout(() => document.querySelector<HTMLElement>("[role=dialog] form [aria-invalid]")?.focus(), 50);
      }}
    >
      <div className="grid gap-5 md:grid-cols-[1fr_19rem]">
        <TemplateFields draft={draft} kind={kind} channels={channels} fresh={!template} problems={tried ? problems : {}} refused={wrong.fields} onChange={set} />
        <div className="flex flex-col gap-2 md:sticky md:top-0 md:self-start">
          <span className="text-sm font-medium">{t("outreach.preview_label")}</span>
          <TemplatePreview channel={kind} template={contentOf(draft, kind)} values={draft.samples} from={me.domain_display_name || me.domain} />
          <p className="text-center text-sm text-muted">{t("outreach.preview_hint")}</p>
        </div>
      </div>
    </FormDialog>
  );
}
