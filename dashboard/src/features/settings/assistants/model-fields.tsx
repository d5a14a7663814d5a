import { Checkbox } from "@/components/ui/checkbox";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import type { AssistantDraft } from "@/features/settings/assistants/assistant-draft";
import { PROVIDERS, takesBaseUrl, takesKey, type ModelKind, type ModelParts } from "@/features/settings/assistants/model";
import { useT } from "@/lib/i18n";

const KINDS: readonly ModelKind[] = ["knowledge", "provider", "remote", "echo"];

export interface ModelFieldsProps {
  draft: AssistantDraft;
  hasKey: boolean;
  problem: "name" | "url" | "base_url" | null;
  errors: Partial<Record<"model" | "base_url" | "api_key", string>>;
  disabled: boolean;
  onChange: (part: Partial<AssistantDraft>) => void;
}

/** Who thinks: built in, a provider's model, or a program elsewhere. */
export function ModelFields({ draft, hasKey, problem, errors, disabled, onChange }: ModelFieldsProps) {
  const t = useT();
  const { model } = draft;
  const change = (part: Partial<ModelParts>) => onChange({ model: { ...model, ...part } });
  const provider = PROVIDERS.find((each) => each.id === model.provider);
  return (
    <>
      <Field label={t("settings.model_kind")} description={t(`settings.model_${model.kind}_text`)} className="max-w-md">
        {(control) => <Select {...control} disabled={disabled} value={model.kind} onChange={(kind) => change({ kind })} options={KINDS.map((kind) => ({ value: kind, label: t(`settings.model_${kind}`) }))} />}
      </Field>
      {model.kind === "provider" && (
        <div className="grid gap-3 sm:grid-cols-2">
          <Field label={t("settings.provider")}>
            {(control) => <Select {...control} disabled={disabled} value={model.provider} onChange={(id) => change({ provider: id })} options={PROVIDERS.map(({ id, label }) => ({ value: id, label }))} />}
          </Field>
          <Field label={t("settings.model_name")} required error={problem === "name" ? t("settings.model_name_missing") : errors.model}>
            {(control) => (
              <Input {...control} dir="ltr" autoComplete="off" spellCheck={false} maxLength={200} placeholder={provider?.example} className="font-mono text-sm" value={model.name} onChange={(event) => change({ name: event.target.value })} />
            )}
          </Field>
        </div>
      )}
      {model.kind === "remote" && (
        <Field label={t("settings.remote_url")} description={t("settings.remote_url_hint")} required error={problem === "url" ? t("settings.remote_url_bad") : errors.model}>
          {(control) => (
            <Input {...control} type="url" dir="ltr" autoComplete="off" maxLength={2000} placeholder="https://bots.example.com/vac/assistant/sales" className="font-mono text-sm" value={model.url} onChange={(event) => change({ url: event.target.value })} />
          )}
        </Field>
      )}
      {takesBaseUrl(model) && (
        <Field label={t("settings.base_url")} optional={!provider?.own} required={Boolean(provider?.own)} description={t(provider?.own ? "settings.base_url_own" : "settings.base_url_hint")}
          error={problem === "base_url" ? t("settings.base_url_missing") : errors.base_url}>
          {(control) => (
            <Input {...control} type="url" dir="ltr" autoComplete="off" maxLength={2000} placeholder="https://models.example.com/v1" className="font-mono text-sm" value={draft.baseUrl} onChange={(event) => onChange({ baseUrl: event.target.value })} />
          )}
        </Field>
      )}
      {takesKey(model) && (
        <>
          <Field label={t("settings.api_key")} optional description={t(hasKey ? "settings.api_key_saved" : "settings.api_key_hint")} error={errors.api_key}>
            {(control) => (
              <Input {...control} type="password" dir="ltr" autoComplete="off" spellCheck={false} placeholder={hasKey ? "••••••••" : ""} disabled={draft.removeKey} className="font-mono" value={draft.apiKey} onChange={(event) => onChange({ apiKey: event.target.value })} />
            )}
          </Field>
          {hasKey && <Checkbox checked={draft.removeKey} onChange={(removeKey) => onChange({ removeKey })}>{t("settings.api_key_remove")}</Checkbox>}
        </>
      )}
    </>
  );
}
