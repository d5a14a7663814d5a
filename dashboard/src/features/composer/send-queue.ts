/** Messages on their way to the server: in order per conversation, kept until it has answered. */

import type { Quote } from "@/api/types";
import type { KeyValue } from "@/features/composer/draft-store";
import type { NewPending, Pending, PendingAttachment } from "@/features/thread/outbox";
import type { Problem } from "@/features/uploads/limits";
import { isOpen, type UploadItem } from "@/features/uploads/upload-store";

export interface JobFile {
  uploadId: string;
  mediaId: string | null;
  attachment: PendingAttachment;
}

export interface Job {
  /** Also the request's Idempotency-Key: a repeated request sends nothing twice. */
  key: string;
  personId: string;
  chatId: string;
  note: boolean;
  content: string;
  files: JobFile[];
  replyTo: Quote | null;
  sendAt: string | null;
  mentions: string[];
  createdAt: string;
  /** The page that looks after it. */
  tab: string;
  error: string | null;
}

export type Answer =
  | { is: "sent"; messageIds: string[] }
  /** The message is in the thread, as failed. */
  | { is: "kept"; messageIds: string[] }
  | { is: "refused"; detail: string }
  | { is: "unreachable"; retryAfter: number | null }
  | { is: "signed_out" };

export interface QueueEnvironment {
  tab: string;
  storage: KeyValue;
  /** Who is signed in. */
  person: () => string | undefined;
  post: (job: Job, mediaIds: string[]) => Promise<Answer>;
  uploads: {
    get: (id: string) => UploadItem | undefined;
    retry: (id: string) => void;
    release: (id: string) => void;
    subscribe: (listener: () => void) => () => void;
  };
  pending: {
    add: (chatId: string, pending: NewPending) => void;
    update: (chatId: string, key: string, change: Partial<Pending>) => void;
    remove: (chatId: string, key: string) => void;
  };
  after: (milliseconds: number, then: () => void) => () => void;
  say: (problem: Problem) => string;
  /** Pages that are open now. */
  tabs: () => Promise<Set<string>>;
  /** A message whose files were lost with the page goes back to be finished by a person. */
  giveBack: (job: Job) => void;
}

const PREFIX = "outbox.";
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30_000;

interface Lane {
  jobs: Job[];
  sending: boolean;
  attempts: number;
  callOff: (() => void) | null;
}

export class SendQueue {
  private readonly lanes = new Map<string, Lane>();
  private readonly environment: QueueEnvironment;

  constructor(environment: QueueEnvironment) {
    this.environment = environment;
    environment.uploads.subscribe(() => this.uploadsChanged());
  }

  enqueue(job: Job): void {
    this.keep(job);
    this.show(job);
    this.lane(job.chatId).jobs.push(job);
    this.run(job.chatId);
  }

  /** Takes up what an earlier page left behind. */
  async resume(personId: string): Promise<void> {
    const open = await this.environment.tabs();
    const left = this.environment.storage
      .keys(`${PREFIX}${personId}.`)
      .flatMap((key) => this.environment.storage.get<Job | null>(key, null) ?? [])
      .filter((job) => job.tab !== this.environment.tab && !open.has(job.tab) && !this.has(job))
      .sort((one, other) => one.createdAt.localeCompare(other.createdAt));
    for (const job of left) {
      if (job.files.some((file) => !file.mediaId)) {
        this.drop(job);
        this.environment.giveBack(job);
      } else {
        this.enqueue({ ...job, tab: this.environment.tab });
      }
    }
    this.wake();
  }

  /** The network, or the person, is back. */
  wake(): void {
    for (const [chatId, lane] of this.lanes) {
      lane.callOff?.();
      lane.callOff = null;
      this.run(chatId);
    }
  }

  retry(chatId: string, key: string): void {
    const lane = this.lane(chatId);
    const job = lane.jobs.find((each) => each.key === key);
    if (!job) return;
    job.error = null;
    for (const file of job.files) this.environment.uploads.retry(file.uploadId);
    this.environment.pending.update(chatId, key, { state: "sending", error: undefined });
    this.keep(job);
    this.run(chatId);
  }

  /** Lets go of failed messages that the person has given up: those that are not among `keys`. */
  keepOnly(chatId: string, keys: string[]): void {
    for (const job of this.lane(chatId).jobs.filter((each) => each.error !== null && !keys.includes(each.key))) {
      this.drop(job);
      for (const file of job.files) this.environment.uploads.release(file.uploadId);
    }
  }

  private run(chatId: string): void {
    const lane = this.lane(chatId);
    if (lane.sending || lane.callOff) return;
    const person = this.environment.person();
    // Another person's would be sent in the name of who is signed in.
    const job = lane.jobs.find((each) => each.error === null && each.personId === person);
    if (!job) return;
    const state = this.filesOf(job);
    if (state === "open") return; // until the uploads change
    if (state === "ready") {
      lane.sending = true;
      void this.send(lane, job);
    } else {
      this.fail(job, this.environment.say(state));
      this.run(chatId);
    }
  }

