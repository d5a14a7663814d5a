/** What someone changes in the settings shows in every window. */
import { useLive } from "@/lib/live";
import { keys, queryClient } from "@/lib/query";

const CHANGED: Record<string, readonly (readonly unknown[])[]> = {
  labels: [keys.labels],
  teams: [keys.teams],
  canned_replies: [keys.cannedReplies],
  views: [keys.views],
  people: [keys.people, keys.me],
  assistants: [keys.assistants],
  channels: [keys.channels, ["channel-setup"], ["limits"]],
  domain: [["domain"], ["metadata"], keys.me],
  contacts: [keys.contacts(), ["contact"]],
  documents: [keys.documents],
};

export function useSettingsEvents(): void {
  useLive("settings", ({ what, id }) => {
    for (const queryKey of CHANGED[what] ?? []) {
      const one = what === "contacts" && id !== null && queryKey[0] === "contact";
      void queryClient.invalidateQueries({ queryKey: one ? [...queryKey, id] : queryKey });
    }
  });
}
