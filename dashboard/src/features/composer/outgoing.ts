/** The messages that this page sends, and how they are sent. */

import type { ManualResult, Me, Message } from "@/api/types";
import { drafts } from "@/features/composer/drafts";
import { SendQueue, type Answer, type Job } from "@/features/composer/send-queue";
import { addPending, removePending, updatePending } from "@/features/thread/outbox";
import { say } from "@/features/uploads/limits";
import type { FileKind } from "@/features/uploads/file-types";
import { addUnfinished, uploads } from "@/features/uploads/uploads";
import { errorText } from "@/lib/error-text";
import { api, ApiError, serverNow } from "@/lib/http";
import { translate } from "@/lib/i18n";
import { keys, queryClient } from "@/lib/query";
import { newKey } from "@/lib/request-key";
import { local } from "@/lib/storage";

/** The server waits up to 10 s for the carrier before it answers. */
const LONGEST_ANSWER = 60_000;
const TAB_LOCK = "frontdesk-page-";
const KEPT_AS_FAILED = /\(message ([0-9a-f-]{36}) is kept as failed\)/;

const tab = newKey();
/** On secure pages only. Without it each page takes up all that is left; the keys keep that from being sent twice. */
const locks = navigator.locks as LockManager | undefined;

export const outgoing = new SendQueue({
  tab,
  storage: local,
  person: () => queryClient.getQueryData<Me>(keys.me)?.person_id,
  post,
  uploads: {
    get: uploads.get,
    retry: (id) => uploads.retry(id),
    release: (id) => uploads.release(id),
    subscribe: uploads.subscribe,
  },
  pending: { add: addPending, update: updatePending, remove: removePending },
  after: (milliseconds, then) => {
    const timer = setTimeout(then, milliseconds);
    return () => clearTimeout(timer);
  },
  say: (problem) => say(problem, translate),
  tabs: openTabs,
  giveBack,
});

addEventListener("online", () => outgoing.wake());
// Held as long as the page lives, so that others leave its messages alone.
void locks?.request(TAB_LOCK + tab, () => new Promise(() => undefined));

/** Sends what an earlier page of this person could not. To be called once somebody is signed in. */
export function resumeOutgoing(personId: string): void {
  uploads.online();
  void outgoing.resume(personId);
}

export function newJob(job: Omit<Job, "key" | "createdAt" | "tab" | "error">): Job {
  return { ...job, key: newKey(), createdAt: new Date(serverNow()).toISOString(), tab, error: null };
}

async function openTabs(): Promise<Set<string>> {
  const { held = [] } = (await locks?.query()) ?? {};
  return new Set(held.flatMap(({ name }) => (name?.startsWith(TAB_LOCK) ? [name.slice(TAB_LOCK.length)] : [])));
}

async function post(job: Job, mediaIds: string[]): Promise<Answer> {
  const options = { headers: { "Idempotency-Key": job.key }, signal: AbortSignal.timeout(LONGEST_ANSWER) };
  try {
    if (job.note) {
      const body = { content: job.content, mentions: job.mentions, ...(mediaIds.length > 0 && { media_ids: mediaIds }) };
      const note = await api.post<Message>(`/api/v1/conversations/${job.chatId}/notes`, body, options);
      return { is: "sent", messageIds: [note.message_id] };
    }
    const sent = await api.post<ManualResult>(`/chat/${job.chatId}/manual-response`, replyBody(job, mediaIds), options);
    return { is: "sent", messageIds: sent.message_ids };
  } catch (error) {
    return answerTo(error);
  }
}

function replyBody(job: Job, mediaIds: string[]) {
  return {
    content: job.content,
    ...(mediaIds.length > 0 && { media_ids: mediaIds }),
    ...(job.replyTo?.message_id && { reply_to: job.replyTo.message_id }),
    ...(job.sendAt && { send_at: job.sendAt }),
  };
}

function answerTo(error: unknown): Answer {
  if (!(error instanceof ApiError)) return { is: "unreachable", retryAfter: null };
  if (error.status === 401) return { is: "signed_out" };
  if (error.temporary) return { is: "unreachable", retryAfter: error.retryAfter };
  const kept = KEPT_AS_FAILED.exec(error.detail)?.[1];
  return kept ? { is: "kept", messageIds: [kept] } : { is: "refused", detail: errorText(error) };
}

/** What a reload broke off is in the composer again, but for the files that the page held. */
function giveBack(job: Job): void {
  const files = job.files.flatMap(({ mediaId, attachment }) =>
    mediaId
      ? uploads.restore(job.chatId, {
          mediaId,
          name: attachment.filename,
          size: attachment.size,
          kind: attachment.kind as FileKind,
          contentType: attachment.content_type,
          previewUrl: attachment.kind === "image" ? `/media/${mediaId}` : null,
          own: true,
        })
      : [],
  );
  drafts.changeSide(job.personId, job.chatId, job.note ? "note" : "reply", (side) => ({
    text: [side.text, job.content].filter(Boolean).join("\n"),
    files: [...side.files, ...files],
  }));
  addUnfinished(job.chatId, job.files.filter((file) => !file.mediaId).map((file) => file.attachment.filename));
}
