/** What people do with a contact: shown at once, sent in order, taken back when the server refuses. */

import type { QueryClient } from "@tanstack/react-query";
import type { ChannelKind, Contact, ContactNote, Me, OptOut } from "@/api/types";
import { applyContact, findContact, putContact, stopLoading } from "@/features/contact-pane/contact-cache";
import { api } from "@/lib/http";
import { keys, queryClient } from "@/lib/query";
import { newKey } from "@/lib/request-key";

export interface ContactChange {
  /** Null brings back the name that the carrier knows. */
  display_name?: string | null;
  email?: string | null;
  language?: string | null;
  /** All of them. */
  attributes?: Record<string, string>;
}

interface Step {
  show: (contact: Contact) => Contact;
  takeBack: (contact: Contact) => Contact;
  send: () => Promise<Contact>;
}

const path = (contactId: string) => `/api/v1/contacts/${contactId}`;

/** The last request of each contact: the next one waits for it, so that they arrive in order. */
const lastOf = new Map<string, Promise<unknown>>();

async function perform(client: QueryClient, contactId: string, { show, takeBack, send }: Step): Promise<void> {
  stopLoading(client, contactId);
  applyContact(client, contactId, show);
  const sent = (lastOf.get(contactId) ?? Promise.resolve()).then(send, send);
  lastOf.set(contactId, sent);
  try {
    const answer = await sent;
    // A later change is shown already; the answer to an earlier one must not flash.
    if (lastOf.get(contactId) === sent) putContact(client, answer);
  } catch (error) {
    applyContact(client, contactId, takeBack);
    throw error;
  } finally {
    if (lastOf.get(contactId) === sent) lastOf.delete(contactId);
    void client.invalidateQueries({ queryKey: keys.counts });
  }
}

export function changeContact(contact: Contact, change: ContactChange, client = queryClient): Promise<void> {
  const shown: Partial<Contact> = {};
  const before: Partial<Contact> = {};
  if (change.display_name !== undefined) {
    shown.display_name = change.display_name ?? contact.addresses[0]?.address ?? "";
    before.display_name = contact.display_name;
  }
  if (change.email !== undefined) [shown.email, before.email] = [change.email, contact.email];
  if (change.language !== undefined) [shown.language, before.language] = [change.language, contact.language];
  if (change.attributes !== undefined) [shown.attributes, before.attributes] = [change.attributes, contact.attributes];
  return perform(client, contact.contact_id, {
    show: (now) => ({ ...now, ...shown }),
    takeBack: (now) => ({ ...now, ...before }),
    send: () => api.patch<Contact>(path(contact.contact_id), change),
  });
}

export function setBlocked(contact: Contact, blocked: boolean, client = queryClient): Promise<void> {
  return perform(client, contact.contact_id, {
    show: (now) => ({ ...now, blocked_at: blocked ? new Date().toISOString() : null }),
    takeBack: (now) => ({ ...now, blocked_at: contact.blocked_at }),
    send: () => api.post<Contact>(`${path(contact.contact_id)}/${blocked ? "block" : "unblock"}`, {}),
  });
}

/** One that a contact may leave; with null, all of them. */
export interface Channel {
  channel_id: string | null;
  channel: ChannelKind | null;
  channel_address: string | null;
}
export const EVERY_CHANNEL: Channel = { channel_id: null, channel: null, channel_address: null };

/** The mark that a contact left this channel. One of all channels is none of a single one. */
export function leftOf(contact: Contact, channelId: string | null): OptOut | undefined {
  return contact.opt_outs.find((each: { channel_id: string | null }) => each.channel_id === channelId);
}

