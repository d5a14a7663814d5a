/** The conversation that is open, from the cache, kept fresh by events. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import type { Conversation, Limits } from "@/api/types";
import { api } from "@/lib/http";
import { useLive } from "@/lib/live";
import { keys } from "@/lib/query";

export function useConversation(chatId: string) {
  const client = useQueryClient();
  useLive("conversation", ({ conversation }) => {
    client.setQueryData<Conversation>(
      keys.conversation(conversation.chat_id),
      (held) => held && withEvent(held, conversation),
    );
  });
  useLive("read", ({ chat_id, read_count }) => {
    client.setQueryData<Conversation>(keys.conversation(chat_id), (held) => held && withRead(held, read_count));
  });
  return useQuery({
    queryKey: keys.conversation(chatId),
    queryFn: ({ signal }) => api.get<Conversation>(`/api/v1/conversations/${chatId}`, undefined, { signal }),
  });
}

/** An event knows nothing of the viewer: that stays. */
export function withEvent(held: Conversation, event: Conversation): Conversation {
  const read_count = event.read_count ?? held.read_count;
  return {
    ...event,
    read_count,
    unread: event.unread ?? Math.max(0, event.inbound_count - (read_count ?? 0)),
    mentioned: event.mentioned ?? held.mentioned,
  };
}

export function withRead(held: Conversation, read_count: number): Conversation {
  const unread = Math.max(0, held.inbound_count - read_count);
  return { ...held, read_count, unread, mentioned: unread === 0 ? false : held.mentioned };
}

export function useLimits(chatId: string, channelId: string | undefined): Limits | undefined {
  return useQuery({
    queryKey: keys.limits(chatId),
    queryFn: ({ signal }) => api.get<Limits>(`/api/v1/channels/${channelId}/limits`, undefined, { signal }),
    enabled: channelId !== undefined,
    staleTime: Infinity,
  }).data;
}

const READ_EVERY = 2000;

/** Tells the server that everything is read, when it is: shown, in front, and at the end. */
export function useMarkRead(chatId: string, isSeen: boolean, unread: number, newest: string | null): void {
  const client = useQueryClient();
  const last = useRef(0);
  useEffect(() => {
    if (!isSeen || unread === 0) return;
    const wait = Math.max(0, last.current + READ_EVERY - Date.now());
    const timer = setTimeout(() => {
      last.current = Date.now();
      api.post<{ read_count: number }>(`/api/v1/conversations/${chatId}/read`, {}).then(
        ({ read_count }) => client.setQueryData<Conversation>(
          keys.conversation(chatId), (held) => held && withRead(held, read_count),
        ),
        () => undefined, // Said again with the next message, or when looked at again.
      );
    }, wait);
    return () => clearTimeout(timer);
  }, [client, chatId, isSeen, unread, newest]);
}
