/** Templates from the server. */

import { useQuery } from "@tanstack/react-query";
import type { Template } from "@/api/outreach-types";
import type { Page } from "@/api/types";
import { api } from "@/lib/http";
import { keys } from "@/lib/query";

/** All of the domain's, whatever their state. */
export function useTemplates() {
  return useQuery({
    queryKey: keys.templates,
    queryFn: ({ signal }) => all("/api/v1/templates", {}, signal),
  });
}

/** Those that can be sent on a channel. */
export function useApprovedTemplates(channelId: string | undefined) {
  return useQuery({
    queryKey: [...keys.templates, "approved", channelId],
    queryFn: ({ signal }) => all("/api/v1/templates", { channel_id: channelId, status: "approved" }, signal),
    enabled: channelId !== undefined,
  });
}

/** Those that can be sent in a conversation. */
export function useChatTemplates(chatId: string) {
  return useQuery({
    queryKey: keys.chatTemplates(chatId),
    queryFn: ({ signal }) => all(`/api/v1/conversations/${chatId}/templates`, {}, signal),
  });
}

const MOST_PAGES = 20;

async function all(path: string, params: Record<string, string | undefined>, signal: AbortSignal): Promise<Template[]> {
  const items: Template[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer: Page<Template> = await api.get(path, { ...params, cursor }, { signal });
    items.push(...answer.items);
    cursor = answer.next;
    if (!cursor) break;
  }
  return items;
}