  private async send(lane: Lane, job: Job): Promise<void> {
    const { pending } = this.environment;
    pending.update(job.chatId, job.key, { state: "sending", error: undefined });
    const mediaIds = job.files.flatMap((file) => file.mediaId ?? []);
    let answer: Answer;
    try {
      answer = await this.environment.post(job, mediaIds);
    } catch {
      answer = { is: "unreachable", retryAfter: null };
    }
    lane.sending = false;
    if (answer.is === "unreachable" || answer.is === "signed_out") {
      this.wait(lane, job, answer);
      return;
    }
    lane.attempts = 0;
    if (answer.is === "refused") {
      this.fail(job, answer.detail);
    } else {
      this.drop(job);
      for (const file of job.files) this.environment.uploads.release(file.uploadId);
      pending.update(job.chatId, job.key, { message_ids: answer.messageIds });
    }
    this.run(job.chatId);
  }

  private wait(lane: Lane, job: Job, answer: { is: "unreachable" | "signed_out"; retryAfter?: number | null }): void {
    lane.attempts += 1;
    const key = answer.is === "signed_out" ? "composer.problem_signed_out_send" : "composer.problem_waiting";
    this.environment.pending.update(job.chatId, job.key, { error: this.environment.say({ key }) });
    if (answer.is === "signed_out") {
      lane.callOff = () => undefined; // until somebody is signed in again
      return;
    }
    const pause = answer.retryAfter
      ? answer.retryAfter * 1000
      : Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (lane.attempts - 1));
    lane.callOff = this.environment.after(pause, () => {
      lane.callOff = null;
      this.run(job.chatId);
    });
  }

  private fail(job: Job, error: string): void {
    job.error = error;
    this.keep(job);
    this.environment.pending.update(job.chatId, job.key, { state: "failed", error });
  }

  /** "open" while something is being uploaded; what is wrong where something has failed. */
  private filesOf(job: Job): "open" | "ready" | Problem {
    let open = false;
    for (const file of job.files) {
      if (file.mediaId) continue;
      const item = this.environment.uploads.get(file.uploadId);
      if (!item) return { key: "composer.problem_lost", values: { file: file.attachment.filename } };
      if (isOpen(item)) open = true;
      else if (item.state !== "done") return item.problem ?? { key: "composer.problem_lost", values: { file: item.name } };
    }
    return open ? "open" : "ready";
  }

  private uploadsChanged(): void {
    for (const [chatId, lane] of this.lanes) {
      for (const job of lane.jobs) this.takeUploads(job);
      this.run(chatId);
    }
  }

  private takeUploads(job: Job): void {
    if (job.error !== null) return;
    let done = false;
    let moved = false;
    for (const file of job.files) {
      const item = file.mediaId ? undefined : this.environment.uploads.get(file.uploadId);
      if (!item) continue;
      if (item.mediaId) {
        file.mediaId = item.mediaId;
        done = true;
      }
      const attachment = attachmentOf(item);
      moved ||= attachment.progress !== file.attachment.progress || done;
      file.attachment = attachment;
    }
    if (done) this.keep(job);
    if (moved) this.environment.pending.update(job.chatId, job.key, { attachments: job.files.map((file) => file.attachment) });
  }

  private show(job: Job): void {
    const waits = job.files.some((file) => !file.mediaId);
    this.environment.pending.add(job.chatId, {
      key: job.key,
      content: job.content,
      attachments: job.files.map((file) => file.attachment),
      note: job.note,
      reply_to: job.replyTo,
      state: job.error !== null ? "failed" : waits ? "uploading" : "sending",
      error: job.error ?? undefined,
      retry: () => this.retry(job.chatId, job.key),
      created_at: job.createdAt,
    });
  }

  private lane(chatId: string): Lane {
    let lane = this.lanes.get(chatId);
    if (!lane) {
      lane = { jobs: [], sending: false, attempts: 0, callOff: null };
      this.lanes.set(chatId, lane);
    }
    return lane;
  }

  private has(job: Job): boolean {
    return this.lane(job.chatId).jobs.some((each) => each.key === job.key);
  }

  private keep(job: Job): void {
    const files = job.files.map((file) => ({ ...file, attachment: { ...file.attachment, preview_url: undefined } }));
    this.environment.storage.set(`${PREFIX}${job.personId}.${job.key}`, { ...job, files });
  }

  private drop(job: Job): void {
    const lane = this.lane(job.chatId);
    lane.jobs = lane.jobs.filter((each) => each.key !== job.key);
    this.environment.storage.remove(`${PREFIX}${job.personId}.${job.key}`);
  }
}

export function attachmentOf(item: UploadItem): PendingAttachment {
  return {
    media_id: item.mediaId ?? undefined,
    kind: item.kind,
    filename: item.name,
    content_type: item.contentType,
    size: item.size,
    width: item.width ?? undefined,
    height: item.height ?? undefined,
    preview_url: item.previewUrl ?? undefined,
    progress: isOpen(item) ? item.progress : undefined,
  };
}
