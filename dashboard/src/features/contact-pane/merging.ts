/** What becomes of two contacts that are one person. */

import type { Contact } from "@/api/types";
import type { ContactChange } from "@/features/contact-pane/contact-changes";

/** Whether the contact has a name, or is called by its number. */
export function hasName(contact: Contact): boolean {
  return contact.display_name !== "" && contact.addresses.every((each) => each.address !== contact.display_name);
}

/** What the contact that goes knows and the one that stays does not; null when that is nothing. */
export function missing(kept: Contact, gone: Contact): ContactChange | null {
  const change: ContactChange = {};
  if (!hasName(kept) && hasName(gone)) change.display_name = gone.display_name;
  if (kept.email === null && gone.email !== null) change.email = gone.email;
  if (kept.language === null && gone.language !== null) change.language = gone.language;
  if (Object.keys(gone.attributes).some((name) => !(name in kept.attributes))) {
    change.attributes = { ...gone.attributes, ...kept.attributes };
  }
  return Object.keys(change).length > 0 ? change : null;
}

/** What brings the kept contact back to what it was before something was copied to it. */
export function originalOf(kept: Contact, copied: ContactChange): ContactChange {
  const change: ContactChange = {};
  if (copied.display_name !== undefined) change.display_name = hasName(kept) ? kept.display_name : null;
  if (copied.email !== undefined) change.email = kept.email;
  if (copied.language !== undefined) change.language = kept.language;
  if (copied.attributes !== undefined) change.attributes = kept.attributes;
  return change;
}

/** The card as it will be, to be looked at before. */
export function merged(kept: Contact, gone: Contact, copied: ContactChange | null): Contact {
  return {
    ...kept,
    display_name: copied?.display_name ?? kept.display_name,
    email: copied?.email ?? kept.email,
    language: copied?.language ?? kept.language,
    attributes: copied?.attributes ?? kept.attributes,
    addresses: [...kept.addresses, ...gone.addresses],
    notes: [...kept.notes, ...gone.notes],
    conversations: [...kept.conversations, ...gone.conversations],
  };
}
