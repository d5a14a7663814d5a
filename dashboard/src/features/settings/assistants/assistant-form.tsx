import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { Combobox } from "@/components/ui/combobox";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Textarea } from "@/components/ui/textarea";
import { useToast } from "@/components/ui/toast";
import { bodyOf, changesOf, draftOf, isNumberSound, NUMBER_NAMES } from "@/features/settings/assistants/assistant-draft";
import { LANGUAGE_CODES } from "@/features/settings/assistants/languages";
import { idOf, modelProblem } from "@/features/settings/assistants/model";
import { ModelFields } from "@/features/settings/assistants/model-fields";
import { OptionFields } from "@/features/settings/assistants/option-fields";
import type { Assistant } from "@/features/settings/assistants/use-assistants";
import { Card } from "@/features/settings/parts/card";
import { FormError, SaveBar, submitting } from "@/features/settings/parts/form-parts";
import { serverErrors } from "@/features/settings/parts/server-errors";
import { useForm } from "@/features/settings/parts/use-form";
import { api } from "@/lib/http";
import { languageName, useLanguage, useT } from "@/lib/i18n";
import { useCan } from "@/lib/me";
import { keys, queryClient } from "@/lib/query";

const FIELDS = ["assistant_id", "name", "description", "instructions", "language", "model", "base_url", "api_key"] as const;
const LONGEST_INSTRUCTIONS = 20_000;

export function AssistantForm({ assistant, onDirty }: { assistant: Assistant | null; onDirty: (dirty: boolean) => void }) {
  const t = useT();
  const toast = useToast();
  const navigate = useNavigate();
  const may = useCan("admin");
  const language = useLanguage();
  const { values, set, dirty, reset } = useForm(draftOf(assistant, language));
  const [tried, setTried] = useState(false);
  useEffect(() => onDirty(dirty), [dirty, onDirty]);
  const id = assistant?.assistant_id ?? (values.assistantId || idOf(values.name));
  const save = useMutation({
    mutationFn: () =>
      assistant
        ? api.patch<Assistant>(`/api/v1/assistants/${assistant.assistant_id}`, changesOf(draftOf(assistant, language), values))
        : api.post<Assistant>("/api/v1/assistants", { ...bodyOf(values), assistant_id: id }),
    onSuccess: async (saved) => {
      queryClient.setQueryData<Assistant[]>(keys.assistants, (all) =>
        assistant ? all?.map((each) => (each.assistant_id === saved.assistant_id ? saved : each)) : all && [...all, saved],
      );
      set(draftOf(saved, language));
      void queryClient.invalidateQueries({ queryKey: keys.assistants });
      toast.success(t("settings.saved_name", { name: saved.name }));
      if (!assistant) {
        await navigate({ to: "/settings/$section", params: { section: "assistants" }, search: { assistant: saved.assistant_id }, replace: true, ignoreBlocker: true });
      }
    },
  });
  const wrong = serverErrors(save.error, FIELDS, "assistant_id");
  const nameless = values.name.trim() === "";
  const problem = modelProblem(values.model, values.baseUrl);
  const sound = !nameless && problem === null && NUMBER_NAMES.every((name) => isNumberSound(name, values.numbers[name]));
  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={submitting(() => {
        setTried(true);
        if (sound && !save.isPending) save.mutate();
      })}
    >
      <fieldset disabled={!may} className="contents">
        <Card>
          <div className="grid gap-3 sm:grid-cols-2">
            <Field label={t("common.name")} required error={tried && nameless ? t("settings.name_missing") : wrong.fields.name}>
              {(control) => <Input {...control} maxLength={100} value={values.name} onChange={(event) => set({ name: event.target.value })} />}
            </Field>
            <Field label={t("settings.assistant_id")} description={t(assistant ? "settings.assistant_id_fixed" : "settings.assistant_id_hint")} error={wrong.fields.assistant_id}>
              {(control) => (
                <Input {...control} dir="ltr" maxLength={64} readOnly={assistant !== null} className={assistant ? "bg-canvas font-mono text-muted" : "font-mono"} value={id}
                  onChange={(event) => set({ assistantId: idOf(event.target.value) || event.target.value.trim() })} />
              )}
            </Field>
          </div>
          <Field label={t("settings.description")} optional description={t("settings.description_hint")} error={wrong.fields.description}>
            {(control) => <Input {...control} maxLength={1000} value={values.description} onChange={(event) => set({ description: event.target.value })} />}
          </Field>
        </Card>
        <Card title={t("settings.model_title")}>
          <ModelFields draft={values} hasKey={assistant?.has_api_key ?? false} problem={tried ? problem : null} errors={wrong.fields} disabled={!may} onChange={set} />
        </Card>
        <Card title={t("settings.behaviour_title")}>
          <Field label={t("settings.instructions")} optional description={t("settings.instructions_hint", { count: values.instructions.length, most: LONGEST_INSTRUCTIONS })} error={wrong.fields.instructions}>
            {(control) => (
              <Textarea {...control} dir="auto" rows={6} maxLength={LONGEST_INSTRUCTIONS} className="max-h-[60dvh]" value={values.instructions} onChange={(event) => set({ instructions: event.target.value })} />
            )}
          </Field>
          <Field label={t("settings.assistant_language")} description={t("settings.assistant_language_hint")} error={wrong.fields.language} className="max-w-xs">
            {(control) => (
              <Combobox id={control.id} disabled={!may} label={t("settings.assistant_language")} values={[values.language]}
                onChange={([code]) => code !== undefined && set({ language: code })}
                options={LANGUAGE_CODES.map((code) => ({ value: code, label: languageName(code), keywords: code }))} />
            )}
          </Field>
          <OptionFields draft={values} onChange={set} />
        </Card>
        <FormError text={wrong.rest} />
        <SaveBar dirty={dirty} fresh={assistant === null} pending={save.isPending} onReset={reset} action={t(assistant ? "common.save" : "common.create")} />
      </fieldset>
    </form>
  );
}
