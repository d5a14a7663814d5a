/** One row of a thread, reachable by keyboard where it is a message. */

import { memo, useCallback, type ReactNode } from "react";
import { formatDateTime, useT } from "@/lib/i18n";
import { authorName } from "@/features/thread/author";
import { Bubble } from "@/features/thread/bubble";
import { Beginning, DayDivider, UnreadDivider } from "@/features/thread/dividers";
import { Line, lineText } from "@/features/thread/line";
import { parse, plain } from "@/features/thread/markup";
import { statusText } from "@/features/thread/message-status";
import { PendingBubble } from "@/features/thread/pending-bubble";
import type { Row } from "@/features/thread/rows";
import { useScene } from "@/features/thread/thread-context";

interface MessageRowProps {
  row: Row;
  isTabStop: boolean;
  isMenuOpen: boolean;
  onFocus: (key: string) => void;
  onMenu: (key: string | null) => void;
}

const MOST_READ_OUT = 300;

export const MessageRow = memo(function MessageRow({ row, isTabStop, isMenuOpen, onFocus, onMenu }: MessageRowProps) {
  const { conversation } = useScene();
  const { key } = row;
  const openMenu = useCallback((isOpen: boolean) => onMenu(isOpen ? key : null), [onMenu, key]);
  switch (row.type) {
    case "start":
      return <Beginning conversation={conversation} />;
    case "day":
      return <DayDivider day={row.day} />;
    case "unread":
      return <UnreadDivider count={row.count} />;
    case "line":
      return (
        <Reachable row={row} isTabStop={isTabStop} onFocus={onFocus}>
          <Line message={row.message} customer={conversation.display_name} />
        </Reachable>
      );
    case "pending":
      return (
        <Reachable row={row} isTabStop={isTabStop} onFocus={onFocus}>
          <PendingBubble pending={row.pending} first={row.first} />
        </Reachable>
      );
    case "message":
      return (
        <Reachable row={row} isTabStop={isTabStop} onFocus={onFocus}>
          <Bubble message={row.message} first={row.first} last={row.last} menuOpen={isMenuOpen} onMenu={openMenu} />
        </Reachable>
      );
  }
});

interface ReachableProps {
  row: Row;
  isTabStop: boolean;
  onFocus: (key: string) => void;
  children: ReactNode;
}

/** Reading order and arrow keys go from one to the next; Tab enters and leaves the thread at one of them. */
function Reachable({ row, isTabStop, onFocus, children }: ReachableProps) {
  const label = useRowLabel(row);
  return (
    // Each message is a stop of the arrow keys, and has a menu.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <article
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={isTabStop ? 0 : -1}
      data-key={row.key}
      aria-label={label}
      className="rounded-xl -outline-offset-1"
      onFocus={(event) => event.target === event.currentTarget && onFocus(row.key)}
    >
      {children}
    </article>
  );
}

function useRowLabel(row: Row): string {
  const t = useT();
  const { conversation, me } = useScene();
  if (row.type === "pending") {
    return [t("common.you"), row.pending.content.slice(0, MOST_READ_OUT), t(`thread.pending_${row.pending.state}`)].filter(Boolean).join(", ");
  }
  if (row.type === "line") return lineText(row.message, conversation.display_name, t);
  if (row.type !== "message") return "";
  const { message } = row;
  const status = statusText(message.status);
  return [
    message.kind === "note" ? t("thread.note_private") : "",
    authorName(message, conversation.display_name, me, t),
    plain(parse(message.content)).slice(0, MOST_READ_OUT),
    ...message.attachments.map((file) => t(`media.kind_${file.kind}`)),
    message.created_at ? formatDateTime(message.created_at) : "",
    status ? t(status) : "",
  ].filter(Boolean).join(", ");
}
