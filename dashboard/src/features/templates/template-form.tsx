import type { Template } from "@/api/outreach-types";
import { Button } from "@/components/ui/button";
import { TemplatePreview } from "@/features/templates/template-preview";
import { namesOf, problemsOf, samplesOf, type Values } from "@/features/templates/template-text";
import { VariableFields } from "@/features/templates/variable-fields";
import { languageName, useT } from "@/lib/i18n";
import { useMe } from "@/lib/me";

export interface TemplateFormProps {
  template: Template;
  values: Values;
  refused?: Partial<Record<string, string>>;
  tried: boolean;
  onChange: (values: Values) => void;
  /** Back to the choice. */
  onOther: () => void;
}

/** A chosen template: its variables, and how it will read. */
export function TemplateForm({ template, values, refused = {}, tried, onChange, onOther }: TemplateFormProps) {
  const t = useT();
  const me = useMe();
  const names = namesOf(template);
  return (
    <div className="grid gap-4 sm:grid-cols-[1fr_18rem]">
      <div className="flex min-w-0 flex-col gap-3">
        <div className="flex flex-wrap items-start gap-2">
          <div className="min-w-0 flex-1 basis-48">
            <p className="font-semibold break-words">{template.name}</p>
            <p className="text-sm text-muted">
              {languageName(template.language)} · {t(`outreach.category_${template.category}`)}
            </p>
          </div>
          <Button size="sm" onClick={onOther}>{t("outreach.templates_other")}</Button>
        </div>
        {names.length === 0 && <p className="text-sm text-muted">{t("outreach.variables_none")}</p>}
        <VariableFields
          names={names}
          values={values}
          samples={samplesOf(template)}
          problems={problemsOf(names, values, template.channel !== "sms")}
          refused={refused}
          tried={tried}
          onChange={onChange}
        />
      </div>
      <TemplatePreview channel={template.channel} template={template} values={values} from={me.domain_display_name || me.domain} />
    </div>
  );
}
