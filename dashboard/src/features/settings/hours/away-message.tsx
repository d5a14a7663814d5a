import { Field } from "@/components/ui/field";
import { Textarea } from "@/components/ui/textarea";
import { Card } from "@/features/settings/parts/card";
import { useT } from "@/lib/i18n";

const LONGEST = 1_600;

export function AwayMessage({ value, onChange }: { value: string; onChange: (text: string) => void }) {
  const t = useT();
  const shown = value.trim();
  return (
    <Card title={t("settings.away_title")} description={t("settings.away_text")}>
      <div className="grid gap-3 md:grid-cols-2">
        <Field label={t("settings.away_message")} description={`${value.length} / ${LONGEST}`}>
          {(control) => <Textarea {...control} dir="auto" rows={4} maxLength={LONGEST} value={value} onChange={(event) => onChange(event.target.value)} />}
        </Field>
        <div className="flex flex-col gap-1">
          <span className="text-sm font-medium">{t("settings.away_preview")}</span>
          <div className="flex flex-1 flex-col gap-2 rounded-lg bg-canvas p-3">
            <p className="me-8 w-fit rounded-lg bg-bubble-in px-3 py-2 shadow-sm">{t("settings.away_sample_question")}</p>
            {shown ? (
              <p dir="auto" className="ms-auto w-fit max-w-[85%] rounded-lg bg-bubble-out px-3 py-2 whitespace-pre-wrap">{shown}</p>
            ) : (
              <p className="text-sm text-muted">{t("settings.away_none")}</p>
            )}
          </div>
        </div>
      </div>
    </Card>
  );
}
