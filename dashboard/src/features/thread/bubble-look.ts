/** How a message looks by who wrote it, and how its channel writes. */

import type { ChannelKind, Message } from "@/api/types";

export function groundOf(message: Pick<Message, "kind" | "sender">): string {
  if (message.kind === "note") return "bg-note text-note-ink border-note-line";
  if (message.sender === "user") return "bg-bubble-in border-line";
  return message.sender === "human" ? "bg-bubble-out border-transparent" : "bg-bubble-assistant border-transparent";
}

/** WhatsApp draws *bold* as bold; an SMS shows the marks themselves. */
export function hasMarkup(channel: ChannelKind): boolean {
  return channel === "wmsg" || channel === "wvoice";
}
