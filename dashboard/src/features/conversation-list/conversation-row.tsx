import { AtSign, Ban, Check, ChevronDown, ChevronUp, ChevronsUp, CircleCheck, Clock, Hand, Hourglass } from "lucide-react";
import { memo, type ReactNode } from "react";
import type { Conversation, Label } from "@/api/types";
import { Avatar } from "@/components/ui/avatar";
import { CountBadge, LabelBadge } from "@/components/ui/badge";
import { ChannelDisc } from "@/features/conversation-list/channel-icon";
import { LabelDot } from "@/features/conversation-list/label-dot";
import { rowWords, senderHint, windowHint } from "@/features/conversation-list/row-text";
import { cx } from "@/lib/class-names";
import { formatBrief, useT } from "@/lib/i18n";

/** Every row is as high as every other, so that a million can be scrolled without measuring. */
export const ROW_HEIGHT = 68;

export interface ConversationRowProps {
  conversation: Conversation;
  id: string;
  /** Its thread is open. */
  open: boolean;
  /** Where the keys are. */
  active: boolean;
  selected: boolean;
  /** Something is selected: faces are boxes to tick. */
  selecting: boolean;
  position: number;
  /** -1 while there are more to load. */
  total: number;
  now: number;
}

export const ConversationRow = memo(function ConversationRow(props: ConversationRowProps) {
  const { conversation, id, open, active, selected, position, total, now } = props;
  const t = useT();
  const unread = (conversation.unread ?? 0) > 0;
  return (
    <div
      id={id}
      role="option"
      aria-selected={selected}
      aria-current={open ? "true" : undefined}
      aria-setsize={total}
      aria-posinset={position}
      aria-label={rowWords(conversation, now, t)}
      data-chat-id={conversation.chat_id}
      data-active={active ? "" : undefined}
      className={cx(
        "group/row relative flex h-full cursor-pointer items-center gap-3 border-b border-line ps-3 pe-3 outline-accent -outline-offset-2 group-focus-visible/list:data-active:outline-2",
        open ? "bg-selected before:absolute before:inset-y-0 before:start-0 before:w-0.75 before:bg-accent" : selected ? "bg-accent-soft" : "hover:bg-hover",
      )}
    >
      <Face {...props} />
      <div className="flex min-w-0 flex-1 flex-col gap-0.5">
        <div className="flex items-center gap-1.5">
          <span className={cx("min-w-0 truncate", unread ? "font-semibold" : "font-medium")}>
            {conversation.display_name || conversation.phone_number}
          </span>
          <LabelDots labels={conversation.labels} />
          <span className={cx("ms-auto shrink-0 ps-1 text-xs", unread ? "font-medium text-accent-ink" : "text-faint")}>
            {conversation.last_active && formatBrief(conversation.last_active, now)}
          </span>
        </div>
        <div className="flex h-5 items-center gap-1.5">
          <Preview conversation={conversation} />
          <Hints conversation={conversation} now={now} />
          {conversation.assignee && (
            <Avatar name={conversation.assignee.name || conversation.assignee.email} id={conversation.assignee.person_id} size="xs" />
          )}
          <CountBadge count={conversation.unread ?? 0} />
        </div>
      </div>
    </div>
  );
});

function Face({ conversation, selected, selecting }: ConversationRowProps) {
  const box = selected || selecting;
  return (
    <span data-select className="relative inline-flex size-10 shrink-0 items-center justify-center">
      <Avatar
        name={conversation.display_name || conversation.phone_number}
        id={conversation.contact_id}
        className={cx("size-10", box ? "invisible" : "group-hover/row:invisible pointer-coarse:visible!")}
      />
      <ChannelDisc channel={conversation.channel} className={cx("absolute -end-0.5 -bottom-0.5", box ? "invisible" : "group-hover/row:invisible pointer-coarse:visible!")} />
      <span
        className={cx(
          "absolute inset-0 m-auto size-5 items-center justify-center rounded-sm border",
          box ? "inline-flex" : "hidden group-hover/row:inline-flex pointer-coarse:hidden!",
          selected ? "border-accent bg-accent text-on-accent" : "border-outline bg-surface",
        )}
      >
        {selected && <Check className="size-3.5" strokeWidth={3} />}
      </span>
    </span>
  );
}

function Preview({ conversation }: { conversation: Conversation }) {
  const t = useT();
  const sender = senderHint(conversation, t);
  const unread = (conversation.unread ?? 0) > 0;
  return (
    <span className={cx("min-w-0 flex-1 truncate text-sm", unread ? "text-ink" : "text-muted")}>
      {sender && <span className="text-faint">{sender}: </span>}
      {conversation.last_message || <span className="text-faint italic">{t("list.no_message")}</span>}
    </span>
  );
}

function LabelDots({ labels }: { labels: readonly Label[] }) {
  const first = labels[0];
  if (!first) return null;
  return (
    <span className="flex min-w-0 shrink items-center gap-1">
      <LabelBadge name={first.name} color={first.color} className="h-4! max-w-20 px-1.5!" />
      {labels.slice(1, 4).map((label) => (
        <LabelDot key={label.label_id} color={label.color} />
      ))}
    </span>
  );
}

function Hint({ className, children }: { className?: string; children: ReactNode }) {
  return <span className={cx("inline-flex shrink-0 items-center gap-0.5 text-xs [&_svg]:size-3.5", className)}>{children}</span>;
}

function Hints({ conversation, now }: { conversation: Conversation; now: number }) {
  const window = windowHint(conversation, now);
  const { priority, status } = conversation;
  return (
    <>
      {conversation.mentioned && <Hint className="text-accent-ink"><AtSign /></Hint>}
      {conversation.needs_people && <Hint className="rounded-full bg-warning-soft p-0.5 text-warning"><Hand /></Hint>}
      {priority === "urgent" && <Hint className="text-danger"><ChevronsUp /></Hint>}
      {priority === "high" && <Hint className="text-warning"><ChevronUp /></Hint>}
      {priority === "low" && <Hint className="text-faint"><ChevronDown /></Hint>}
      {window?.kind === "closing" && <Hint className="text-warning"><Hourglass />{minutes(window.minutes)}</Hint>}
      {conversation.blocked && <Hint className="text-danger"><Ban /></Hint>}
      {status === "snoozed" && <Hint className="text-info"><Clock /></Hint>}
      {status === "closed" && <Hint className="text-faint"><CircleCheck /></Hint>}
    </>
  );
}

function minutes(count: number): string {
  return count >= 60 ? `${Math.floor(count / 60)} h` : `${count} min`;
}
