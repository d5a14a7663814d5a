/** A conversation as the rows that the thread draws: dividers, messages in groups, pending ones. */

import type { Message } from "@/api/types";
import { boxOf } from "@/features/media/box";
import { isAbove, rowKey, settledBy, type Pending } from "@/features/thread/outbox";

/** Messages of one author that are further apart than this begin a new group. */
const GROUP_GAP = 5 * 60_000;

export type Row =
  | { type: "start"; key: string }
  | { type: "day"; key: string; day: string }
  | { type: "unread"; key: string; count: number }
  | { type: "line"; key: string; message: Message }
  | { type: "message"; key: string; message: Message; first: boolean; last: boolean }
  | { type: "pending"; key: string; pending: Pending; first: boolean };

export interface RowsInput {
  items: Message[];
  pending: Pending[];
  viewer: string;
  /** Whether there is nothing above, and nothing below. */
  atStart: boolean;
  atEnd: boolean;
  firstUnread: string | null;
}

/** Events and notices stand in the middle, as a line. */
export function isLine(message: Message): boolean {
  return message.kind === "event" || message.kind === "reaction" || (
    message.sender === "system" && message.status === "noted" && message.kind !== "note"
  );
}

export function authorOf(message: Message): string {
  return `${message.sender}:${message.person?.person_id ?? ""}:${message.kind === "note"}`;
}

/** The day where the viewer is, as YYYY-MM-DD. */
export function dayOf(at: string | null): string {
  const date = at ? new Date(at) : new Date();
  const pad = (part: number) => String(part).padStart(2, "0");
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

function isGroup(one: Message | undefined, next: Message | undefined): boolean {
  if (!one || !next || isLine(one) || isLine(next)) return false;
  const gap = Date.parse(next.created_at ?? "") - Date.parse(one.created_at ?? "");
  return authorOf(one) === authorOf(next) && !(gap > GROUP_GAP)
    && dayOf(one.created_at) === dayOf(next.created_at);
}

export function rowsOf(input: RowsInput): Row[] {
  const { items, viewer, firstUnread } = input;
  const rows: Row[] = input.atStart ? [{ type: "start", key: "start" }] : [];
  const keys = new Map<string, string>();
  const pending = input.atEnd ? input.pending.filter((one) => {
    const last = settledBy(one, items, viewer).at(-1);
    if (last) keys.set(last.message_id, one.key);
    return !last && !isAbove(one, items);
  }) : [];
  let day = "";
  items.forEach((message, index) => {
    const today = dayOf(message.created_at);
    if (today !== day) {
      day = today;
      // What is above the first is not known while more is to load: a divider there would have to
      // go again, and with it the row that the reader's place is kept by.
      if (index > 0 || input.atStart) rows.push({ type: "day", key: `day:${message.message_id}`, day });
    }
    const isFirstUnread = message.message_id === firstUnread;
    if (isFirstUnread) {
      rows.push({ type: "unread", key: "unread", count: unreadFrom(items, index) });
    }
    const key = keys.get(message.message_id) ?? rowKey(message.message_id);
    if (isLine(message)) rows.push({ type: "line", key, message });
    else {
      rows.push({
        type: "message",
        key,
        message,
        first: isFirstUnread || !isGroup(items[index - 1], message),
        last: !isGroup(message, items[index + 1]),
      });
    }
  });
  pending.forEach((one, index) => {
    const today = dayOf(one.created_at);
    if (today !== day) {
      day = today;
      rows.push({ type: "day", key: "day:pending", day });
    }
    rows.push({ type: "pending", key: one.key, pending: one, first: !continues(one, pending[index - 1], items.at(-1), viewer) });
  });
  return rows;
}

export function unreadFrom(items: Message[], index: number): number {
  return items.slice(index).filter((message) => message.sender === "user").length;
}

/** Whether a pending message is drawn under the one before it, as it will be when it is sent. */
function continues(one: Pending, before: Pending | undefined, last: Message | undefined, viewer: string): boolean {
  if (before) return (before.note ?? false) === (one.note ?? false);
  if (!last || isLine(last) || last.sender !== "human" || last.person?.person_id !== viewer) return false;
  const gap = Date.parse(one.created_at) - Date.parse(last.created_at ?? "");
  return (last.kind === "note") === (one.note ?? false) && !(gap > GROUP_GAP)
    && dayOf(last.created_at) === dayOf(one.created_at);
}

/** A row's height before it was measured. Near is good: what is above is then seldom moved. */
export function estimate(row: Row | undefined, width: number): number {
  if (!row) return 60;
  if (row.type === "start") return 72;
  if (row.type === "day" || row.type === "unread" || row.type === "line") return 40;
  const text = row.type === "pending" ? row.pending.content : row.message.content;
  const perLine = Math.max(20, Math.floor((Math.min(width * 0.78, 620) - 24) / 7.2));
  const lines = text === "" ? 0 : text.split("\n")
    .reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / perLine)), 0);
  const files = row.type === "pending" ? row.pending.attachments : row.message.attachments;
  const filesHeight = files.reduce((sum, file) => sum + estimateFile(file), 0);
  const head = row.first ? 22 : 0;
  const quote = row.type === "message" && row.message.quote ? 48 : 0;
  return head + quote + lines * 20 + filesHeight + 40;
}

function estimateFile(file: { kind: string; width?: number | null; height?: number | null }): number {
  if (file.kind === "image" || file.kind === "video" || file.kind === "sticker") {
    return boxOf(file.width ?? null, file.height ?? null, file.kind === "sticker" ? 160 : 300).height + 8;
  }
  return file.kind === "audio" ? 64 : 72;
}
