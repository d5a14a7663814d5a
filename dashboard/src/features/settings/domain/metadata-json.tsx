import { Field } from "@/components/ui/field";
import { Textarea } from "@/components/ui/textarea";
import { isObject, type Parsed } from "@/features/settings/domain/metadata";
import { useT } from "@/lib/i18n";

export function MetadataJson({ text, parsed, onChange }: { text: string; parsed: Parsed | null; onChange: (text: string) => void }) {
  const t = useT();
  let error: string | null = null;
  if (parsed?.ok === false) error = parsed.line === null ? t("settings.json_bad") : t("settings.json_bad_line", { count: parsed.line });
  else if (parsed?.ok && !isObject(parsed.value)) error = t("settings.json_no_object");
  return (
    <Field label="JSON" description={t("settings.metadata_json_hint")} error={error}>
      {(control) => (
        <Textarea {...control} dir="ltr" rows={12} spellCheck={false} className="max-h-[60dvh] font-mono text-sm" value={text} onChange={(event) => onChange(event.target.value)} />
      )}
    </Field>
  );
}
