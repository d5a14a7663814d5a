import { Bot, LayoutTemplate } from "lucide-react";
import type { Template } from "@/api/outreach-types";
import { ErrorState } from "@/components/ui/error-state";
import { Field } from "@/components/ui/field";
import { Skeleton } from "@/components/ui/skeleton";
import { Textarea } from "@/components/ui/textarea";
import { LONGEST_INSTRUCTION, type Draft } from "@/features/new-conversation/start";
import { NoTemplates } from "@/features/templates/no-templates";
import { TemplateChoice } from "@/features/templates/template-choice";
import { TemplateForm } from "@/features/templates/template-form";
import { guesses, namesOf } from "@/features/templates/template-text";
import { useApprovedTemplates } from "@/features/templates/use-templates";
import { cx } from "@/lib/class-names";
import { useT } from "@/lib/i18n";

export interface OpeningFieldsProps {
  draft: Draft;
  channelId: string | undefined;
  /** As far as it is known. */
  number: string;
  tried: boolean;
  instructionError: string | null;
  templateError: string | null;
  refused: Partial<Record<string, string>>;
  onChange: (change: Partial<Draft>) => void;
}

const WAYS = [["instruction", Bot], ["template", LayoutTemplate]] as const;

/** What the first message is: what the assistant makes of an instruction, or a template. */
export function OpeningFields(props: OpeningFieldsProps) {
  const { draft, tried, instructionError, onChange } = props;
  const t = useT();
  const isTemplate = draft.way === "template";
  return (
    <div className="flex flex-col gap-3">
      <fieldset>
        <legend className="mb-1 text-sm font-medium">{t("outreach.new_first")}</legend>
        <div className="grid gap-2 sm:grid-cols-2">
          {WAYS.map(([way, Icon]) => (
            <label
              key={way}
              className={cx(
                "flex cursor-pointer gap-2.5 rounded-lg border px-3 py-2 hover:bg-hover has-focus-visible:outline-2 has-focus-visible:outline-accent",
                draft.way === way ? "border-accent bg-accent-soft" : "border-line",
              )}
            >
              <input type="radio" name="way" className="sr-only" checked={draft.way === way} onChange={() => onChange({ way })} />
              <Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-muted" />
              <span>
                <span className="block font-medium">{t(`outreach.new_by_${way}`)}</span>
                <span className="block text-sm text-muted">{t(`outreach.new_by_${way}_hint`)}</span>
              </span>
            </label>
          ))}
        </div>
      </fieldset>
      {isTemplate && <TemplatePart {...props} />}
      {(!isTemplate || draft.template) && (
        <Field
          label={t(isTemplate ? "outreach.new_goes_on" : "outreach.new_instruction")}
          description={t(isTemplate ? "outreach.new_goes_on_hint" : "outreach.new_instruction_hint")}
          required={!isTemplate}
          optional={isTemplate}
          error={tried || instructionError ? instructionError : null}
        >
          {(control) => (
            <Textarea
              {...control}
              dir="auto"
              rows={isTemplate ? 2 : 4}
              maxLength={LONGEST_INSTRUCTION}
              className={cx("max-h-60", isTemplate ? "min-h-14" : "min-h-24")}
              placeholder={t("outreach.new_instruction_example")}
              value={draft.instruction}
              onChange={(event) => onChange({ instruction: event.target.value })}
            />
          )}
        </Field>
      )}
    </div>
  );
}

function TemplatePart({ draft, channelId, number, tried, templateError, refused, onChange }: OpeningFieldsProps) {
  const templates = useApprovedTemplates(channelId);
  const { template } = draft;
  const choose = (next: Template) =>
    onChange({ template: next, values: { ...guesses(namesOf(next), { name: draft.name, email: draft.email, phone: number }), ...draft.values } });
  return (
    <div className="flex flex-col gap-2">
      {template ? (
        <div className="rounded-lg border border-line p-3">
          <TemplateForm template={template} values={draft.values} refused={refused} tried={tried} onChange={(values) => onChange({ values })} onOther={() => onChange({ template: null })} />
        </div>
      ) : templates.isError ? (
        <ErrorState inline error={templates.error} onRetry={() => void templates.refetch()} retrying={templates.isFetching} />
      ) : !templates.data ? (
        <Skeleton className="h-16 w-full" />
      ) : templates.data.length === 0 ? (
        <NoTemplates />
      ) : (
        <TemplateChoice templates={templates.data} onChoose={choose} className="max-h-72" />
      )}
      <p role="alert" className={templateError ? "text-sm text-danger" : "hidden"}>{templateError}</p>
    </div>
  );
}
