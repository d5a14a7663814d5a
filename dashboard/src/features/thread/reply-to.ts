/** Which message the next one answers, per conversation: chosen in the thread, shown by the composer. */

import { useSyncExternalStore } from "react";
import type { Message } from "@/api/types";

const chosen = new Map<string, Message>();
const listeners = new Set<() => void>();

export function setReplyTo(chatId: string, message: Message | null): void {
  if (message) chosen.set(chatId, message);
  else chosen.delete(chatId);
  for (const listener of listeners) listener();
}

export function useReplyTo(chatId: string): Message | null {
  return useSyncExternalStore(subscribe, () => chosen.get(chatId) ?? null);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
