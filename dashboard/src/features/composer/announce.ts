/** What is said to people who do not see the composer. */

import { createStore } from "@/lib/store";

export const announcement = createStore<{ text: string; at: number }>({ text: "", at: 0 });

export function announce(text: string): void {
  announcement.set({ text, at: Date.now() });
}
