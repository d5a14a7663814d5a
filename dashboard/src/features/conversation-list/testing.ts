/** Conversations for the tests of this folder. */

import type { Conversation } from "@/api/types";

export const ME = { person_id: "p-me", name: "Ada", email: "ada@example.com" };

export function conversation(change: Partial<Conversation> = {}): Conversation {
  return {
    chat_id: "c1",
    contact_id: "k1",
    phone_number: "+14155550101",
    display_name: "Maria",
    channel: "wmsg",
    channel_id: "ch1",
    assistant_id: "echo",
    mode: "assistant",
    mode_changed_at: null,
    mode_changed_by: null,
    status: "open",
    snoozed_until: null,
    last_message: "Hello",
    last_sender: "user",
    last_active: "2026-05-04T10:00:00Z",
    window_closes_at: null,
    has_window: true,
    unread: 0,
    inbound_count: 3,
    read_count: 3,
    mentioned: false,
    needs_people: false,
    needs_people_reason: null,
    assignee: null,
    team: null,
    labels: [],
    priority: "normal",
    opted_out: false,
    blocked: false,
    created_at: "2026-05-01T10:00:00Z",
    ...change,
  };
}

/** As it comes in an event: without the viewer's part. */
export function event(change: Partial<Conversation> = {}): Conversation {
  return conversation({ unread: null, read_count: null, mentioned: null, ...change });
}
