import type { VariableSources } from "@/api/campaign-types";
import type { ChannelKind } from "@/api/types";
import { ErrorState } from "@/components/ui/error-state";
import { Field } from "@/components/ui/field";
import { Select } from "@/components/ui/select";
import { Skeleton } from "@/components/ui/skeleton";
import { Textarea } from "@/components/ui/textarea";
import { MessagePreview } from "@/features/campaigns/message-preview";
import { startingSources } from "@/features/campaigns/variables";
import { VariableSourceFields } from "@/features/campaigns/variable-source-fields";
import { NoTemplates } from "@/features/templates/no-templates";
import { namesOf, type Values } from "@/features/templates/template-text";
import { useTemplates } from "@/features/templates/use-templates";
import { useAssistants } from "@/features/settings/assistants/use-assistants";
import { cx } from "@/lib/class-names";
import { useT } from "@/lib/i18n";

/** What is sent first: a template, or what the assistant writes from an instruction. */
export interface MessagePlan {
  by: "template" | "assistant";
  template_id: string | null;
  instruction: string;
  variables: VariableSources;
  assistant_id: string | null;
}

export interface MessageFieldsProps {
  channel: ChannelKind;
  plan: MessagePlan;
  onChange: (change: Partial<MessagePlan>) => void;
  /** What is known of each recipient. */
  columns: readonly string[];
  /** The first recipient, as far as it is known. */
  row: Values;
  /** Missing things are told from the first attempt on. */
  tried: boolean;
  /** The instructions come from elsewhere (a column): none is needed here. */
  instructed?: boolean;
}

const LONGEST_INSTRUCTION = 4000;
const DEFAULT = "default";

export function MessageFields({ channel, plan, onChange, columns, row, tried, instructed = false }: MessageFieldsProps) {
  const t = useT();
  const templates = useTemplates();
  const usable = (templates.data ?? []).filter((each) => each.channel === channel && each.status === "approved");
  const template = usable.find((each) => each.template_id === plan.template_id);
  const byTemplate = plan.by === "template";
  return (
    <div className="grid items-start gap-6 lg:grid-cols-[1fr_18rem]">
      <div className="flex min-w-0 flex-col gap-4">
        <div role="radiogroup" aria-label={t("campaigns.step_message")} className="grid gap-2 sm:grid-cols-2">
          {(["template", "assistant"] as const).map((by) => (
            <label key={by} className={cx("flex cursor-pointer items-start gap-3 rounded-lg border px-3 py-2.5", plan.by === by ? "border-accent bg-accent-soft" : "border-line hover:bg-hover")}>
              <input type="radio" className="mt-1" checked={plan.by === by} onChange={() => onChange({ by })} />
              <span>
                <span className="block font-medium">{t(`campaigns.by_${by}`)}</span>
                <span className="block text-sm text-muted">{t(`campaigns.by_${by}_text`)}</span>
              </span>
            </label>
          ))}
        </div>
        {byTemplate && templates.isPending && <Skeleton className="h-14 w-full" />}
        {byTemplate && templates.isError && <ErrorState inline error={templates.error} onRetry={() => void templates.refetch()} retrying={templates.isFetching} />}
        {byTemplate && templates.isSuccess && (usable.length === 0 ? <NoTemplates /> : (
          <Field label={t("campaigns.template")} required error={tried && !template ? t("campaigns.template_missing") : null}>
            {(control) => (
              <Select {...control} value={template?.template_id} placeholder={t("common.select")}
                onChange={(id) => {
                  const chosen = usable.find((each) => each.template_id === id);
                  onChange({ template_id: id, variables: startingSources(chosen ? namesOf(chosen) : [], columns, plan.variables) });
                }}
                options={usable.map((each) => ({ value: each.template_id, label: `${each.name} · ${each.language}` }))} />
            )}
          </Field>
        ))}
        {byTemplate && template && (
          <VariableSourceFields names={namesOf(template)} columns={columns} sources={plan.variables} tried={tried} onChange={(variables) => onChange({ variables })} />
        )}
        <Field
          label={t(byTemplate ? "campaigns.instruction_after" : "campaigns.instruction")}
          description={t(byTemplate ? "campaigns.instruction_after_hint" : channel === "wmsg" ? "campaigns.instruction_window_hint" : "campaigns.instruction_hint")}
          optional={byTemplate || instructed}
          error={tried && !byTemplate && !instructed && plan.instruction.trim() === "" ? t("campaigns.instruction_missing") : null}
        >
          {(control) => (
            <Textarea {...control} dir="auto" rows={4} maxLength={LONGEST_INSTRUCTION} className="max-h-72" placeholder={t("campaigns.instruction_placeholder")}
              value={plan.instruction} onChange={(event) => onChange({ instruction: event.target.value })} />
          )}
        </Field>
        <AssistantChoice value={plan.assistant_id} onChange={(assistant) => onChange({ assistant_id: assistant })} />
      </div>
      <MessagePreview channel={channel} plan={plan} template={byTemplate ? template : undefined} row={row} />
    </div>
  );
}

function AssistantChoice({ value, onChange }: { value: string | null; onChange: (id: string | null) => void }) {
  const t = useT();
  const assistants = useAssistants().data ?? [];
  if (assistants.length < 2) return null;
  return (
    <Field label={t("campaigns.assistant")} className="max-w-sm">
      {(control) => (
        <Select {...control} value={value ?? DEFAULT} onChange={(id) => onChange(id === DEFAULT ? null : id)}
          options={[{ value: DEFAULT, label: t("campaigns.assistant_default") }, ...assistants.map((each) => ({ value: each.assistant_id, label: each.name }))]} />
      )}
    </Field>
  );
}
