/** Who else looks at the conversation, and telling them that the viewer does. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import type { LiveEvents, PersonRef } from "@/api/types";
import { api } from "@/lib/http";
import { useLive } from "@/lib/live";
import { useMe } from "@/lib/me";
import { keys } from "@/lib/query";

const REPEAT = 15_000;

type Presence = LiveEvents["presence"];

/** Whether the window is shown and in front. */
export function useIsInFront(): boolean {
  return useSyncExternalStore(subscribe, () => document.visibilityState === "visible" && document.hasFocus());
}

function subscribe(listener: () => void): () => void {
  document.addEventListener("visibilitychange", listener);
  window.addEventListener("focus", listener);
  window.addEventListener("blur", listener);
  return () => {
    document.removeEventListener("visibilitychange", listener);
    window.removeEventListener("focus", listener);
    window.removeEventListener("blur", listener);
  };
}

export function usePresence(chatId: string): { viewing: PersonRef[]; typing: PersonRef[] } {
  const client = useQueryClient();
  const me = useMe().person_id;
  const isInFront = useIsInFront();
  useLive("presence", (event) => client.setQueryData<Presence>(keys.presence(event.chat_id), event));
  useEffect(() => {
    if (!isInFront) return;
    const tell = (viewing: boolean) => {
      // Only a courtesy to others: the next one comes in 15 s.
      api.post(`/api/v1/conversations/${chatId}/presence`, { viewing, typing: false }).catch(() => undefined);
    };
    tell(true);
    const timer = setInterval(() => tell(true), REPEAT);
    return () => {
      clearInterval(timer);
      tell(false);
    };
  }, [chatId, isInFront]);
  const others = (people: PersonRef[] | undefined) => (people ?? []).filter((person) => person.person_id !== me);
  // Never fetched: only events fill it.
  const { data } = useQuery<Presence>({
    queryKey: keys.presence(chatId), queryFn: () => ({ chat_id: chatId, viewing: [], typing: [] }), enabled: false,
  });
  return { viewing: others(data?.viewing), typing: others(data?.typing) };
}
