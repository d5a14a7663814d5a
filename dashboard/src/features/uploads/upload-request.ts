/** One file on its way to the server, with how far it got: fetch tells nothing of what was sent. */

import type { Upload } from "@/api/types";

/** "network": nothing came back; "server": it may work later; "refused": it never will. */
export type FailureReason = "network" | "server" | "refused" | "signed_out";

export class UploadError extends Error {
  readonly reason: FailureReason;
  /** Seconds that the server asked to wait. */
  readonly retryAfter: number | null;

  constructor(reason: FailureReason, detail: string, retryAfter: number | null = null) {
    super(detail);
    this.reason = reason;
    this.retryAfter = retryAfter;
  }
}

export interface UploadTarget {
  chatId: string;
  personId: string;
  fit: boolean;
}

export type UploadRequest = (
  file: File,
  target: UploadTarget,
  progress: (sent: number, total: number) => void,
  signal: AbortSignal,
) => Promise<Upload>;

export const xhrUpload: UploadRequest = (file, target, progress, signal) =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const query = new URLSearchParams({ agent_id: target.personId, chat_id: target.chatId });
    if (target.fit) query.set("fit", "true");
    request.open("POST", `/upload/conversation-media?${query}`);
    request.responseType = "text";
    request.upload.onprogress = (event) => progress(event.loaded, event.total);
    request.onload = () => {
      const failure = failureOf(request);
      if (failure) reject(failure);
      else resolve(JSON.parse(request.responseText) as Upload);
    };
    request.onerror = () => reject(new UploadError("network", ""));
    request.ontimeout = () => reject(new UploadError("network", ""));
    request.onabort = () => reject(new DOMException("canceled", "AbortError"));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    const form = new FormData();
    form.append("file", file, file.name);
    request.send(form);
  });

function failureOf(request: XMLHttpRequest): UploadError | null {
  const { status } = request;
  if (status >= 200 && status < 300) return null;
  const retryAfter = Number(request.getResponseHeader("Retry-After")) || null;
  if (status === 401) return new UploadError("signed_out", detailOf(request.responseText));
  if (status >= 500 || status === 429 || status === 408) {
    return new UploadError("server", detailOf(request.responseText), retryAfter);
  }
  return new UploadError("refused", detailOf(request.responseText) || `HTTP ${status}`);
}

function detailOf(body: string): string {
  try {
    const answer = JSON.parse(body) as { detail?: unknown };
    return typeof answer.detail === "string" ? answer.detail : "";
  } catch {
    return "";
  }
}
