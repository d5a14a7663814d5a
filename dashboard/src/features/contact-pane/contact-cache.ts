/** Every cached place where a contact stands: cards, rows of the contacts list, names on conversations. */

import type { QueryClient } from "@tanstack/react-query";
import type { Contact, ContactRow, Conversation, Page } from "@/api/types";
import { applyConversations, findConversation } from "@/features/conversation-list/conversation-cache";
import { keys } from "@/lib/query";

const CARDS = ["contact"] as const;

/** The contact's id, and those of the contacts that were merged into it. */
export function idsOf(contact: Contact): string[] {
  return [contact.contact_id, ...contact.merged.map((each) => each.contact_id)];
}

/** A card is cached under the id that was asked for: that of a merged contact brings the kept one's. */
function cachedCards(client: QueryClient, contactId: string) {
  const predicate = ({ state }: { state: { data: unknown } }) => (state.data as Contact | undefined)?.contact_id === contactId;
  return client.getQueryCache().findAll({ queryKey: CARDS, predicate });
}

export function findContact(client: QueryClient, contactId: string): Contact | undefined {
  return cachedCards(client, contactId)[0]?.state.data as Contact | undefined;
}

/** An answer that is on its way knows nothing of what is shown from now on. */
export function stopLoading(client: QueryClient, contactId: string): void {
  for (const { queryKey } of cachedCards(client, contactId)) void client.cancelQueries({ queryKey, exact: true });
}

export function applyContact(client: QueryClient, contactId: string, change: (contact: Contact) => Contact): void {
  for (const { queryKey, state } of cachedCards(client, contactId)) {
    const before = state.data as Contact;
    const after = change(before);
    if (after === before) continue;
    client.setQueryData(queryKey, after);
    applyToRows(client, after);
    applyToConversations(client, before, after);
  }
}

/** What the server answered: the kept contact's card, for all of its ids. */
export function putContact(client: QueryClient, contact: Contact): void {
  for (const id of idsOf(contact)) {
    if (id === contact.contact_id || client.getQueryData(keys.contact(id)) !== undefined) {
      client.setQueryData(keys.contact(id), contact);
    }
  }
  applyToRows(client, contact);
}

function applyToRows(client: QueryClient, contact: Contact): void {
  const renew = (page: Page<ContactRow>): Page<ContactRow> => {
    if (!page.items.some((row) => row.contact_id === contact.contact_id)) return page;
    return { ...page, items: page.items.map((row) => (row.contact_id === contact.contact_id ? renewRow(row, contact) : row)) };
  };
  client.setQueriesData<Page<ContactRow> | { pages: Page<ContactRow>[] }>({ queryKey: keys.contacts() }, (held) => {
    if (held === undefined) return held;
    return "pages" in held ? { ...held, pages: held.pages.map(renew) } : renew(held);
  });
}

function renewRow(row: ContactRow, contact: Contact): ContactRow {
  return { ...row, display_name: contact.display_name, email: contact.email, blocked: contact.blocked_at !== null };
}

function applyToConversations(client: QueryClient, before: Contact, after: Contact): void {
  const name = before.display_name === after.display_name ? {} : { display_name: after.display_name };
  const changed = after.conversations.flatMap((each): Conversation[] => {
    const held = findConversation(client, each.chat_id) ?? each;
    const opted_out = after.opt_outs.some((one) => one.channel_id === each.channel_id);
    const next = { ...held, ...name, blocked: after.blocked_at !== null, opted_out };
    const same = next.display_name === held.display_name && next.blocked === held.blocked && next.opted_out === held.opted_out;
    return same ? [] : [next];
  });
  if (changed.length > 0) applyConversations(client, changed);
}

/** A live event's conversation in the card; undefined when the card does not have it yet. */
export function withConversation(contact: Contact, event: Conversation): Contact | undefined {
  const held = contact.conversations.find((each) => each.chat_id === event.chat_id);
  if (!held) return undefined;
  // Events know nothing of the viewer.
  const { unread, read_count, mentioned } = held;
  const next = { ...event, unread, read_count, mentioned };
  const others = contact.conversations.filter((each) => each !== held);
  const conversations = [next, ...others].sort((one, other) => (other.last_active ?? "").localeCompare(one.last_active ?? ""));
  return { ...contact, conversations };
}
