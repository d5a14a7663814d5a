/** Contacts for the tests of this folder. */

import type { Contact, Conversation } from "@/api/types";

export function contact(change: Partial<Contact> = {}): Contact {
  return {
    contact_id: "k1",
    display_name: "Ana",
    addresses: [{ address: "+34600111222", contact_id: "k1", country: "ES" }],
    email: null,
    language: null,
    attributes: {},
    blocked_at: null,
    opt_outs: [],
    notes: [],
    conversations: [],
    merged: [],
    created_at: "2026-05-01T10:00:00Z",
    ...change,
  };
}

export function conversation(change: Partial<Conversation> = {}): Conversation {
  return {
    chat_id: "c1", contact_id: "k1", phone_number: "+34600111222", display_name: "Ana", channel: "wmsg", channel_id: "ch1",
    assistant_id: null, mode: "assistant", mode_changed_at: null, mode_changed_by: null, status: "open", snoozed_until: null,
    last_message: "Hello", last_sender: "user", last_active: "2026-05-04T10:00:00Z", window_closes_at: null, has_window: true,
    unread: 0, inbound_count: 3, read_count: 3, mentioned: false, needs_people: false, needs_people_reason: null, assignee: null,
    team: null, labels: [], priority: "normal", opted_out: false, blocked: false, created_at: "2026-05-01T10:00:00Z",
    ...change,
  };
}
