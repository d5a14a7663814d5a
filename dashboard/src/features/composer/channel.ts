/** What the composer needs to know of the conversation's channel and contact. */

import { queryOptions, useQuery } from "@tanstack/react-query";
import type { Contact, Conversation, Limits } from "@/api/types";
import type { VariableValues } from "@/features/composer/variables";
import { api } from "@/lib/http";
import { useMe } from "@/lib/me";
import { keys } from "@/lib/query";

interface ChannelState {
  channel_id: string;
  state: string;
  state_reason: string | null;
}

export const limitsQuery = (chatId: string, channelId: string) =>
  queryOptions({
    queryKey: keys.limits(chatId),
    queryFn: ({ signal }) => api.get<Limits>(`/api/v1/channels/${channelId}/limits`, undefined, { signal }),
    staleTime: 10 * 60_000,
  });

export function useChannelState(channelId: string): ChannelState | undefined {
  const channels = useQuery({
    queryKey: keys.channels,
    queryFn: async ({ signal }) => (await api.get<{ items: ChannelState[] }>("/api/v1/channels", undefined, { signal })).items,
    staleTime: 60_000,
  });
  return channels.data?.find((each) => each.channel_id === channelId);
}

/** The values of variables; null until they are known, or while none is asked for. */
export function useVariableValues(conversation: Conversation, wanted: boolean): VariableValues | null {
  const me = useMe();
  const contact = useQuery({
    queryKey: keys.contact(conversation.contact_id),
    queryFn: ({ signal }) => api.get<Contact>(`/api/v1/contacts/${conversation.contact_id}`, undefined, { signal }),
    enabled: wanted,
  }).data;
  if (!contact) return null;
  return {
    contact: {
      name: contact.display_name,
      phone: conversation.phone_number,
      email: contact.email ?? "",
      attributes: contact.attributes,
    },
    agent: { name: me.name || me.email },
    business: { name: me.domain_display_name || me.domain },
  };
}
