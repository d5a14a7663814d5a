import { Link } from "@tanstack/react-router";
import { Ban, CircleCheck, Clock, MessageCircleReply, TriangleAlert, X, type LucideIcon } from "lucide-react";
import { useId, useRef, useState } from "react";
import type { FollowUp } from "@/api/outreach-types";
import type { Conversation } from "@/api/types";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { listed, reasonOf, willFail } from "@/features/follow-ups/shown";
import { useCancelFollowUp } from "@/features/follow-ups/use-follow-ups";
import { useTemplates } from "@/features/templates/use-templates";
import { cx } from "@/lib/class-names";
import { formatDateTime, formatDay, formatTime, useT } from "@/lib/i18n";
import { useCan } from "@/lib/me";

/** By then the list is drawn anew. */
const RENDERED_MS = 100;

export interface FollowUpListProps {
  conversation: Conversation;
  followUps: readonly FollowUp[];
}

/** Those that wait, with a button that takes each back; below, what became of the others. */
export function FollowUpList({ conversation, followUps }: FollowUpListProps) {
  const t = useT();
  const id = useId();
  const root = useRef<HTMLDivElement>(null);
  const [all, setAll] = useState(false);
  const cancel = useCancelFollowUp();
  const { waiting, ended } = listed(followUps);

  function onCancel(followUp: FollowUp): void {
    const place = waiting.indexOf(followUp);
    cancel.mutate(followUp, {
      // The button is gone: the keyboard goes on with the next one, or with what is left.
      onSuccess: () => setTimeout(() => {
        const buttons = root.current?.querySelectorAll<HTMLElement>("[data-cancel]") ?? [];
        (buttons[Math.min(place, buttons.length - 1)] ?? root.current?.querySelector("button"))?.focus();
      }, RENDERED_MS),
    });
  }

  return (
    <div ref={root} className="flex flex-col gap-2">
      {waiting.length > 0 && (
        <ul aria-label={t("contacts.follow_ups_waiting")} className="flex flex-col gap-2">
          {waiting.map((each) => (
            <Waiting key={each.follow_up_id} followUp={each} conversation={conversation} canceling={cancel.isPending && cancel.variables === each} onCancel={() => onCancel(each)} />
          ))}
        </ul>
      )}
      {ended.length > 0 && (
        <>
          <Button size="sm" variant="ghost" className="self-start text-muted!" aria-expanded={all} aria-controls={id} onClick={() => setAll(!all)}>
            {t(all ? "contacts.follow_ups_hide" : "contacts.follow_ups_ended", { count: ended.length })}
          </Button>
          <ul id={id} hidden={!all} aria-label={t("contacts.follow_ups_over")} className={cx("flex-col gap-2", all && "flex")}>
            {all && ended.map((each) => <Ended key={each.follow_up_id} followUp={each} chatId={conversation.chat_id} />)}
          </ul>
        </>
      )}
    </div>
  );
}

interface WaitingProps {
  followUp: FollowUp;
  conversation: Conversation;
  canceling: boolean;
  onCancel: () => void;
}

function Waiting({ followUp, conversation, canceling, onCancel }: WaitingProps) {
  const t = useT();
  const mayEdit = useCan("agent");
  const { due_at: due } = followUp;
  const at = formatDateTime(due);
  return (
    <li className={cx("flex items-start gap-2 rounded-md border border-line py-1.5 ps-2.5 pe-1", canceling && "opacity-60")}>
      <Clock aria-hidden className="mt-0.5 size-4 shrink-0 text-accent-ink" />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap gap-x-1.5">
          <time dateTime={due} title={at} className="font-medium">{formatDay(due)}</time>
          <span className="text-muted">{formatTime(due)}</span>
        </p>
        <Content followUp={followUp} />
        {willFail(followUp, conversation) && (
          <p className="mt-1 flex items-start gap-1 text-sm text-warning">
            <TriangleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0" />
            {t("contacts.follow_up_will_fail")}
          </p>
        )}
      </div>
      {mayEdit && <IconButton data-cancel icon={X} size="sm" label={t("contacts.follow_up_cancel", { at })} tooltip={false} aria-disabled={canceling || undefined} onClick={() => !canceling && onCancel()} />}
    </li>
  );
}

const LOOKS: Record<Exclude<FollowUp["status"], "waiting">, [LucideIcon, string]> = {
  sent: [CircleCheck, "text-success"],
  answered: [MessageCircleReply, "text-info"],
  canceled: [Ban, "text-faint"],
  failed: [TriangleAlert, "text-danger"],
};

function Ended({ followUp, chatId }: { followUp: FollowUp; chatId: string }) {
  const t = useT();
  const { due_at: due, status, message_id: message } = followUp;
  if (status === "waiting") return null;
  const [Icon, color] = LOOKS[status];
  const took = status === "sent" || status === "failed";
  const why = reasonOf(followUp.reason);
  return (
    <li className="flex items-start gap-2 ps-2.5">
      <Icon aria-hidden className={cx("mt-0.5 size-4 shrink-0", color)} />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap gap-x-1.5">
          <span className="font-medium">{t(`contacts.follow_up_${status}`)}</span>
          <time dateTime={due} className="text-muted">{took ? formatDateTime(due) : t("contacts.follow_up_was_due", { at: formatDateTime(due) })}</time>
        </p>
        {why && <p className="text-sm wrap-anywhere text-muted">{"key" in why ? t(why.key) : why.text}</p>}
        <Content followUp={followUp} />
        {message && (
          <Link to="/inbox/$chatId" params={{ chatId }} search={(now) => ({ ...now, message })} className="text-sm text-accent-ink hover:underline">
            {t("contacts.follow_up_show")}
          </Link>
        )}
      </div>
    </li>
  );
}

/** The text itself, or the template's name. */
function Content({ followUp }: { followUp: FollowUp }) {
  return followUp.template_id === null ? (
    <p dir="auto" className="line-clamp-3 text-sm wrap-anywhere text-muted">{followUp.content}</p>
  ) : (
    <TemplateName id={followUp.template_id} />
  );
}

function TemplateName({ id }: { id: string }) {
  const t = useT();
  const templates = useTemplates();
  const found = templates.data?.find((each) => each.template_id === id);
  if (!found) return <p className="text-sm text-muted">{templates.isSuccess ? t("contacts.follow_up_template_gone") : t("contacts.follow_up_template_some")}</p>;
  return (
    <p className="truncate text-sm text-muted" title={found.body}>
      {t("contacts.follow_up_template", { name: found.name })}
    </p>
  );
}
