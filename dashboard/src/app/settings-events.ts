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
  templates: [keys.templates],
  credits: [keys.credits],
  campaigns: [keys.campaigns, ["campaign"]],
  repeats: [keys.repeats],
  segments: [keys.segments, ["segment"]],
  opt_outs: [keys.optOuts],
  email_pulls: [keys.emailPulls],
};

/** Kept one by one: an event that names one is about no other. */
const OF_ONE = new Set<unknown>(["contact", "campaign", "segment"]);

/** A list that was scrolled further is not loaded anew by itself: it would be many requests, again at each event. */
const MOST_PAGES = 3;
const isShort = ({ state }: { state: { data: unknown } }) => ((state.data as { pages?: unknown[] } | undefined)?.pages?.length ?? 0) <= MOST_PAGES;

export function useSettingsEvents(): void {
  useLive("settings", ({ what, id }) => {
    for (const queryKey of CHANGED[what] ?? []) {
      const one = id !== null && OF_ONE.has(queryKey[0]);
      const predicate = queryKey[0] === "campaign" ? isShort : undefined;
      void queryClient.invalidateQueries({ queryKey: one ? [...queryKey, id] : queryKey, predicate });
    }
  });
}
