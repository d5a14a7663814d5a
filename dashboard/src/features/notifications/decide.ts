/** Who is told what: decided here without any browser, so that it can be read and tested in one place. */

import type { Conversation, Message } from "@/api/types";
import type { Loudness, NotificationPreferences } from "@/features/notifications/preferences";

export type Reason = "message" | "mention" | "assignment";

export interface Decision {
  desktop: boolean;
  sound: boolean;
  /** In the page: for what is aimed at the viewer in person. */
  toast: boolean;
}

export const SILENT: Decision = { desktop: false, sound: false, toast: false };

/** Why a message concerns the viewer; null when it does not, as with what they wrote themselves. */
export function reasonFor(message: Message, me: string): Reason | null {
  if (message.sender === "user") return "message";
  if (message.person?.person_id === me) return null;
  return message.kind === "note" && message.mentions.includes(me) ? "mention" : null;
}

/** Whether an event of the thread says that somebody else gave the conversation to the viewer. */
export function wasAssigned(message: Message, me: string): boolean {
  const { structured } = message;
  if (message.kind !== "event" || structured?.["event"] !== "assigned") return false;
  const idOf = (value: unknown): unknown =>
    typeof value === "object" && value !== null && "person_id" in value ? value.person_id : null;
  return idOf(structured["assignee"]) === me && idOf(structured["by"]) !== me;
}

function concerns(loudness: Loudness, reason: Reason, conversation: Conversation, me: string): boolean {
  if (loudness === "off" || conversation.blocked) return false;
  if (loudness === "all" || reason !== "message") return true;
  if (conversation.assignee) return conversation.assignee.person_id === me;
  return conversation.needs_people;
}

/** `viewed`: the conversation is open in a window that has the focus. */
export function decide(
  reason: Reason,
  conversation: Conversation,
  me: string,
  wanted: NotificationPreferences,
  viewed: boolean,
): Decision {
  if (viewed) return SILENT;
  return {
    desktop: concerns(wanted.desktop, reason, conversation, me),
    sound: concerns(wanted.sound, reason, conversation, me),
    toast: reason !== "message",
  };
}

/** "(3) Inbox"; a count that was given before is taken off first. */
export function titleWith(title: string, unread: number): string {
  const bare = title.replace(/^\(\d+\+?\)\s/, "");
  if (unread <= 0) return bare;
  return `(${unread > 99 ? "99+" : unread}) ${bare}`;
}
