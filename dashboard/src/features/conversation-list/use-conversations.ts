/** The list from the server, page by page, and how many there are. */

import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Conversation, Counts, Page } from "@/api/types";
import { findConversation } from "@/features/conversation-list/conversation-cache";
import { type ListFilters, sameFilters, fromView, toQuery, withFilter } from "@/features/conversation-list/filters";
import { flatten } from "@/features/conversation-list/pages";
import { api } from "@/lib/http";
import { keys } from "@/lib/query";

const PAGE = 50;
/** Live events keep lists fresh, also those that are not shown. */
const FRESH_MS = 5 * 60_000;

export function useConversations(filters: ListFilters, enabled = true) {
  const query = toQuery(filters);
  const result = useInfiniteQuery({
    queryKey: keys.conversations(query),
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<Conversation>>("/api/v1/conversations", { ...query, cursor: pageParam, limit: PAGE }, { signal }),
    enabled,
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    staleTime: FRESH_MS,
    // While words are typed the last results stay; another tab's conversations would mislead.
    placeholderData: (previous, before) => {
      const old = before?.queryKey[1];
      const same = old && sameFilters(withFilter(fromView(old), "q", undefined), withFilter(filters, "q", undefined));
      return same ? previous : undefined;
    },
  });
  const items = useMemo(() => flatten(result.data?.pages), [result.data]);
  return { ...result, items };
}

export function useCounts(): Counts | undefined {
  return useQuery({
    queryKey: keys.counts,
    queryFn: ({ signal }) => api.get<Counts>("/api/v1/conversations/counts", undefined, { signal }),
  }).data;
}

/** The conversation, shown at once with what a list knows of it. */
export function useOneConversation(chatId: string | undefined): Conversation | undefined {
  const client = useQueryClient();
  return useQuery<Conversation>({
    queryKey: keys.conversation(chatId ?? ""),
    queryFn: ({ signal }) => api.get<Conversation>(`/api/v1/conversations/${chatId}`, undefined, { signal }),
    enabled: chatId !== undefined,
    placeholderData: chatId === undefined ? undefined : () => findConversation(client, chatId),
  }).data;
}
