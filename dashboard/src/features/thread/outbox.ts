/** What a person has sent and the server has not yet shown: drawn in the thread at once. */

import { useCallback, useSyncExternalStore } from "react";
import type { Message, Quote } from "@/api/types";
import { keepPreview } from "@/features/media/previews";
import { serverNow } from "@/lib/http";

export interface PendingAttachment {
  /** Once uploaded. */
  media_id?: string;
  kind: "image" | "audio" | "video" | "document" | "sticker";
  filename: string;
  content_type: string;
  size: number;
  /** An object URL of the local file; the thread revokes it when it is no longer shown. */
  preview_url?: string;
  width?: number;
  height?: number;
  duration?: number;
  /** From 0 to 1. */
  progress?: number;
}

export interface Pending {
  key: string;
  content: string;
  attachments: PendingAttachment[];
  note?: boolean;
  reply_to?: Quote | null;
  state: "uploading" | "sending" | "failed";
  error?: string;
  retry?: () => void;
  /** Set when the server has answered: the pending message goes when these are all here. */
  message_ids?: string[];
  created_at: string;
}

export type NewPending = Omit<Pending, "created_at"> & { created_at?: string };

const NONE: Pending[] = [];

const waiting = new Map<string, Pending[]>();
/** The rows' keys of messages that were pending, so that nothing is drawn anew. */
const aliases = new Map<string, string>();
/** By conversation: of those that are open. */
const listeners = new Map<string, Set<() => void>>();

function set(chatId: string, pending: Pending[]): void {
  if (pending.length > 0) waiting.set(chatId, pending);
  else waiting.delete(chatId);
  for (const listener of listeners.get(chatId) ?? []) listener();
}

export function pendingOf(chatId: string): Pending[] {
  return waiting.get(chatId) ?? NONE;
}

export function addPending(chatId: string, pending: NewPending): void {
  const created_at = pending.created_at ?? new Date(serverNow()).toISOString();
  const others = pendingOf(chatId).filter((one) => one.key !== pending.key);
  set(chatId, [...others, { ...pending, created_at }]);
}

export function updatePending(chatId: string, key: string, change: Partial<Pending>): void {
  const held = pendingOf(chatId);
  if (!held.some((one) => one.key === key)) return;
  set(chatId, held.map((one) => (one.key === key ? { ...one, ...change } : one)));
  if (!listeners.has(chatId)) removeAnswered(chatId);
}

/** Where the conversation is not open: its messages are loaded when it is opened. */
function removeAnswered(chatId: string): void {
  for (const one of pendingOf(chatId)) if (one.message_ids) removePending(chatId, one.key);
}

/** Given up by the person. (What was sent goes by itself, when its messages are here.) */
export function removePending(chatId: string, key: string): void {
  const gone = pendingOf(chatId).find((one) => one.key === key);
  if (!gone) return;
  gone.attachments.forEach(letGo);
  set(chatId, pendingOf(chatId).filter((one) => one.key !== key));
}

export function usePending(chatId: string): Pending[] {
  const subscribe = useCallback((listener: () => void) => follow(chatId, listener), [chatId]);
  return useSyncExternalStore(subscribe, () => pendingOf(chatId));
}

function follow(chatId: string, listener: () => void): () => void {
  const held = listeners.get(chatId) ?? new Set();
  listeners.set(chatId, held.add(listener));
  return () => {
    held.delete(listener);
    if (held.size > 0) return;
    listeners.delete(chatId);
    removeAnswered(chatId);
  };
}

/** Which of the messages each pending one became. An event may overtake the answer of the request,
 *  which waits for the carrier: without ids it is the viewer's own messages with the same files, or
 *  without files the one with the same words, that are no older than the pending one. */
export function settledBy(pending: Pending, messages: Message[], viewer: string): Message[] {
  if (pending.message_ids) {
    const found = messages.filter((message) => pending.message_ids?.includes(message.message_id));
    return found.length === pending.message_ids.length ? found : [];
  }
  if (pending.state !== "sending") return [];
  const since = Date.parse(pending.created_at) - 5_000;
  const own = messages.filter(
    (message) =>
      message.sender === "human" &&
      message.person?.person_id === viewer &&
      (message.kind === "note") === (pending.note ?? false) &&
      Date.parse(message.created_at ?? "") >= since &&
      !aliases.has(message.message_id),
  );
  return pending.attachments.length > 0 ? withFiles(pending.attachments, own) : withWords(pending.content, own);
}

function withFiles(files: PendingAttachment[], own: Message[]): Message[] {
  const sent = new Set(files.map((file) => file.media_id));
  const found = own.filter((message) => message.attachments.some((file) => sent.has(file.media_id)));
  const here = new Set(found.flatMap((message) => message.attachments.map((file) => file.media_id)));
  return files.every((file) => file.media_id !== undefined && here.has(file.media_id)) ? found : [];
}

function withWords(words: string, own: Message[]): Message[] {
  const same = own.findLast((message) => message.attachments.length === 0 && bare(message.content) === bare(words));
  return same ? [same] : [];
}

/** The server writes a text's formatting as its channel has it: the words are the same. */
function bare(text: string): string {
  return text.replace(/[*_~`#\s]/g, "");
}

/** Whether the messages that it became stand above those that are loaded. */
export function isAbove(pending: Pending, messages: Message[]): boolean {
  const oldest = messages[0]?.created_at;
  return pending.message_ids !== undefined && !!oldest && Date.parse(pending.created_at) < Date.parse(oldest);
}

/** Lets go of what is here now. Returns whether anything was. */
export function settle(chatId: string, messages: Message[], viewer: string): boolean {
  const left: Pending[] = [];
  for (const pending of pendingOf(chatId)) {
    const became = settledBy(pending, messages, viewer);
    const last = became.at(-1);
    if (!last && !isAbove(pending, messages)) {
      left.push(pending);
      continue;
    }
    if (last) aliases.set(last.message_id, pending.key);
    pending.attachments.forEach(letGo);
  }
  if (left.length === pendingOf(chatId).length) return false;
  set(chatId, left);
  return true;
}

export function rowKey(messageId: string): string {
  return aliases.get(messageId) ?? messageId;
}

function letGo(file: PendingAttachment): void {
  if (file.preview_url) keepPreview(file.media_id, file.preview_url);
}
