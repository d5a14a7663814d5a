/** What a conversation can be started with: channels that send, assistants, types. */
import { useQuery } from "@tanstack/react-query";
import type { ChannelKind } from "@/api/types";
import { ownTypes } from "@/features/new-conversation/start";
import { api } from "@/lib/http";
import { useMe } from "@/lib/me";
import { keys } from "@/lib/query";

export interface SendingChannel {
  channel_id: string;
  channel: ChannelKind;
  address: string;
  state: string;
}

const SENDING: readonly ChannelKind[] = ["wmsg", "sms"];

/** The first active one of each kind: that is the one which the server takes. */
export function useSendingChannels() {
  return useQuery({
    queryKey: keys.channels,
    queryFn: async ({ signal }) => (await api.get<{ items: SendingChannel[] }>("/api/v1/channels", undefined, { signal })).items,
    staleTime: 60_000,
    select: (channels) => {
      const active = channels.filter((each) => each.state === "active");
      return SENDING.flatMap((kind) => active.find((each) => each.channel === kind) ?? []);
    },
  });
}

interface NamedAssistant {
  assistant_id: string;
  name: string;
  is_default: boolean;
}

export function useAssistantNames(): readonly NamedAssistant[] {
  return useQuery({
    queryKey: keys.assistants,
    queryFn: async ({ signal }) => (await api.get<{ items: NamedAssistant[] }>("/api/v1/assistants", undefined, { signal })).items,
  }).data ?? [];
}

export function useOwnTypes(): readonly string[] {
  const { domain } = useMe();
  const found = useQuery({
    queryKey: keys.domain(domain),
    queryFn: ({ signal }) => api.get<{ settings: Record<string, unknown> }>(`/api/v1/domains/${encodeURIComponent(domain)}`, undefined, { signal }),
  });
  return ownTypes(found.data?.settings);
}
