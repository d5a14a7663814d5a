/** Changes of conversations by the viewer: shown at once, sent in order, taken back when the server refuses. */

import type { QueryClient } from "@tanstack/react-query";
import type { Conversation, ConversationChange, Label, Me, Person, Team } from "@/api/types";
import { applyConversations, applyRead, findConversation } from "@/features/conversation-list/conversation-cache";
import { api } from "@/lib/http";
import { keys, queryClient } from "@/lib/query";

export type Field = keyof ConversationChange;

/** The names to show for the ids of a change, from the lists that are cached. */
function personOf(client: QueryClient, id: string): Conversation["assignee"] {
  const me = client.getQueryData<Me>(keys.me);
  if (me?.person_id === id) return { person_id: id, name: me.name, email: me.email };
  const found = client.getQueryData<Person[]>(keys.people)?.find((person) => person.person_id === id);
  return found ? { person_id: id, name: found.name, email: found.email } : { person_id: id, name: "…", email: "" };
}

function teamOf(client: QueryClient, id: string): Conversation["team"] {
  const found = client.getQueryData<Team[]>(keys.teams)?.find((team) => team.team_id === id);
  return { team_id: id, name: found?.name ?? "…" };
}

function labelsOf(client: QueryClient, before: Conversation, ids: readonly string[]): Label[] {
  const all = [...(client.getQueryData<Label[]>(keys.labels) ?? []), ...before.labels];
  return ids.flatMap((id) => all.find((label) => label.label_id === id) ?? []);
}

/** What the conversation will be when the server agrees. */
export function predicted(client: QueryClient, before: Conversation, change: ConversationChange, now: Date): Conversation {
  const after = { ...before };
  // Who takes over, hands back or closes has looked.
  if (change.mode !== undefined || change.status === "closed") after.needs_people = false;
  if (change.mode !== undefined && change.mode !== before.mode) {
    const me = client.getQueryData<Me>(keys.me);
    after.mode = change.mode;
    after.mode_changed_at = now.toISOString();
    after.mode_changed_by = me ? personOf(client, me.person_id) : null;
  }
  if (change.status !== undefined) {
    after.status = change.status;
    after.snoozed_until = change.status === "snoozed" ? (change.snoozed_until ?? null) : null;
  }
  if (change.assignee_id !== undefined) {
    after.assignee = change.assignee_id === null ? null : personOf(client, change.assignee_id);
  }
  if (change.team_id !== undefined) after.team = change.team_id === null ? null : teamOf(client, change.team_id);
  if (change.priority !== undefined) after.priority = change.priority;
  if (change.labels !== undefined) after.labels = labelsOf(client, before, change.labels);
  return after;
}

/** The change that brings back what was. */
export function inverse(before: Conversation, change: ConversationChange): ConversationChange {
  const back: ConversationChange = {};
  if (change.mode !== undefined) back.mode = before.mode;
  if (change.status !== undefined) {
    back.status = before.status;
    if (before.status === "snoozed") back.snoozed_until = before.snoozed_until;
  }
  if (change.assignee_id !== undefined) back.assignee_id = before.assignee?.person_id ?? null;
  if (change.team_id !== undefined) back.team_id = before.team?.team_id ?? null;
  if (change.priority !== undefined) back.priority = before.priority;
  if (change.labels !== undefined) back.labels = before.labels.map((label) => label.label_id);
  return back;
}

/** The fields of a change back to what they were; what came live in between stays. */
function rolledBack(now: Conversation, before: Conversation, change: ConversationChange): Conversation {
  const back = { ...now };
  if (change.mode !== undefined) {
    Object.assign(back, { mode: before.mode, mode_changed_at: before.mode_changed_at, mode_changed_by: before.mode_changed_by });
  }
  if (change.status !== undefined) Object.assign(back, { status: before.status, snoozed_until: before.snoozed_until });
  if (change.mode !== undefined || change.status !== undefined) back.needs_people = before.needs_people;
  if (change.assignee_id !== undefined) back.assignee = before.assignee;
  if (change.team_id !== undefined) back.team = before.team;
  if (change.priority !== undefined) back.priority = before.priority;
  if (change.labels !== undefined) back.labels = before.labels;
  return back;
}

/** The last request of each conversation: the next one waits for it, so that they arrive in order. */
const lastOf = new Map<string, Promise<unknown>>();

async function inOrder<Result>(chatId: string, send: () => Promise<Result>): Promise<{ result: Result; latest: boolean }> {
  const sent = (lastOf.get(chatId) ?? Promise.resolve()).then(send, send);
  lastOf.set(chatId, sent);
  try {
    const result = await sent;
    return { result, latest: lastOf.get(chatId) === sent };
  } finally {
    if (lastOf.get(chatId) === sent) lastOf.delete(chatId);
  }
}

export async function changeConversation(
  before: Conversation,
  change: ConversationChange,
  client: QueryClient = queryClient,
): Promise<void> {
  const { chat_id: chatId } = before;
  applyConversations(client, [predicted(client, findConversation(client, chatId) ?? before, change, new Date())]);
  try {
    const path = `/api/v1/conversations/${chatId}`;
    const { result, latest } = await inOrder(chatId, () => api.patch<Conversation>(path, change));
    // A later change is shown already; the answer to an earlier one must not flash.
    if (latest) applyConversations(client, [result]);
    void client.invalidateQueries({ queryKey: keys.counts });
  } catch (error) {
    applyConversations(client, [rolledBack(findConversation(client, chatId) ?? before, before, change)]);
    throw error;
  }
}

const BULK_LIMIT = 100;

function chunks<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
}

/** Each conversation with its own change; those with the same change go in one request. */
export async function changeConversations(
  changes: readonly { before: Conversation; change: ConversationChange }[],
  client: QueryClient = queryClient,
): Promise<void> {
  const now = new Date();
  applyConversations(client, changes.map(({ before, change }) => predicted(client, before, change, now)));
  const alike = new Map<string, { before: Conversation; change: ConversationChange }[]>();
  for (const each of changes) {
    const name = JSON.stringify(each.change);
    alike.set(name, [...(alike.get(name) ?? []), each]);
  }
  const requests = [...alike.values()].flatMap((group) => chunks(group, BULK_LIMIT));
  const refusals: unknown[] = [];
  for (const group of requests) {
    try {
      const chat_ids = group.map(({ before }) => before.chat_id);
      await api.post("/api/v1/conversations/bulk", { chat_ids, change: group[0]?.change });
    } catch (error) {
      refusals.push(error);
      applyConversations(client, group.map(({ before, change }) => {
        return rolledBack(findConversation(client, before.chat_id) ?? before, before, change);
      }));
    }
  }
  void client.invalidateQueries({ queryKey: keys.counts });
  if (refusals.length > 0) throw refusals[0];
}

export async function markRead(conversation: Conversation, read: boolean, client: QueryClient = queryClient): Promise<void> {
  const { chat_id: chatId, inbound_count: count, read_count: before } = conversation;
  applyRead(client, chatId, read ? count : Math.max(0, count - 1));
  try {
    const path = `/api/v1/conversations/${chatId}/${read ? "read" : "unread"}`;
    const answer = await api.post<{ read_count: number }>(path, {});
    applyRead(client, chatId, answer.read_count);
    void client.invalidateQueries({ queryKey: keys.counts });
  } catch (error) {
    if (before !== null) applyRead(client, chatId, before);
    throw error;
  }
}
