/** The drafts of this page. */

import { useSyncExternalStore } from "react";
import { DraftStore, type Draft } from "@/features/composer/draft-store";
import { uploads } from "@/features/uploads/uploads";
import { local, onStoredElsewhere } from "@/lib/storage";

export const drafts = new DraftStore(local, uploads);

drafts.prune();
onStoredElsewhere((key) => drafts.changedElsewhere(key));
addEventListener("pagehide", () => drafts.flush());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") drafts.flush();
});

export function useDraft(personId: string, chatId: string): Draft {
  return useSyncExternalStore(drafts.subscribe, () => drafts.get(personId, chatId));
}
