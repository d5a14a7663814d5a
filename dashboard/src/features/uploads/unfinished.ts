/** Which uploads a reload broke off, so that the composer can name them. */

import { isOpen, type UploadItem } from "@/features/uploads/upload-store";

const KEY = "frontdesk:uploads";

export type Unfinished = Record<string, string[]>;

let written = "";

/** Of this tab: another one's uploads still run. */
export function remember(items: readonly UploadItem[], told: Unfinished, storage: Storage): void {
  const unfinished: Unfinished = structuredClone(told);
  for (const item of items) {
    if (isOpen(item) || item.state === "failed") (unfinished[item.chatId] ??= []).push(item.name);
  }
  const text = JSON.stringify(unfinished);
  if (text === written) return; // nothing but progress
  written = text;
  try {
    storage.setItem(KEY, text);
  } catch {
    // The storage is full or closed: a reload then tells nothing.
  }
}

/** What an earlier page of this tab left behind. */
export function recall(storage: Storage): Unfinished {
  try {
    return (JSON.parse(storage.getItem(KEY) ?? "{}") ?? {}) as Unfinished;
  } catch {
    return {};
  }
}
