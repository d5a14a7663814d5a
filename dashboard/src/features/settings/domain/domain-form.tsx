import { useMutation } from "@tanstack/react-query";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { Textarea } from "@/components/ui/textarea";
import { useToast } from "@/components/ui/toast";
import { useAssistants } from "@/features/settings/assistants/use-assistants";
import { daysOf, isDays, textOf } from "@/features/settings/domain/days";
import { useDomainChange, type Domain } from "@/features/settings/domain/use-domain";
import { Card } from "@/features/settings/parts/card";
import { FormError, SaveBar, submitting } from "@/features/settings/parts/form-parts";
import { serverErrors } from "@/features/settings/parts/server-errors";
import { useForm } from "@/features/settings/parts/use-form";
import { useT } from "@/lib/i18n";
import { useCan } from "@/lib/me";
import { keys, queryClient } from "@/lib/query";

const LONGEST_FALLBACK = 1_600;

function formOf(domain: Domain) {
  const media = (domain.settings["media"] ?? {}) as Record<string, unknown>;
  return {
    name: domain.display_name,
    assistant: domain.default_assistant_id ?? "",
    fallback: textOf(domain.settings["fallback_text"]),
    mediaDays: textOf(media["keep_media_days"]),
    transcriptDays: textOf(media["keep_transcripts_days"]),
  };
}

export function DomainForm({ domain }: { domain: Domain }) {
  const t = useT();
  const toast = useToast();
  const may = useCan("admin");
  const change = useDomainChange();
  const assistants = useAssistants().data ?? [];
  const { values, set, dirty, reset } = useForm(formOf(domain));
  const save = useMutation({
    mutationFn: () =>
      change({
        display_name: values.name.trim(),
        ...(values.assistant === "" ? {} : { default_assistant_id: values.assistant }),
        settings: {
          fallback_text: values.fallback.trim() || null,
          media: { keep_media_days: daysOf(values.mediaDays), keep_transcripts_days: daysOf(values.transcriptDays) },
        },
      }),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: keys.me });
      void queryClient.invalidateQueries({ queryKey: keys.assistants });
      toast.success(t("common.saved"));
    },
  });
  const wrong = serverErrors(save.error, ["display_name", "fallback_text", "media.keep_media_days", "media.keep_transcripts_days"]);
  const empty = values.name.trim() === "";
  const badDays = (text: string) => (isDays(text) ? null : t("settings.days_bad"));
  const sound = !empty && isDays(values.mediaDays) && isDays(values.transcriptDays);
  return (
    <form className="flex flex-col gap-4" onSubmit={submitting(() => sound && !save.isPending && save.mutate())}>
      <fieldset disabled={!may} className="contents">
        <Card>
          <div className="grid gap-3 sm:grid-cols-2">
            <Field label={t("settings.domain_name")} description={t("settings.domain_name_hint")} error={empty ? t("settings.name_missing") : wrong.fields.display_name}>
              {(control) => <Input {...control} maxLength={200} value={values.name} onChange={(event) => set({ name: event.target.value })} />}
            </Field>
            <Field label={t("settings.default_assistant")} description={t("settings.default_assistant_hint")}>
              {(control) => (
                <Select {...control} value={values.assistant || undefined} placeholder={t("settings.default_assistant_none")} onChange={(assistant) => set({ assistant })}
                  options={assistants.map((each) => ({ value: each.assistant_id, label: each.name }))} />
              )}
            </Field>
          </div>
          <Field label={t("settings.fallback")} description={t("settings.fallback_hint")} error={wrong.fields.fallback_text} optional>
            {(control) => (
              <Textarea {...control} dir="auto" rows={2} maxLength={LONGEST_FALLBACK} placeholder={t("settings.fallback_placeholder")} value={values.fallback} onChange={(event) => set({ fallback: event.target.value })} />
            )}
          </Field>
        </Card>
        <Card title={t("settings.retention_title")} description={t("settings.retention_text")}>
          <div className="grid gap-3 sm:grid-cols-2">
            <Days label={t("settings.keep_media")} hint={t("settings.keep_media_hint")} value={values.mediaDays}
              error={badDays(values.mediaDays) ?? wrong.fields["media.keep_media_days"]} onChange={(mediaDays) => set({ mediaDays })} />
            <Days label={t("settings.keep_transcripts")} hint={t("settings.keep_transcripts_hint")} value={values.transcriptDays}
              error={badDays(values.transcriptDays) ?? wrong.fields["media.keep_transcripts_days"]} onChange={(transcriptDays) => set({ transcriptDays })} />
          </div>
        </Card>
        <FormError text={wrong.rest} />
        <SaveBar dirty={dirty} pending={save.isPending} disabled={!sound} onReset={reset} />
      </fieldset>
    </form>
  );
}

interface DaysProps {
  label: string;
  hint: string;
  value: string;
  error: string | null | undefined;
  onChange: (text: string) => void;
}

function Days({ label, hint, value, error, onChange }: DaysProps) {
  const t = useT();
  return (
    <Field label={label} description={hint} error={error}>
      {(control) => (
        <span className="flex items-center gap-2">
          <Input {...control} inputMode="numeric" autoComplete="off" placeholder={t("settings.days_forever")} className="w-28!" value={value} onChange={(event) => onChange(event.target.value.trim())} />
          <span className="text-muted">{t("settings.days")}</span>
        </span>
      )}
    </Field>
  );
}
