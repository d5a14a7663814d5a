/** What comes live, or is done here, while an answer of the server is on its way: the answer may know nothing of it. */

import type { ListFilters } from "@/features/conversation-list/filters";
import type { ConversationPages } from "@/features/conversation-list/pages";

/** Told of what a list cannot decide by itself. */
type OnUnknown = (chatId: string) => void;
export type ListChange = (pages: ConversationPages, filters: ListFilters, onUnknown?: OnUnknown) => ConversationPages;

/** Of so many conversations; of more, the latest. */
const MOST = 5_000;

const gathering = new Set<Arrivals>();

/** Gathers from when it is made until `end`: the last change of each name, in the order in which they came. */
export class Arrivals {
  private readonly changes = new Map<string, ListChange>();

  constructor() {
    gathering.add(this);
  }

  add(name: string, change: ListChange): void {
    this.changes.delete(name);
    this.changes.set(name, change);
    const [oldest] = this.changes.keys();
    if (this.changes.size > MOST && oldest !== undefined) this.changes.delete(oldest);
  }

  onto(pages: ConversationPages, filters: ListFilters, onUnknown: OnUnknown): ConversationPages {
    let current = pages;
    for (const change of this.changes.values()) current = change(current, filters, onUnknown);
    return current;
  }

  end(): void {
    gathering.delete(this);
  }
}

export function isAwaited(): boolean {
  return gathering.size > 0;
}

export function remember(name: string, change: ListChange): void {
  for (const arrivals of gathering) arrivals.add(name, change);
}
