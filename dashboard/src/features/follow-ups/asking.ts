/** Opens the dialog for a follow-up, from wherever it is asked for. */
import type { Conversation } from "@/api/types";
import { createStore, useStore } from "@/lib/store";

const asked = createStore<Conversation | null>(null);

export const openFollowUp = (conversation: Conversation): void => asked.set(conversation);
export const closeFollowUp = (): void => asked.set(null);
export const useAsked = (): Conversation | null => useStore(asked);
