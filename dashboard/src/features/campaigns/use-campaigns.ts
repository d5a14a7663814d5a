/** Campaigns from the server: the list, one of them, its recipients, and what is done with them. */
import { useInfiniteQuery, useMutation, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Campaign, CampaignChange, CheckReport, Recipient } from "@/api/campaign-types";
import type { Page } from "@/api/types";
import { freshFor } from "@/features/campaigns/funnel";
import { api, query } from "@/lib/http";
import { keys, queryClient } from "@/lib/query";

const PAGE = 100;
/** A list that was scrolled further is not loaded anew by itself: it would be many requests. */
const MOST_PAGES_AGAIN = 3;

export const campaignPath = (id: string) => `/api/v1/campaigns/${id}`;

export function useCampaigns() {
  return useInfiniteQuery({
    queryKey: keys.campaigns,
    queryFn: ({ pageParam, signal }) => api.get<Page<Campaign>>("/api/v1/campaigns", { cursor: pageParam, limit: 50 }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchInterval: ({ state }) => {
      const times = (state.data?.pages ?? []).flatMap((page) => page.items.map((each) => freshFor(each))).filter((each) => each !== false);
      return times.length > 0 ? Math.min(...times) : false;
    },
  });
}

export function useCampaign(id: string) {
  return useQuery<Campaign>({
    queryKey: keys.campaign(id),
    queryFn: ({ signal }) => api.get<Campaign>(campaignPath(id), undefined, { signal }),
    refetchInterval: ({ state }) => (state.data ? freshFor(state.data) : false),
    // The list has the same: shown until the newest is there.
    placeholderData: () =>
      queryClient.getQueryData<{ pages: Page<Campaign>[] }>(keys.campaigns)?.pages.flatMap((page) => page.items).find((each) => each.campaign_id === id),
  });
}

export function useRecipients(campaign: Campaign, status: string, q: string) {
  const result = useInfiniteQuery({
    queryKey: [...keys.campaign(campaign.campaign_id), "recipients", { status, q }],
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<Recipient>>(`${campaignPath(campaign.campaign_id)}/recipients`, { status, q, cursor: pageParam, limit: PAGE }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: (previous) => previous,
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) <= MOST_PAGES_AGAIN ? freshFor(campaign) : false),
  });
  const items = useMemo(() => result.data?.pages.flatMap((page) => page.items) ?? [], [result.data]);
  return { ...result, items };
}

export const recipientsCsv = (id: string, status: string, q: string) => `${campaignPath(id)}/recipients.csv${query({ status, q })}`;

/** What the server answered is shown at once, and the list asks again. */
export function putCampaign(campaign: Campaign): void {
  queryClient.setQueryData(keys.campaign(campaign.campaign_id), campaign);
  void queryClient.invalidateQueries({ queryKey: keys.campaigns });
}

export function useCampaignChange(id: string) {
  return useMutation({
    mutationFn: (change: CampaignChange) => api.patch<Campaign>(campaignPath(id), change),
    onSuccess: putCampaign,
  });
}

export type Step = "start" | "pause" | "resume" | "cancel";

export function useCampaignStep(id: string) {
  return useMutation({
    mutationFn: ({ step, body }: { step: Step; body?: { start_at: string | null } }) => api.post<Campaign>(`${campaignPath(id)}/${step}`, body ?? {}),
    onSuccess: (campaign) => {
      putCampaign(campaign);
      void queryClient.invalidateQueries({ queryKey: keys.campaign(id) });
    },
  });
}

/** A dry run: asked anew each time, because people leave and credit is spent. */
export function useCheck(campaign: Campaign) {
  return useQuery({
    queryKey: [...keys.campaign(campaign.campaign_id), "check"],
    queryFn: ({ signal }) => api.post<CheckReport>(`${campaignPath(campaign.campaign_id)}/check`, {}, { signal }),
    enabled: campaign.status !== "importing",
    staleTime: 0,
    gcTime: 0,
  });
}
