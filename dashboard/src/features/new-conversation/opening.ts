/** Opens the dialog for a new conversation, from wherever it is asked for. */
import { createStore, useStore } from "@/lib/store";

/** What is known already. */
export interface Beginning {
  phoneNumber?: string;
  name?: string;
  email?: string;
}

const beginning = createStore<Beginning | null>(null);

export const openNewConversation = (known: Beginning = {}): void => beginning.set(known);
export const closeNewConversation = (): void => beginning.set(null);
export const useBeginning = (): Beginning | null => useStore(beginning);
