/** Whether and how long a person may answer: the carrier's window, opt-outs, blocks, stopped channels, roles. */

import type { Conversation } from "@/api/types";

export type Lock = "viewer" | "blocked" | "opted_out" | "channel" | "window" | "never_wrote";

const HOUR = 3_600_000;
/** Below this the countdown shows. */
export const COUNTDOWN_FROM = 4 * HOUR;

/** Milliseconds left; null where there is no window. */
export function windowLeft(conversation: Conversation, now: number): number | null {
  if (!conversation.has_window) return null;
  if (!conversation.window_closes_at) return 0;
  return Math.max(0, Date.parse(conversation.window_closes_at) - now);
}

/** Why no reply can be written; null when it can. Notes stay possible, but for viewers. */
export function lockOf(conversation: Conversation, now: number, mayWrite: boolean, channelActive: boolean): Lock | null {
  if (!mayWrite) return "viewer";
  if (conversation.blocked) return "blocked";
  if (conversation.opted_out) return "opted_out";
  if (!channelActive) return "channel";
  if (windowLeft(conversation, now) !== 0) return null;
  return conversation.window_closes_at ? "window" : "never_wrote";
}

/** When to look again: each second in the last minutes, else each minute; null for never. */
export function nextLook(left: number | null): number | null {
  if (left === null || left === 0) return null;
  if (left > COUNTDOWN_FROM) return Math.min(left - COUNTDOWN_FROM + 50, 2 ** 31 - 1);
  return left <= 10 * 60_000 ? 1000 : Math.min(left, 30_000);
}

/** "3:59 h" as hours and minutes, "4:05" as minutes and seconds at the end. */
export function clock(left: number): { hours: number; minutes: number; seconds: number } {
  const seconds = Math.ceil(left / 1000);
  return { hours: Math.floor(seconds / 3600), minutes: Math.floor((seconds % 3600) / 60), seconds: seconds % 60 };
}
