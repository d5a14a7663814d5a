/** Uploads of this tab, apart from what is on the screen: switching conversations ends none. */

import type { Upload } from "@/api/types";
import type { FileKind } from "@/features/uploads/file-types";
import type { Problem } from "@/features/uploads/limits";
import { UploadError, type UploadRequest } from "@/features/uploads/upload-request";

/**
 * preparing -> waiting -> uploading -> storing -> done
 * uploading | storing -> retrying (waits) | offline (waits for the network) -> waiting
 * any -> failed (a person may try again) | refused (never works)
 */
export type UploadState =
  | "preparing"
  | "waiting"
  | "uploading"
  | "storing"
  | "retrying"
  | "offline"
  | "failed"
  | "refused"
  | "done";

export interface UploadItem {
  id: string;
  chatId: string;
  name: string;
  size: number;
  kind: FileKind;
  contentType: string;
  /** Of a picture, once it was looked at. */
  width: number | null;
  height: number | null;
  /** For the eye: of this tab, or of the server. */
  previewUrl: string | null;
  state: UploadState;
  /** From 0 to 1. */
  progress: number;
  attempts: number;
  /** Size before it was made smaller here. */
  originalSize: number | null;
  /** Whether the server made it smaller. */
  fitted: boolean;
  problem: Problem | null;
  mediaId: string | null;
  /** Uploaded for this conversation, and not from the library. */
  own: boolean;
}

/** What is kept of a finished upload. */
export interface StoredFile {
  mediaId: string;
  name: string;
  size: number;
  kind: FileKind;
  contentType: string;
  previewUrl: string | null;
  own: boolean;
}

export interface Prepared {
  file: File;
  fit: boolean;
  kind: FileKind;
  contentType: string;
  width: number | null;
  height: number | null;
}
export type Preparation = { ok: true; prepared: Prepared } | { ok: false; problem: Problem };

export interface UploadEnvironment {
  request: UploadRequest;
  newId: () => string;
  isOnline: () => boolean;
  /** Calls back after so many milliseconds; returns a way to call it off. */
  after: (milliseconds: number, then: () => void) => () => void;
  objectUrl: (file: File) => string | null;
  revoke: (url: string) => void;
}

/** At once. */
export const LANES = 3;
/** Tries on its own before it asks a person. */
export const MOST_ATTEMPTS = 6;
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30_000;
const OPEN: readonly UploadState[] = ["preparing", "waiting", "uploading", "storing", "retrying", "offline"];

export const isOpen = (item: UploadItem) => OPEN.includes(item.state);

interface Work {
  personId: string;
  original: File;
  prepare: (file: File) => Promise<Preparation>;
  prepared: Prepared | null;
  abort: AbortController | null;
  callOff: (() => void) | null;
}

export class UploadStore {
  /** Goes up with every change. */
  version = 0;
  private readonly items = new Map<string, UploadItem>();
  private readonly work = new Map<string, Work>();
  private readonly listeners = new Set<() => void>();

  private readonly environment: UploadEnvironment;