export function setOptedOut(contact: Contact, channel: Channel, out: boolean, reason: string, client = queryClient): Promise<void> {
  const rest = (now: Contact) => now.opt_outs.filter((each) => each.channel_id !== channel.channel_id);
  const before = contact.opt_outs.filter((each) => each.channel_id === channel.channel_id);
  // The description of the API names a channel for each mark; one of all channels has none.
  const mark: object & Pick<OptOut, "reason" | "at"> = { ...channel, reason, at: new Date().toISOString() };
  return perform(client, contact.contact_id, {
    show: (now) => ({ ...now, opt_outs: out ? [...rest(now), mark as OptOut] : rest(now) }),
    takeBack: (now) => ({ ...now, opt_outs: [...rest(now), ...before] }),
    send: () => api.post<Contact>(`${path(contact.contact_id)}/${out ? "opt-out" : "opt-in"}`, { channel_id: channel.channel_id }),
  });
}

/** The id of a note that the server has not answered yet. */
const UNSENT = "unsent-";
export const isUnsent = (note: ContactNote): boolean => note.note_id.startsWith(UNSENT);

export async function addNote(contact: Contact, content: string, client = queryClient): Promise<void> {
  const me = client.getQueryData<Me>(keys.me);
  const person = me ? { person_id: me.person_id, name: me.name, email: me.email } : null;
  const note: ContactNote = { note_id: UNSENT + newKey(), content, person, created_at: new Date().toISOString() };
  const without = (now: Contact) => ({ ...now, notes: now.notes.filter((each) => each.note_id !== note.note_id) });
  await perform(client, contact.contact_id, {
    show: (now) => ({ ...now, notes: [note, ...now.notes] }),
    takeBack: without,
    send: async () => {
      const answer = await api.post<ContactNote>(`${path(contact.contact_id)}/notes`, { content });
      const now = findContact(client, contact.contact_id) ?? contact;
      // The live event may have brought it already.
      const others = now.notes.filter((each) => each.note_id !== note.note_id && each.note_id !== answer.note_id);
      const kept = { ...now, notes: [answer, ...others] };
      applyContact(client, contact.contact_id, () => kept);
      return kept;
    },
  });
}

export function deleteNote(contact: Contact, note: ContactNote, client = queryClient): Promise<void> {
  const without = (now: Contact) => ({ ...now, notes: now.notes.filter((each) => each.note_id !== note.note_id) });
  return perform(client, contact.contact_id, {
    show: without,
    takeBack: (now) => ({ ...now, notes: [note, ...without(now).notes].sort((one, other) => other.created_at.localeCompare(one.created_at)) }),
    send: async () => {
      await api.delete(`${path(contact.contact_id)}/notes/${note.note_id}`);
      return without(findContact(client, contact.contact_id) ?? contact);
    },
  });
}

/** What both become is the server's to say: shown when it answers. `copied` is what the kept one takes over. */
export async function mergeContacts(gone: Contact, kept: Contact, copied: ContactChange | null, client = queryClient): Promise<Contact> {
  let contact = await api.post<Contact>(`${path(gone.contact_id)}/merge`, { into: kept.contact_id });
  try {
    if (copied) contact = await api.patch<Contact>(path(kept.contact_id), copied);
  } finally {
    for (const id of [gone.contact_id, ...gone.merged.map((each) => each.contact_id)]) client.setQueryData(keys.contact(id), contact);
    putContact(client, contact);
    refreshLists(client);
  }
  return contact;
}

/** Answers with the card of the contact that is on its own again. */
export async function unmergeContact(contact: Contact, mergedId: string, client = queryClient): Promise<Contact> {
  const own = await api.post<Contact>(`${path(mergedId)}/unmerge`, {});
  const ids = new Set(own.conversations.map((each) => each.chat_id));
  client.setQueryData(keys.contact(mergedId), own);
  applyContact(client, contact.contact_id, (now) => ({
    ...now,
    merged: now.merged.filter((each) => each.contact_id !== mergedId),
    addresses: now.addresses.filter((each) => each.contact_id !== mergedId),
    conversations: now.conversations.filter((each) => !ids.has(each.chat_id)),
  }));
  void client.invalidateQueries({ queryKey: keys.contact(contact.contact_id) });
  refreshLists(client);
  return own;
}

function refreshLists(client: QueryClient): void {
  for (const queryKey of [keys.contacts(), keys.conversations(), ["conversation"], keys.counts]) {
    void client.invalidateQueries({ queryKey });
  }
}
