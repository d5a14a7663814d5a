/** What the command bar can do, and which of it fits the words that were typed. */

import type { LucideIcon } from "lucide-react";

export interface Command {
  id: string;
  group: string;
  label: string;
  icon: LucideIcon;
  /** Further words that find it. */
  keywords?: string;
  /** A key that does the same: "alt+e". */
  hotkey?: string;
  run: () => void;
}

/** For comparing: without case and accents. */
export function fold(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

const BETWEEN = /[^\p{L}\p{N}]+/u;

/** Every word begins a word of the command; those whose label begins with the text come first. */
export function matching(commands: readonly Command[], typed: string): Command[] {
  const text = fold(typed.trim());
  if (text === "") return [...commands];
  const words = text.split(BETWEEN).filter(Boolean);
  if (words.length === 0) return [];
  return commands
    .filter((command) => {
      const own = fold(`${command.label} ${command.keywords ?? ""}`).split(BETWEEN);
      return words.every((word) => own.some((each) => each.startsWith(word)));
    })
    .sort((one, other) => Number(fold(other.label).startsWith(text)) - Number(fold(one.label).startsWith(text)));
}
