/** What the text before the caret asks for: `/` a canned reply, `@` a person. */

import type { CannedReply, PersonRef } from "@/api/types";

export interface Trigger {
  sign: "/" | "@";
  query: string;
  /** Place of the sign. */
  start: number;
  end: number;
}

/** A sign counts at the start of a word only, so that addresses and paths are left alone. */
export function triggerAt(text: string, caret: number, note: boolean): Trigger | null {
  const before = text.slice(0, caret);
  const slash = /(?:^|\s)(\/([^\s/]{0,40}))$/u.exec(before);
  if (slash) return { sign: "/", query: slash[2] ?? "", start: caret - (slash[1]?.length ?? 0), end: caret };
  if (!note) return null;
  const at = /(?:^|[\s(])(@([^\s@]{0,40}))$/u.exec(before);
  if (at) return { sign: "@", query: at[2] ?? "", start: caret - (at[1]?.length ?? 0), end: caret };
  return null;
}

const plain = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** Best first: the shortcut begins so, then the title, then either holds it, then the text. */
export function matchingReplies(replies: readonly CannedReply[], query: string, most = 50): CannedReply[] {
  const wanted = plain(query);
  const rank = (reply: CannedReply): number => {
    if (plain(reply.shortcut).startsWith(wanted)) return 0;
    if (plain(reply.title).startsWith(wanted)) return 1;
    if (plain(`${reply.shortcut} ${reply.title}`).includes(wanted)) return 2;
    return plain(reply.content).includes(wanted) ? 3 : 4;
  };
  return replies
    .map((reply) => ({ reply, rank: rank(reply) }))
    .filter((each) => each.rank < 4)
    .sort((one, other) => one.rank - other.rank || one.reply.shortcut.localeCompare(other.reply.shortcut))
    .slice(0, most)
    .map((each) => each.reply);
}

export function matchingPeople<Person extends PersonRef>(people: readonly Person[], query: string, most = 8): Person[] {
  const wanted = plain(query);
  return people
    .filter((person) => plain(person.name).split(/\s+/).some((word) => word.startsWith(wanted)) || plain(person.email).startsWith(wanted))
    .slice(0, most);
}

/** The mentioned people whose names still stand in the text. */
export function mentioned(text: string, people: readonly PersonRef[]): PersonRef[] {
  return people.filter((person) => text.includes(`@${nameOf(person)}`));
}

export const nameOf = (person: PersonRef): string => person.name || person.email;

/** The text with something put in the place of the trigger, and where the caret then stands. */
export function insert(text: string, start: number, end: number, inserted: string): { text: string; caret: number } {
  return { text: text.slice(0, start) + inserted + text.slice(end), caret: start + inserted.length };
}
