/** The emoji of the picker: parsed, searched, and those used last. */

import catalogue from "@/features/composer/emoji.json";
import { local } from "@/lib/storage";

export interface Emoji {
  sign: string;
  /** Its name, and after a bar other words for it. */
  words: string;
}

const RECENT = "emoji.recent";
const MOST_RECENT = 27;

/** By category; a line of the file is the emoji, a space, and its words. */
export const emojiByCategory: readonly { name: string; emoji: readonly Emoji[] }[] = Object.entries(catalogue).map(([name, lines]) => ({
  name,
  emoji: lines.map((line) => {
    const space = line.indexOf(" ");
    return { sign: line.slice(0, space), words: line.slice(space + 1) };
  }),
}));

const all = emojiByCategory.flatMap((category) => category.emoji);

/** Those of which every word is the beginning of one of theirs. */
export function findEmoji(query: string): Emoji[] {
  const wanted = query.toLowerCase().split(/[\s:_]+/).filter(Boolean);
  if (wanted.length === 0) return [];
  const found = all.filter((each) => {
    const words = each.words.split(/[\s|]+/);
    return each.sign === query.trim() || wanted.every((word) => words.some((one) => one.startsWith(word)));
  });
  // What begins with the first word comes first: a heart before a face with hearts.
  const rank = (each: Emoji) => (each.words.startsWith(wanted[0] ?? "") ? 0 : 1);
  return found.sort((one, other) => rank(one) - rank(other));
}

export function recentEmoji(): Emoji[] {
  return local.get<string[]>(RECENT, []).flatMap((sign) => all.find((each) => each.sign === sign) ?? []);
}

export function rememberEmoji(sign: string): void {
  const others = local.get<string[]>(RECENT, []).filter((each) => each !== sign);
  local.set(RECENT, [sign, ...others].slice(0, MOST_RECENT));
}

export const nameOfEmoji = (emoji: Emoji): string => emoji.words.split(" | ")[0] ?? emoji.words;
