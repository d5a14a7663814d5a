/** Sends a template in a conversation: choose, fill in, see, send now or later. */
import { useMutation } from "@tanstack/react-query";
import { CircleAlert } from "lucide-react";
import { useId, useState } from "react";
import type { Template } from "@/api/outreach-types";
import type { Conversation, ManualResult } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { ErrorState } from "@/components/ui/error-state";
import { Skeleton } from "@/components/ui/skeleton";
import { useToast } from "@/components/ui/toast";
import { ScheduleButton } from "@/features/composer/schedule-button";
import { NoTemplates } from "@/features/templates/no-templates";
import { refusedValues } from "@/features/templates/refusals";
import { TemplateChoice } from "@/features/templates/template-choice";
import { TemplateForm } from "@/features/templates/template-form";
import { chosenValues, guesses, namesOf, problemsOf, type Values } from "@/features/templates/template-text";
import { useChatTemplates } from "@/features/templates/use-templates";
import { errorText } from "@/lib/error-text";
import { api, ApiError } from "@/lib/http";
import { formatDateTime, useT } from "@/lib/i18n";
import { useRequestKeys } from "@/lib/request-key";

export interface TemplateDialogProps {
  conversation: Conversation;
  onClose: () => void;
}

export function TemplateDialog({ conversation, onClose }: TemplateDialogProps) {
  const t = useT();
  const [template, setTemplate] = useState<Template | null>(null);
  const [values, setValues] = useState<Values>({});
  const name = conversation.display_name || conversation.phone_number;
  const templates = useChatTemplates(conversation.chat_id);

  function choose(next: Template): void {
    setTemplate(next);
    const known = { name: conversation.display_name, email: "", phone: conversation.phone_number };
    setValues((now) => ({ ...guesses(namesOf(next), known), ...now }));
  }

  if (template) {
    return (
      <FilledIn conversation={conversation} template={template} values={values} onChange={setValues} onOther={() => setTemplate(null)} onClose={onClose} />
    );
  }
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t("outreach.send_template_to", { name })} size="lg" className="flex flex-col">
      {templates.isPending && <ChoiceSkeleton />}
      {templates.isError && <ErrorState error={templates.error} onRetry={() => void templates.refetch()} retrying={templates.isFetching} />}
      {templates.data?.length === 0 && <NoTemplates />}
      {templates.data && templates.data.length > 0 && <TemplateChoice templates={templates.data} onChoose={choose} />}
    </Dialog>
  );
}

export function ChoiceSkeleton() {
  return (
    <div className="flex flex-col gap-1.5">
      {[0, 1, 2].map((row) => <Skeleton key={row} className="h-16 w-full" />)}
    </div>
  );
}

interface FilledInProps extends TemplateDialogProps {
  template: Template;
  values: Values;
  onChange: (values: Values) => void;
  onOther: () => void;
}

function FilledIn({ conversation, template, values, onChange, onOther, onClose }: FilledInProps) {
  const t = useT();
  const toast = useToast();
  const id = useId();
  const keyOf = useRequestKeys();
  const [tried, setTried] = useState(false);
  const names = namesOf(template);
  const problems = problemsOf(names, values, template.channel !== "sms");
  const send = useMutation({
    mutationFn: (sendAt: Date | null) => {
      const body = { template_id: template.template_id, variables: chosenValues(names, values), ...(sendAt && { send_at: sendAt.toISOString() }) };
      return api.post<ManualResult>(`/api/v1/conversations/${conversation.chat_id}/template`, body, { headers: keyOf(body) });
    },
    onSuccess: (_, sendAt) => {
      toast.success(sendAt ? t("outreach.template_scheduled", { at: formatDateTime(sendAt) }) : t("outreach.template_sent"));
      onClose();
    },
  });
  const refused = send.error instanceof ApiError && send.error.status === 422 ? refusedValues(send.error.detail, names) : {};
  const whole = send.error && Object.keys(refused).length === 0 ? errorText(send.error) : null;

  function submit(sendAt: Date | null): void {
    setTried(true);
    if (Object.keys(problems).length === 0) send.mutate(sendAt);
    else document.getElementById(id)?.querySelector<HTMLElement>("[aria-invalid], input:placeholder-shown")?.focus();
  }

  return (
    <Dialog
      open
      onOpenChange={(open) => !open && !send.isPending && onClose()}
      title={t("outreach.send_template_to", { name: conversation.display_name || conversation.phone_number })}
      size="lg"
      footer={
        <>
          <p role="alert" className={whole ? "me-auto flex min-w-0 flex-1 basis-60 items-start gap-1.5 text-sm text-danger" : "hidden"}>
            {whole && <CircleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0" />}
            {whole}
          </p>
          <ScheduleButton disabled={send.isPending} windowClosesAt={null} onSchedule={submit} />
          <Button type="submit" form={id} variant="primary" pending={send.isPending}>{t("common.send")}</Button>
        </>
      }
    >
      <form
        id={id}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit(null);
        }}
      >
        <TemplateForm template={template} values={values} refused={refused} tried={tried} onChange={onChange} onOther={onOther} />
      </form>
    </Dialog>
  );
}
