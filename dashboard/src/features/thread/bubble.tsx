/** A message: whose it is shows by its side and colour, and in words. */

import { Bot, Lock } from "lucide-react";
import { memo, useState } from "react";
import type { Message } from "@/api/types";
import { Attachment } from "@/features/media/attachment";
import { cx } from "@/lib/class-names";
import { formatDateTime, formatTime, useT } from "@/lib/i18n";
import { authorName } from "@/features/thread/author";
import { groundOf, hasMarkup } from "@/features/thread/bubble-look";
import { Extras, Origins } from "@/features/thread/extras";
import { Markup } from "@/features/thread/markup-view";
import { MessageEdit } from "@/features/thread/message-edit";
import { MessageMenu } from "@/features/thread/message-menu";
import { MessageState } from "@/features/thread/message-state";
import { MessageStatus } from "@/features/thread/message-status";
import { QuoteBlock } from "@/features/thread/quote-block";
import { Reactions } from "@/features/thread/reactions";
import { bodyOf, templateOf } from "@/features/thread/structured";
import { TemplateButtons, TemplateFooter, TemplateHeader } from "@/features/thread/template-parts";
import { Thoughts } from "@/features/thread/thoughts";
import { useScene } from "@/features/thread/thread-context";

interface BubbleProps {
  message: Message;
  first: boolean;
  last: boolean;
  menuOpen: boolean;
  onMenu: (open: boolean) => void;
}

export const Bubble = memo(function Bubble({ message, first, last, menuOpen, onMenu }: BubbleProps) {
  const t = useT();
  const scene = useScene();
  const [isEditing, setEditing] = useState(false);
  const customer = scene.conversation.display_name;
  const isIn = message.sender === "user";
  const isNote = message.kind === "note";
  const isGone = message.status === "canceled";
  const template = templateOf(message.structured);
  return (
    <div className={cx("flex flex-col", isIn ? "items-start" : "items-end", first ? "pt-2.5" : "pt-0.5")}>
      {first && !isIn && <Author message={message} />}
      <div className={cx("flex max-w-full items-start gap-1", !isIn && "flex-row-reverse")}>
        <div
          className={cx(
            "grid max-w-[min(85vw,38rem)] min-w-0 grid-cols-[minmax(0,auto)] gap-1 rounded-xl border px-2.5 py-1.5 shadow-[0_1px_1px_rgb(0_0_0/0.04)]",
            groundOf(message),
            last && (isIn ? "rounded-es-sm" : "rounded-ee-sm"),
            isGone && "opacity-70",
          )}
        >
          <Origins message={message} />
          {message.quote && <QuoteBlock quote={message.quote} customer={customer} onJump={scene.jumpTo} />}
          {template && <TemplateHeader template={template} hasFile={message.attachments.length > 0} />}
          {isEditing ? (
            <MessageEdit message={message} onClose={() => setEditing(false)} />
          ) : (
            <Words message={message} content={template ? bodyOf(message.content, template) : message.content} />
          )}
          {message.attachments.map((file) => <Attachment key={file.media_id} attachment={file} />)}
          <Extras message={message} />
          {!isIn && <Thoughts message={message} />}
          {template && <TemplateFooter template={template} />}
          <footer className={cx("flex items-center justify-end gap-1 text-xs", isNote ? "text-note-ink" : "text-muted")}>
            {message.edited_at && <span title={formatDateTime(message.edited_at)}>{t("thread.edited")}</span>}
            {message.created_at && (
              <time dateTime={message.created_at} title={formatDateTime(message.created_at)}>{formatTime(message.created_at)}</time>
            )}
            {!isIn && !isNote && <MessageStatus message={message} />}
          </footer>
          {!isEditing && <MessageState message={message} onEdit={() => setEditing(true)} />}
        </div>
        <MessageMenu
          message={message}
          open={menuOpen}
          onOpenChange={onMenu}
          onEdit={() => setEditing(true)}
          className="mt-1 opacity-0 transition-opacity group-focus-within/row:opacity-100 group-hover/row:opacity-100 data-[state=open]:opacity-100 pointer-coarse:opacity-100"
        />
      </div>
      {template && <TemplateButtons template={template} />}
      <Reactions reactions={message.reactions} customer={customer} />
    </div>
  );
});

function Author({ message }: { message: Message }) {
  const t = useT();
  const { conversation, me } = useScene();
  const isNote = message.kind === "note";
  return (
    <p className="flex items-center gap-1 px-1.5 pb-0.5 text-xs text-muted">
      {isNote && <Lock className="size-3" aria-hidden />}
      {message.sender === "assistant" && <Bot className="size-3.5" aria-hidden />}
      <bdi>{authorName(message, conversation.display_name, me, t)}</bdi>
      {isNote && <span>· {t("thread.note_private")}</span>}
    </p>
  );
}

function Words({ message, content }: { message: Message; content: string }) {
  const { conversation, people } = useScene();
  if (content === "") return null;
  const isNote = message.kind === "note";
  const hasStyles = isNote || hasMarkup(conversation.channel);
  const names = isNote
    ? people.filter((person) => message.mentions.includes(person.person_id)).map((person) => person.name)
    : undefined;
  return (
    <p className="text-base break-words whitespace-pre-wrap" dir="auto">
      <Markup text={content} styles={hasStyles} {...(names ? { mentions: names } : {})} />
    </p>
  );
}
