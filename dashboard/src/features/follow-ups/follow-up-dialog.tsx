/** Sets what is sent in a conversation unless the customer writes before. */
import { CircleAlert } from "lucide-react";
import { useEffect, useId, useState } from "react";
import type { Conversation } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { focusInvalid } from "@/components/ui/focus-invalid";
import { useToast } from "@/components/ui/toast";
import { useDiscard } from "@/components/ui/use-discard";
import { ContentFields } from "@/features/follow-ups/content-fields";
import { MomentFields } from "@/features/follow-ups/moment-fields";
import { bodyOf, contentProblem, isDirty, momentProblem, startingPlan, type Plan } from "@/features/follow-ups/plan";
import { useSetFollowUp } from "@/features/follow-ups/use-follow-ups";
import { refusedValues } from "@/features/templates/refusals";
import { namesOf } from "@/features/templates/template-text";
import { errorText } from "@/lib/error-text";
import { ApiError } from "@/lib/http";
import { formatDateTime, useT } from "@/lib/i18n";

export interface FollowUpDialogProps {
  conversation: Conversation;
  onClose: () => void;
}

export function FollowUpDialog(props: FollowUpDialogProps) {
  const { opted_out: isOut, blocked } = props.conversation;
  return isOut || blocked ? <NotPossible {...props} /> : <Form {...props} />;
}

function NotPossible({ conversation, onClose }: FollowUpDialogProps) {
  const t = useT();
  const why = conversation.blocked ? "blocked" : "opted_out";
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("outreach.follow_title", { name: nameOf(conversation) })}
      footer={<Button variant="primary" onClick={onClose}>{t("common.close")}</Button>}
    >
      <p className="font-medium">{t(`composer.lock_${why}`)}</p>
      <p className="text-muted">{t(`composer.lock_${why}_hint`)}</p>
    </Dialog>
  );
}

function Form({ conversation, onClose }: FollowUpDialogProps) {
  const t = useT();
  const toast = useToast();
  const id = useId();
  const now = useMinute();
  const [plan, setPlan] = useState(() => startingPlan(conversation));
  const [tried, setTried] = useState(false);
  const save = useSetFollowUp(conversation.chat_id);
  const name = nameOf(conversation);
  const { close, question } = useDiscard(isDirty(plan), save.isPending, onClose);
  const refused = save.error instanceof ApiError && save.error.status === 422 && plan.template ? refusedValues(save.error.detail, namesOf(plan.template)) : {};
  const whole = save.error && Object.keys(refused).length === 0 ? errorText(save.error) : null;

  function change(next: Partial<Plan>): void {
    setPlan((before) => ({ ...before, ...next }));
    if (save.isError) save.reset();
  }

  function submit(): void {
    setTried(true);
    const at = new Date();
    if (!momentProblem(plan, at) && !contentProblem(plan, conversation, at)) {
      save.mutate(bodyOf(plan), {
        onSuccess: ({ due_at: due }) => {
          toast.success(t("outreach.follow_told", { at: formatDateTime(due) }));
          onClose();
        },
      });
    }
    focusInvalid(id, "[role=alert]:not(.hidden) button, ul[aria-label] button");
  }

  return (
    <Dialog
      open
      onOpenChange={(open) => !open && close()}
      title={t("outreach.follow_title", { name })}
      description={t("outreach.follow_text", { name })}
      size="lg"
      footer={
        <>
          <div role="alert" className={whole ? "me-auto flex min-w-0 flex-1 basis-60 items-start gap-1.5 text-sm text-danger" : "hidden"}>
            {whole && <CircleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0" />}
            <span>{whole}</span>
          </div>
          <Button onClick={close}>{t("common.cancel")}</Button>
          <Button type="submit" form={id} variant="primary" pending={save.isPending}>{t("outreach.follow_set")}</Button>
        </>
      }
    >
      <form
        id={id}
        noValidate
        className="flex flex-col gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          if (!save.isPending) submit();
        }}
      >
        <MomentFields plan={plan} now={now} tried={tried} onChange={change} />
        <ContentFields conversation={conversation} plan={plan} now={now} tried={tried} refused={refused} onChange={change} />
      </form>
      {question}
    </Dialog>
  );
}

const nameOf = (conversation: Conversation): string => conversation.display_name || conversation.phone_number;

/** The time that "in so many hours" counts from, as it goes on while the dialog is open. */
function useMinute(): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), 20_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
