/** The domain's channels, and what is known of each one's set-up. */
import { useQuery } from "@tanstack/react-query";
import type { ChannelKind } from "@/api/types";
import { api } from "@/lib/http";
import { keys, queryClient } from "@/lib/query";

export interface Channel {
  channel_id: string;
  channel: ChannelKind;
  carrier: string;
  address: string;
  state: string;
  state_reason: string | null;
  /** Messages per second. */
  rate: number;
}

export interface Setup {
  webhook_url: string;
  status_url: string;
  method: string;
  public: boolean;
  public_reason: string | null;
  last_inbound_at: string | null;
  last_status_at: string | null;
  /** Null: not known yet. */
  signature_ok: boolean | null;
  credentials_ok: boolean | null;
  problem: string | null;
  /** What the carrier asks for beside the address; null where it asks for none. */
  verify_token: string | null;
}

export function useChannels() {
  return useQuery({
    queryKey: keys.channels,
    queryFn: async ({ signal }) => (await api.get<{ items: Channel[] }>("/api/v1/channels", undefined, { signal })).items,
    staleTime: 60_000,
  });
}

const OFTEN = 3_000;

/** `listening`: asked again and again, because a message is awaited. */
export function useSetup(channelId: string, listening: boolean, enabled = true) {
  return useQuery({
    queryKey: keys.channelSetup(channelId),
    queryFn: async ({ signal }) => {
      const found = await api.get<Setup>(`/api/v1/channels/${channelId}/setup`, undefined, { signal });
      // Only a check asks the carrier: what one found stays until the next.
      const known = queryClient.getQueryData<Setup>(keys.channelSetup(channelId));
      return found.credentials_ok === null && known ? { ...found, credentials_ok: known.credentials_ok } : found;
    },
    enabled,
    refetchInterval: listening ? OFTEN : false,
  });
}

export async function check(channelId: string): Promise<Setup> {
  const found = await api.post<Setup>(`/api/v1/channels/${channelId}/check`);
  queryClient.setQueryData(keys.channelSetup(channelId), found);
  return found;
}
