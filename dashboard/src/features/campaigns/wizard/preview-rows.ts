/** The first rows of a draft's file: from the upload's answer, else asked for. */
import { useQuery } from "@tanstack/react-query";
import type { PreviewRow } from "@/api/campaign-types";
import { campaignPath } from "@/features/campaigns/use-campaigns";
import { api } from "@/lib/http";
import { keys, queryClient } from "@/lib/query";

const key = (id: string) => [...keys.campaign(id), "rows"] as const;

export function rememberPreview(id: string, rows: PreviewRow[]): void {
  queryClient.setQueryData(key(id), rows);
}

/** Empty for a segment, and until they are there. */
export function usePreviewRows(campaign: { campaign_id: string; source: string }): PreviewRow[] {
  const query = useQuery({
    queryKey: key(campaign.campaign_id),
    queryFn: async ({ signal }) => (await api.get<{ preview: PreviewRow[] }>(`${campaignPath(campaign.campaign_id)}/preview`, undefined, { signal })).preview,
    enabled: campaign.source === "csv",
    // A file does not change; which of its problems are told does, with the mapping.
    staleTime: 60_000,
  });
  return query.data ?? [];
}
