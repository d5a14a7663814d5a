/** Whose conversation it is, how long it may be answered, who else is here, and what can be done with it. */

import { Link } from "@tanstack/react-router";
import { ArrowLeft, PanelRight } from "lucide-react";
import type { Conversation, PersonRef } from "@/api/types";
import { Avatar } from "@/components/ui/avatar";
import { Badge } from "@/components/ui/badge";
import { IconButton } from "@/components/ui/icon-button";
import { Tooltip } from "@/components/ui/tooltip";
import { AnswerSwitch } from "@/features/conversation-list/answer-switch";
import { ConversationActions } from "@/features/conversation-list/conversation-actions";
import { useT } from "@/lib/i18n";
import { JumpToDate } from "@/features/thread/jump-to-date";
import { WindowBadge } from "@/features/thread/window-badge";

interface ThreadHeaderProps {
  conversation: Conversation;
  viewing: PersonRef[];
  onJump: (at: string) => void;
  onToggleContact?: (() => void) | undefined;
}

export function ThreadHeader({ conversation, viewing, onJump, onToggleContact }: ThreadHeaderProps) {
  const t = useT();
  const { display_name: name, phone_number: number, channel, blocked, opted_out } = conversation;
  return (
    <header className="@container flex min-h-14 items-center gap-2 border-b border-line bg-surface px-2 py-1.5 md:px-3">
      <Link
        to="/inbox"
        search={true}
        className="-me-1 inline-grid size-9 shrink-0 place-content-center rounded-md text-muted hover:bg-hover hover:text-ink md:hidden"
        aria-label={t("thread.back")}
      >
        <ArrowLeft className="size-5 rtl:-scale-x-100" aria-hidden />
      </Link>
      <span className="hidden @xl:inline-flex"><Avatar name={name} id={conversation.contact_id} /></span>
      <div className="min-w-0 grow">
        <h2 className="truncate text-lg/5 font-semibold"><bdi>{name}</bdi></h2>
        <p className="flex min-w-0 items-center gap-1.5 text-sm text-muted">
          <span className="truncate max-sm:sr-only">
            {t(`common.channel_${channel}`)}
            {number !== name && <> · <bdi dir="ltr">{number}</bdi></>}
          </span>
          <WindowBadge conversation={conversation} />
          {opted_out && <Badge tone="danger">{t("thread.opted_out")}</Badge>}
          {blocked && <Badge tone="danger">{t("thread.blocked")}</Badge>}
        </p>
      </div>
      <Viewers people={viewing} />
      <AnswerSwitch conversation={conversation} />
      <ConversationActions conversation={conversation} />
      <span className="hidden @3xl:inline-flex"><JumpToDate onJump={onJump} /></span>
      {onToggleContact && <IconButton icon={PanelRight} label={t("thread.contact")} onClick={onToggleContact} className="[&_svg]:rtl:-scale-x-100" />}
    </header>
  );
}

const MOST_FACES = 3;

function Viewers({ people }: { people: PersonRef[] }) {
  const t = useT();
  if (people.length === 0) return null;
  const names = people.map((person) => person.name).join(", ");
  const label = t("thread.also_viewing", { names });
  return (
    <Tooltip label={label}>
      <span role="img" aria-label={label} className="flex shrink-0 -space-x-1.5 rtl:space-x-reverse">
        {people.slice(0, MOST_FACES).map((person) => (
          <Avatar key={person.person_id} name={person.name} id={person.person_id} size="sm" className="ring-2 ring-surface" />
        ))}
        {people.length > MOST_FACES && (
          <span className="grid size-6 place-content-center rounded-full bg-sunken text-xs ring-2 ring-surface">+{people.length - MOST_FACES}</span>
        )}
      </span>
    </Tooltip>
  );
}
