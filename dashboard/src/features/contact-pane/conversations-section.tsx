import { Link } from "@tanstack/react-router";
import type { Contact, Conversation } from "@/api/types";
import { Badge } from "@/components/ui/badge";
import { Nothing, Section } from "@/features/contact-pane/section";
import { CHANNEL_ICONS } from "@/features/conversation-list/channel-icon";
import { cx } from "@/lib/class-names";
import { formatBrief, formatDateTime, useT } from "@/lib/i18n";

export interface ConversationsSectionProps {
  contact: Contact;
  /** The conversation beside which the card stands. */
  chatId: string | undefined;
}

/** All conversations with the contact, on whatever channel and number. */
export function ConversationsSection({ contact, chatId }: ConversationsSectionProps) {
  const t = useT();
  const shown = contact.conversations.filter((each) => each.chat_id !== chatId);
  return (
    <Section name="conversations" title={t(chatId === undefined ? "contacts.conversations" : "contacts.conversations_other")} count={shown.length}>
      {shown.length === 0 && <Nothing>{t(chatId === undefined ? "contacts.conversations_empty" : "contacts.conversations_other_empty")}</Nothing>}
      <ul className="-mx-2 flex flex-col">
        {shown.map((each) => (
          <li key={each.chat_id}>
            <ConversationLink conversation={each} several={contact.addresses.length > 1} beside={chatId !== undefined} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

interface ConversationLinkProps {
  conversation: Conversation;
  /** The contact has several numbers: which one it is, is said. */
  several: boolean;
  beside: boolean;
}

function ConversationLink({ conversation, several, beside }: ConversationLinkProps) {
  const t = useT();
  const { chat_id: chatId, channel, phone_number: number, last_message: text, last_active: at, status } = conversation;
  const Icon = CHANNEL_ICONS[channel];
  return (
    <Link
      to="/inbox/$chatId"
      params={{ chatId }}
      // Beside a thread the list keeps its filters.
      search={beside ? true : {}}
      className="flex items-start gap-2 rounded-md px-2 py-1.5 hover:bg-hover focus-visible:-outline-offset-2"
    >
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-muted" />
      <span className="min-w-0 flex-1">
        <span className="flex items-center gap-1.5">
          <span className="shrink-0 font-medium">{t(`common.channel_${channel}`)}</span>
          {several && <bdi dir="ltr" className="min-w-0 truncate text-sm text-muted">{number}</bdi>}
          <span className="flex-1" />
          {status !== "open" && <Badge tone={status === "snoozed" ? "info" : "neutral"}>{t(`common.status_${status}`)}</Badge>}
          {at && <time dateTime={at} title={formatDateTime(at)} className="shrink-0 text-sm text-faint">{formatBrief(at)}</time>}
        </span>
        <span className={cx("block truncate text-sm text-muted", text === "" && "italic")}><bdi>{text || t("list.no_message")}</bdi></span>
      </span>
    </Link>
  );
}
