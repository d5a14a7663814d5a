/** A contact's card from the server, kept fresh by live events, and what is done with it. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Contact } from "@/api/types";
import { showToast, type ToastOptions } from "@/components/ui/toast-store";
import { applyContact, idsOf, withConversation } from "@/features/contact-pane/contact-cache";
import { errorText } from "@/lib/error-text";
import { api } from "@/lib/http";
import { useLive } from "@/lib/live";
import { keys } from "@/lib/query";

export function useContact(contactId: string) {
  const client = useQueryClient();
  const query = useQuery({
    queryKey: keys.contact(contactId),
    queryFn: ({ signal }) => api.get<Contact>(`/api/v1/contacts/${contactId}`, undefined, { signal }),
  });
  const contact = query.data;
  const again = () => void client.invalidateQueries({ queryKey: keys.contact(contactId), exact: true });
  useLive("settings", ({ what, id }) => {
    // An event for the id itself is seen to by the application's frame; this is for the others of the card.
    if (what === "contacts" && contact && id !== null && id !== contactId && idsOf(contact).includes(id)) again();
  });
  useLive("conversation", ({ conversation }) => {
    if (!contact || !idsOf(contact).includes(conversation.contact_id)) return;
    const known = contact.conversations.some((each) => each.chat_id === conversation.chat_id);
    if (!known) again();
    else applyContact(client, contact.contact_id, (now) => withConversation(now, conversation) ?? now);
  });
  return query;
}

export interface Told {
  /** Said when the server agreed. */
  done?: string;
  undo?: ToastOptions["action"];
}

/** Runs a change and tells what became of it: false when it was refused. */
export function useTell(): (work: Promise<unknown>, told?: Told) => Promise<boolean> {
  return useMemo(() => async (work: Promise<unknown>, { done, undo }: Told = {}) => {
    try {
      await work;
      if (done !== undefined) showToast(done, undo ? { action: undo } : { tone: "success" });
      return true;
    } catch (error) {
      showToast(errorText(error), { tone: "danger" });
      return false;
    }
  }, []);
}
