/** What a person does to conversations: shown at once, told in a toast, undone where that is natural. */

import { useMemo } from "react";
import type { Contact, Conversation, ConversationChange } from "@/api/types";
import { showToast } from "@/components/ui/toast-store";
import { applyConversations } from "@/features/conversation-list/conversation-cache";
import { changeConversation, changeConversations, inverse, markRead } from "@/features/conversation-list/conversation-changes";
import { errorText } from "@/lib/error-text";
import { api } from "@/lib/http";
import { formatDateTime, translate } from "@/lib/i18n";
import { keys, queryClient } from "@/lib/query";

const failed = (error: unknown): void => {
  showToast(errorText(error), { tone: "danger" });
};

/** What is told of a change; null for those that show by themselves. */
export function toldOf(change: ConversationChange): string | null {
  if (change.mode !== undefined) {
    return translate(change.mode === "manual" ? "list.answering_people" : "list.answering_assistant");
  }
  if (change.status === "closed") return translate("list.closed");
  if (change.status === "open") return translate("list.reopened");
  if (change.status === "snoozed") {
    if (!change.snoozed_until) return translate("list.snoozed_reply");
    return translate("list.snoozed_until", { date: formatDateTime(change.snoozed_until) });
  }
  return null;
}

function undo(run: () => Promise<void>) {
  return { label: translate("common.undo"), run: () => void run().catch(failed) };
}

async function change(conversation: Conversation, wanted: ConversationChange): Promise<void> {
  const back = inverse(conversation, wanted);
  try {
    const sent = changeConversation(conversation, wanted);
    const text = toldOf(wanted) ?? assignedText(conversation, wanted);
    const dismiss = text === null ? null : showToast(text, { action: undo(() => changeConversation(conversation, back)) });
    await sent.catch((error: unknown) => {
      dismiss?.();
      throw error;
    });
  } catch (error) {
    failed(error);
  }
}

function assignedText(before: Conversation, wanted: ConversationChange): string | null {
  if (wanted.assignee_id === undefined) return null;
  if (wanted.assignee_id === null) return translate("list.assigned_nobody");
  const people = queryClient.getQueryData<{ person_id: string; name: string }[]>(keys.people);
  const name = people?.find((person) => person.person_id === wanted.assignee_id)?.name;
  return translate("list.assigned_to", { name: name ?? before.assignee?.name ?? translate("list.assignee_me") });
}

function bulkText(wanted: ConversationChange, count: number): string {
  if (wanted.status === "closed") return translate("list.bulk_closed", { count });
  if (wanted.status === "open") return translate("list.bulk_reopened", { count });
  if (wanted.status === "snoozed") return translate("list.bulk_snoozed", { count });
  if (wanted.assignee_id !== undefined) return translate("list.bulk_assigned", { count });
  return translate("list.bulk_changed", { count });
}

/** `wanted` may differ from one to the other, as with labels that are added. */
async function changeMany(
  conversations: readonly Conversation[],
  wanted: ConversationChange | ((conversation: Conversation) => ConversationChange),
): Promise<void> {
  const changes = conversations.map((before) => ({
    before,
    change: typeof wanted === "function" ? wanted(before) : wanted,
  }));
  const first = changes[0];
  if (!first) return;
  const back = changes.map(({ before, change: each }) => ({ before, change: inverse(before, each) }));
  try {
    await changeConversations(changes);
    showToast(bulkText(first.change, changes.length), { action: undo(() => changeConversations(back)) });
  } catch (error) {
    failed(error);
  }
}

const AT_ONCE = 4;

async function readMany(conversations: readonly Conversation[]): Promise<void> {
  const unread = conversations.filter((each) => each.unread !== 0 || each.mentioned);
  const left = [...unread];
  const worker = async (): Promise<void> => {
    for (let next = left.shift(); next; next = left.shift()) await markRead(next, true);
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    showToast(translate("list.bulk_read", { count: unread.length }));
  } catch (error) {
    failed(error);
  }
}

async function block(conversation: Conversation, blocked: boolean): Promise<void> {
  const { contact_id: contactId, display_name: name } = conversation;
  applyConversations(queryClient, [{ ...conversation, blocked }]);
  try {
    const contact = await api.post<Contact | undefined>(`/api/v1/contacts/${contactId}/${blocked ? "block" : "unblock"}`, {});
    if (contact) queryClient.setQueryData(keys.contact(contactId), contact);
    void queryClient.invalidateQueries({ queryKey: keys.contact(contactId) });
    void queryClient.invalidateQueries({ queryKey: keys.counts });
    const action = undo(() => block(conversation, !blocked));
    showToast(translate(blocked ? "list.blocked" : "list.unblocked", { name }), blocked ? { action } : {});
  } catch (error) {
    applyConversations(queryClient, [conversation]);
    failed(error);
  }
}

export interface ConversationWork {
  change: (conversation: Conversation, wanted: ConversationChange) => Promise<void>;
  changeMany: typeof changeMany;
  read: (conversation: Conversation, read: boolean) => Promise<void>;
  readMany: typeof readMany;
  block: typeof block;
}

const work: ConversationWork = {
  change,
  changeMany,
  read: (conversation, read) => markRead(conversation, read).catch(failed),
  readMany,
  block,
};

/** Always the same object. */
export function useConversationChange(): ConversationWork {
  return useMemo(() => work, []);
}
