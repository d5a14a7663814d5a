import { LayoutTemplate, PenLine, TriangleAlert } from "lucide-react";
import type { Template } from "@/api/outreach-types";
import type { Conversation } from "@/api/types";
import { Button } from "@/components/ui/button";
import { ErrorState } from "@/components/ui/error-state";
import { Field } from "@/components/ui/field";
import { Skeleton } from "@/components/ui/skeleton";
import { Textarea } from "@/components/ui/textarea";
import { ChoiceCards } from "@/features/follow-ups/choice-cards";
import { contentProblem, LONGEST_CONTENT, type Plan } from "@/features/follow-ups/plan";
import { NoTemplates } from "@/features/templates/no-templates";
import { TemplateChoice } from "@/features/templates/template-choice";
import { TemplateForm } from "@/features/templates/template-form";
import { guesses, namesOf } from "@/features/templates/template-text";
import { useChatTemplates } from "@/features/templates/use-templates";
import { formatDateTime, formatNumber, useT } from "@/lib/i18n";

export interface ContentFieldsProps {
  conversation: Conversation;
  plan: Plan;
  now: Date;
  tried: boolean;
  refused: Partial<Record<string, string>>;
  onChange: (change: Partial<Plan>) => void;
}

/** What goes out: a template, or a text of one's own where one is taken at that time. */
export function ContentFields(props: ContentFieldsProps) {
  const { conversation, plan, now, tried, onChange } = props;
  const t = useT();
  const problem = contentProblem(plan, conversation, now);
  return (
    <div className="flex flex-col gap-3">
      <ChoiceCards
        legend={t("outreach.follow_what")}
        value={plan.way}
        onChange={(way) => onChange({ way })}
        choices={[
          { value: "template", icon: LayoutTemplate, label: t("outreach.new_by_template"), hint: t("outreach.new_by_template_hint") },
          { value: "text", icon: PenLine, label: t("outreach.follow_by_text"), hint: t(conversation.has_window ? "outreach.follow_by_text_window" : "outreach.follow_by_text_hint") },
        ]}
      />
      {plan.way === "text" ? (
        <>
          {problem === "window" && <WindowWarning closesAt={conversation.window_closes_at} now={now} onTemplate={() => onChange({ way: "template" })} />}
          <TextField plan={plan} error={tried && problem === "content" ? t("outreach.follow_content_missing") : null} onChange={onChange} />
        </>
      ) : (
        <TemplatePart {...props} />
      )}
      <p role="alert" className={tried && problem === "template" ? "text-sm text-danger" : "hidden"}>
        {tried && problem === "template" && t("outreach.new_template_missing")}
      </p>
    </div>
  );
}

/** Outside the window a text would come to nothing: an answer ends the follow-up before. */
function WindowWarning({ closesAt, now, onTemplate }: { closesAt: string | null; now: Date; onTemplate: () => void }) {
  const t = useT();
  const isOpen = closesAt !== null && Date.parse(closesAt) > now.getTime();
  return (
    <div role="alert" className="flex flex-wrap items-center gap-x-3 gap-y-2 rounded-lg bg-warning-soft px-3 py-2 text-warning">
      <TriangleAlert aria-hidden className="size-4 shrink-0" />
      <p className="min-w-0 flex-1 basis-60">
        {isOpen ? t("outreach.follow_window", { at: formatDateTime(closesAt) }) : t("outreach.follow_window_closed")}
      </p>
      <Button size="sm" onClick={onTemplate}>{t("outreach.follow_take_template")}</Button>
    </div>
  );
}

/** From here on it is said how much is left. */
const NEARLY_FULL = LONGEST_CONTENT - 200;

function TextField({ plan, error, onChange }: { plan: Plan; error: string | null; onChange: (change: Partial<Plan>) => void }) {
  const t = useT();
  const { length } = plan.content;
  return (
    <Field
      label={t("outreach.body")}
      required
      error={error}
      description={length > NEARLY_FULL && t("outreach.follow_length", { used: formatNumber(length), most: formatNumber(LONGEST_CONTENT) })}
    >
      {(control) => (
        <Textarea
          {...control}
          dir="auto"
          rows={4}
          maxLength={LONGEST_CONTENT}
          className="max-h-60 min-h-24"
          placeholder={t("outreach.follow_example")}
          value={plan.content}
          onChange={(event) => onChange({ content: event.target.value })}
        />
      )}
    </Field>
  );
}

function TemplatePart({ conversation, plan, tried, refused, onChange }: ContentFieldsProps) {
  const templates = useChatTemplates(conversation.chat_id);
  const { template, values } = plan;
  if (template) {
    return (
      <div className="rounded-lg border border-line p-3">
        <TemplateForm template={template} values={values} refused={refused} tried={tried} onChange={(next) => onChange({ values: next })} onOther={() => onChange({ template: null })} />
      </div>
    );
  }
  if (templates.isError) return <ErrorState inline error={templates.error} onRetry={() => void templates.refetch()} retrying={templates.isFetching} />;
  if (!templates.data) {
    return (
      <div className="flex flex-col gap-1.5">
        {[0, 1, 2].map((row) => <Skeleton key={row} className="h-15 w-full" />)}
      </div>
    );
  }
  if (templates.data.length === 0) return <NoTemplates />;
  const choose = (next: Template) => {
    const known = { name: conversation.display_name, email: "", phone: conversation.phone_number };
    onChange({ template: next, values: { ...guesses(namesOf(next), known), ...values } });
  };
  return <TemplateChoice templates={templates.data} onChoose={choose} className="max-h-72" />;
}
