/** What the list is narrowed to: as it stands in the address bar, in the API's query, and against one conversation. */

import type { ChannelKind, Conversation, ConversationStatus, Mode, Priority } from "@/api/types";

export const CHANNELS: readonly ChannelKind[] = ["wmsg", "sms", "wvoice", "phone"];
export const PRIORITIES: readonly Priority[] = ["urgent", "high", "normal", "low"];
export const STATUSES: readonly ConversationStatus[] = ["open", "snoozed", "closed"];
const MODES: readonly Mode[] = ["assistant", "manual"];

/** As in the address bar. Without a status the list is of open conversations. */
export interface ListFilters {
  status?: ConversationStatus | "all";
  /** me, none, any, or a person's id. */
  assignee?: string;
  team?: string;
  label?: string;
  channel?: ChannelKind;
  priority?: Priority;
  mode?: Mode;
  unread?: true;
  mentions?: true;
  needs_people?: true;
  blocked?: true;
  q?: string;
}

export type FilterName = keyof ListFilters;
export type Flag = "unread" | "mentions" | "needs_people" | "blocked";
export const FLAGS: readonly Flag[] = ["unread", "mentions", "needs_people", "blocked"];
export type Tab = "mine" | "unassigned" | "all";

function text(value: unknown): string | undefined {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value !== "string") return undefined;
  return value.trim() === "" ? undefined : value;
}

function oneOf<Value extends string>(value: unknown, allowed: readonly Value[]): Value | undefined {
  return allowed.find((candidate) => candidate === value);
}

/** Reads an address's search; what is not understood is left out, so that an old link never breaks the page. */
export function parseFilters(search: Record<string, unknown>): ListFilters {
  const found: ListFilters = {
    status: oneOf(search.status, [...STATUSES, "all"] as const),
    assignee: text(search.assignee),
    team: text(search.team),
    label: text(search.label),
    channel: oneOf(search.channel, CHANNELS),
    priority: oneOf(search.priority, PRIORITIES),
    mode: oneOf(search.mode, MODES),
    q: text(search.q),
  };
  for (const flag of FLAGS) if (search[flag] === true || search[flag] === "true") found[flag] = true;
  if (found.status === "open") delete found.status;
  return withoutEmpty(found);
}

function withoutEmpty(filters: ListFilters): ListFilters {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined));
}

/** The filters with one changed; undefined takes it away. */
export function withFilter<Name extends FilterName>(
  filters: ListFilters,
  name: Name,
  value: ListFilters[Name] | undefined,
): ListFilters {
  return withoutEmpty({ ...filters, [name]: value });
}

/** The same in every order of keys: the API's query, without cursor and limit. */
export function toQuery(filters: ListFilters): Record<string, string> {
  const status = filters.status ?? "open";
  const query: Record<string, string> = status === "all" ? {} : { status };
  for (const name of Object.keys(filters).sort() as FilterName[]) {
    const value = filters[name];
    if (name !== "status" && value !== undefined) query[name] = String(value).trim();
  }
  return query;
}

/** What a saved view stands for in the address bar. */
export function fromView(saved: Record<string, string>): ListFilters {
  return parseFilters({ ...saved, status: saved.status ?? "all" });
}

export function sameFilters(one: ListFilters, other: ListFilters): boolean {
  const keys = (query: Record<string, string>) => JSON.stringify(Object.entries(query).sort());
  return keys(toQuery(one)) === keys(toQuery(other));
}

export function tabOf(filters: ListFilters): Tab {
  if (filters.assignee === "me") return "mine";
  return filters.assignee === "none" ? "unassigned" : "all";
}

/** Another tab keeps the other filters. */
export function withTab(filters: ListFilters, tab: Tab): ListFilters {
  const assignee = { mine: "me", unassigned: "none", all: undefined }[tab];
  return withFilter(filters, "assignee", assignee);
}

/** The filters that show as chips: tabs, search and the usual status have their own place. */
export function chipsOf(filters: ListFilters): FilterName[] {
  return (Object.keys(filters) as FilterName[]).filter((name) => {
    if (name === "q" || name === "status") return false;
    return name !== "assignee" || !["me", "none"].includes(filters.assignee ?? "");
  });
}

/** Whether anything beyond the tab narrows the list. */
export function isNarrowed(filters: ListFilters): boolean {
  return filters.q !== undefined || filters.status !== undefined || chipsOf(filters).length > 0;
}

/** Only the tab is left. */
export function cleared(filters: ListFilters): ListFilters {
  return withTab({}, tabOf(filters));
}

function fitsAssignee(conversation: Conversation, wanted: string, me: string): boolean {
  const assignee = conversation.assignee?.person_id ?? null;
  if (wanted === "none") return assignee === null;
  if (wanted === "any") return assignee !== null;
  return assignee === (wanted === "me" ? me : wanted);
}

/**
 * Whether a conversation belongs in a list. Null when only the server can tell:
 * a search's words are matched there, and an event does not say what the viewer has read.
 */
export function fits(conversation: Conversation, filters: ListFilters, me: string): boolean | null {
  const status = filters.status ?? "open";
  const known =
    (status === "all" || conversation.status === status) &&
    (filters.assignee === undefined || fitsAssignee(conversation, filters.assignee, me)) &&
    (filters.team === undefined || conversation.team?.team_id === filters.team) &&
    (filters.label === undefined || conversation.labels.some((label) => label.label_id === filters.label)) &&
    (filters.channel === undefined || conversation.channel === filters.channel) &&
    (filters.priority === undefined || conversation.priority === filters.priority) &&
    (filters.mode === undefined || conversation.mode === filters.mode) &&
    (filters.needs_people === undefined || conversation.needs_people) &&
    conversation.blocked === (filters.blocked ?? false);
  if (!known) return false;
  if (filters.unread && conversation.unread === 0) return false;
  if (filters.q !== undefined) return null;
  // Mentions that were seen are in the list too, and only the server knows of those.
  if (filters.mentions && !conversation.mentioned) return null;
  return filters.unread && conversation.unread === null ? null : true;
}