  constructor(environment: UploadEnvironment) {
    this.environment = environment;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  get = (id: string): UploadItem | undefined => this.items.get(id);

  all(): UploadItem[] {
    return [...this.items.values()];
  }

  /** Takes a file; `prepare` checks it and may make it smaller. */
  add(
    chatId: string,
    personId: string,
    file: File,
    prepare: (file: File) => Promise<Preparation>,
    kind: FileKind = "document",
  ): string {
    const id = this.environment.newId();
    this.items.set(id, {
      id,
      chatId,
      name: file.name,
      size: file.size,
      kind,
      contentType: file.type,
      width: null,
      height: null,
      previewUrl: this.environment.objectUrl(file),
      state: "preparing",
      progress: 0,
      attempts: 0,
      originalSize: null,
      fitted: false,
      problem: null,
      mediaId: null,
      own: true,
    });
    this.work.set(id, { personId, original: file, prepare, prepared: null, abort: null, callOff: null });
    this.tell();
    void this.prepare(id);
    return id;
  }

  /** A file that the server already has. */
  restore(chatId: string, stored: StoredFile): string {
    const id = this.environment.newId();
    const { mediaId, ...rest } = stored;
    this.items.set(id, {
      ...rest,
      id,
      chatId,
      mediaId,
      width: null,
      height: null,
      state: "done",
      progress: 1,
      attempts: 0,
      originalSize: null,
      fitted: false,
      problem: null,
    });
    this.tell();
    return id;
  }

  /** Tries again now, whatever it waits for. */
  retry(id: string): void {
    const item = this.items.get(id);
    const work = this.work.get(id);
    if (!item || !work || !["failed", "refused", "retrying", "offline"].includes(item.state)) return;
    work.callOff?.();
    work.callOff = null;
    this.change(id, { attempts: 0, problem: null, progress: 0, state: work.prepared ? "waiting" : "preparing" });
    if (work.prepared) this.next();
    else void this.prepare(id);
  }

  /** Ends the upload and forgets the file. */
  remove(id: string): void {
    const work = this.work.get(id);
    work?.callOff?.();
    work?.abort?.abort();
    const url = this.items.get(id)?.previewUrl;
    if (url?.startsWith("blob:")) this.environment.revoke(url);
    this.work.delete(id);
    if (this.items.delete(id)) this.tell();
    this.next();
  }

  /** Forgets a file that was sent; its preview is the thread's now. */
  release(id: string): void {
    this.work.delete(id);
    if (this.items.delete(id)) this.tell();
  }

  /** The network is back. */
  online(): void {
    for (const item of this.items.values()) {
      if (item.state === "offline" || item.state === "retrying") this.retry(item.id);
    }
  }

  private async prepare(id: string): Promise<void> {
    const work = this.work.get(id);
    if (!work) return;
    let outcome: Preparation;
    try {
      outcome = await work.prepare(work.original);
    } catch {
      outcome = { ok: false, problem: { key: "composer.problem_unreadable", values: { file: work.original.name } } };
    }
    if (!this.items.has(id)) return;
    if (!outcome.ok) {
      this.change(id, { state: outcome.problem.key === "composer.problem_no_limits" ? "failed" : "refused", problem: outcome.problem });
      return;
    }
    const { file, kind, contentType, width, height } = outcome.prepared;
    work.prepared = outcome.prepared;
    const smaller = file.size < work.original.size;
    this.change(id, {
      state: "waiting",
      kind,
      contentType,
      width,
      height,
      name: file.name,
      size: file.size,
      originalSize: smaller ? work.original.size : null,
    });
    this.next();
  }

  /** Starts what waits, oldest first, as far as there are lanes. */
  private next(): void {
    const items = this.all();
    let free = LANES - items.filter((item) => item.state === "uploading" || item.state === "storing").length;
    for (const item of items) {
      if (free <= 0) return;
      if (item.state !== "waiting") continue;
      free -= 1;
      void this.send(item.id);
    }
  }

  private async send(id: string): Promise<void> {
    const item = this.items.get(id);
    const work = this.work.get(id);
    if (!item || !work?.prepared) return;
    const abort = new AbortController();
    work.abort = abort;
    this.change(id, { state: "uploading", progress: 0, attempts: item.attempts + 1, problem: null });
    try {
      const upload = await this.environment.request(
        work.prepared.file,
        { chatId: item.chatId, personId: work.personId, fit: work.prepared.fit },
        (sent, total) => this.progress(id, sent, total),
        abort.signal,
      );
      this.finished(id, upload);
    } catch (error) {
      if (!abort.signal.aborted) this.failed(id, error);
    }
    this.next();
  }

  private progress(id: string, sent: number, total: number): void {
    if (!this.items.has(id)) return;
    const progress = total > 0 ? sent / total : 0;
    this.change(id, { progress, state: progress >= 1 ? "storing" : "uploading" });
  }

  private finished(id: string, upload: Upload): void {
    if (!this.items.has(id)) return;
    this.work.delete(id);
    this.change(id, {
      state: "done",
      progress: 1,
      mediaId: upload.media_id,
      name: upload.filename,
      size: upload.size,
      contentType: upload.content_type,
      fitted: upload.fitted,
      problem: null,
    });
  }

  private failed(id: string, error: unknown): void {
    const item = this.items.get(id);
    const work = this.work.get(id);
    if (!item || !work) return;
    const failure = error instanceof UploadError ? error : new UploadError("refused", String(error));
    const values = { file: item.name, detail: failure.message };
    if (failure.reason === "refused") {
      this.change(id, { state: "refused", problem: { key: "composer.problem_refused", values } });
    } else if (failure.reason === "signed_out") {
      // Until somebody is signed in again.
      this.change(id, { state: "offline", progress: 0, attempts: 0, problem: { key: "composer.problem_signed_out", values } });
    } else if (!this.environment.isOnline()) {
      // On a private network the browser may be wrong about it, so it is tried now and then.
      this.change(id, { state: "offline", progress: 0, attempts: 0, problem: { key: "composer.problem_offline", values } });
      this.wait(id, work, LONGEST_PAUSE);
    } else if (item.attempts >= MOST_ATTEMPTS) {
      const key = failure.reason === "network" ? "composer.problem_network" : "composer.problem_server";
      this.change(id, { state: "failed", problem: { key, values } });
    } else {
      const pause = failure.retryAfter ? failure.retryAfter * 1000 : Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (item.attempts - 1));
      this.change(id, { state: "retrying", progress: 0, problem: { key: "composer.problem_retrying", values } });
      this.wait(id, work, pause);
    }
  }

  private wait(id: string, work: Work, pause: number): void {
    work.callOff = this.environment.after(pause, () => {
      work.callOff = null;
      this.change(id, { state: "waiting" });
      this.next();
    });
  }

  private change(id: string, change: Partial<UploadItem>): void {
    const item = this.items.get(id);
    if (!item) return;
    this.items.set(id, { ...item, ...change });
    this.tell();
  }

  private tell(): void {
    this.version += 1;
    for (const listener of this.listeners) listener();
  }
}
