/** Messages for tests. */

import type { Attachment, Message } from "@/api/types";

const BEGAN = Date.UTC(2026, 1, 3, 12);

/** The n-th message of a conversation, a second after the one before. */
export function message(seq: number, change: Partial<Message> = {}): Message {
  const at = new Date(BEGAN + seq * 1000).toISOString();
  return {
    message_id: `m${seq}`, chat_id: "c1", seq, content: `text ${seq}`, sender: "user", person: null,
    source: "whatsapp", kind: "text", media_url: null, attachments: [], structured: null,
    status: "received", error: null, error_code: null, reply_to: null, quote: null, reactions: [],
    mentions: [], scheduled_at: null, edited_at: null, thinking: null, tool_calls: [],
    trace_id: `t${seq}`, created_at: at, updated_at: at, ...change,
  };
}

export function attachment(change: Partial<Attachment> = {}): Attachment {
  return {
    media_id: "f1", kind: "image", content_type: "image/jpeg", filename: "photo.jpg", size: 1234,
    url: "/media/f1", thumbnail_url: "/media/f1/thumbnail", wav_url: null, duration: null, width: 800,
    height: 600, pages: null, peaks: null, transcript: null, language: null, description: null,
    text: null, status: "ready", truncated: false, error: null, created_at: null, ...change,
  };
}

export function range(from: number, to: number): Message[] {
  return Array.from({ length: to - from + 1 }, (_, index) => message(from + index));
}
