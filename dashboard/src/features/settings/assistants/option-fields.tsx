import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Textarea } from "@/components/ui/textarea";
import { isNumberSound, NUMBER_NAMES, NUMBERS, type AssistantDraft } from "@/features/settings/assistants/assistant-draft";
import { formatNumber, useT } from "@/lib/i18n";

/** What few need to change: folded away. */
export function OptionFields({ draft, onChange }: { draft: AssistantDraft; onChange: (part: Partial<AssistantDraft>) => void }) {
  const t = useT();
  return (
    <details>
      <summary className="min-h-6 cursor-pointer font-medium">{t("settings.options_title")}</summary>
      <div className="mt-3 grid gap-3 sm:grid-cols-2">
        {NUMBER_NAMES.map((name) => {
          const { least, most, usual } = NUMBERS[name];
          const typed = draft.numbers[name];
          return (
            <Field
              key={name}
              label={t(`settings.option_${name}`)}
              description={t(`settings.option_${name}_hint`)}
              error={isNumberSound(name, typed) ? null : t("settings.option_bad", { least, most })}
            >
              {(control) => (
                <Input {...control} inputMode="decimal" autoComplete="off" placeholder={usual === null ? t("settings.option_usual") : formatNumber(usual)} className="w-32!" value={typed}
                  onChange={(event) => onChange({ numbers: { ...draft.numbers, [name]: event.target.value } })} />
              )}
            </Field>
          );
        })}
        {draft.model.kind === "knowledge" && (
          <Field label={t("settings.option_documents")} description={t("settings.option_documents_hint")} className="sm:col-span-2">
            {(control) => <Textarea {...control} dir="auto" rows={2} placeholder={t("settings.option_documents_all")} value={draft.documents} onChange={(event) => onChange({ documents: event.target.value })} />}
          </Field>
        )}
      </div>
    </details>
  );
}
