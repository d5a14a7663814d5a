/** The uploads of this page: one store, apart from React, and what the page owes it. */

import { useSyncExternalStore } from "react";
import type { Limits } from "@/api/types";
import { compressImage } from "@/features/uploads/compress-image";
import { HEAD, isAnimated, sniff } from "@/features/uploads/file-types";
import { check } from "@/features/uploads/limits";
import { recall, remember, type Unfinished } from "@/features/uploads/unfinished";
import { UploadError, xhrUpload } from "@/features/uploads/upload-request";
import { isOpen, UploadStore, type Preparation, type UploadItem } from "@/features/uploads/upload-store";
import { api, sessionExpired } from "@/lib/http";
import { newKey } from "@/lib/request-key";
import { createStore, useStore } from "@/lib/store";

export const uploads = new UploadStore({
  request: async (...asked) => {
    try {
      return await xhrUpload(...asked);
    } catch (error) {
      if (error instanceof UploadError && error.reason === "signed_out") sessionExpired.emit();
      throw error;
    }
  },
  newId: newKey,
  isOnline: () => navigator.onLine,
  after: (milliseconds, then) => {
    const timer = setTimeout(then, milliseconds);
    return () => clearTimeout(timer);
  },
  objectUrl: (file) => URL.createObjectURL(file),
  revoke: (url) => URL.revokeObjectURL(url),
});

/** By conversation, the files that a reload broke off. */
const broken = createStore<Unfinished>(recall(sessionStorage));

addEventListener("online", () => uploads.online());
addEventListener("beforeunload", (event) => {
  if (uploads.all().some(isOpen)) event.preventDefault();
});
uploads.subscribe(() => remember(uploads.all(), broken.get(), sessionStorage));

export function useUploads(ids: readonly string[]): UploadItem[] {
  useSyncExternalStore(uploads.subscribe, () => uploads.version);
  return ids.flatMap((id) => uploads.get(id) ?? []);
}

export function useUnfinished(chatId: string): readonly string[] {
  return useStore(broken)[chatId] ?? NONE;
}
const NONE: readonly string[] = [];

export function addUnfinished(chatId: string, names: readonly string[]): void {
  const held = broken.get();
  broken.set({ ...held, [chatId]: [...new Set([...(held[chatId] ?? []), ...names])] });
}

export function dismissUnfinished(chatId: string): void {
  const rest = Object.fromEntries(Object.entries(broken.get()).filter(([id]) => id !== chatId));
  broken.set(rest);
  remember(uploads.all(), rest, sessionStorage);
}

/** Takes the file off the composer, and off the server where it was made for this conversation. */
export function discardUpload(id: string): void {
  const item = uploads.get(id);
  uploads.remove(id);
  // A file that stays behind is in the gallery: no reason to trouble the person.
  if (item?.own && item.mediaId) void api.delete(`/api/v1/media/${item.mediaId}`).catch(() => undefined);
}

/** Checks a file against the channel's limits, and makes a picture smaller where that helps. */
export async function prepareFile(file: File, limits: () => Promise<Limits>): Promise<Preparation> {
  const named = { values: { file: file.name } };
  const [head, known] = await Promise.all([
    file.slice(0, HEAD).arrayBuffer().then((buffer) => new Uint8Array(buffer)),
    limits().catch(() => null),
  ]);
  if (!known) return { ok: false, problem: { key: "composer.problem_no_limits", ...named } };
  const type = sniff(head, file.name);
  const verdict = check(file, type, known);
  if (!verdict.ok || !type) return verdict.ok ? { ok: false, problem: { key: "composer.problem_unreadable", ...named } } : verdict;
  const still = type.kind === "image" && !isAnimated(head, type);
  const drawn = still ? await compressImage(file, type, verdict.limit) : { file, width: null, height: null };
  const { file: smaller, width, height } = drawn;
  const contentType = smaller === file ? type.contentType : smaller.type;
  const fit = smaller.size > verdict.limit.max_bytes;
  return { ok: true, prepared: { file: smaller, fit, kind: type.kind, contentType, width, height } };
}
