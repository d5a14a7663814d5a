/** The domain of the session: read, and changed field by field. */
import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { useCallback } from "react";
import { api } from "@/lib/http";
import { useMe } from "@/lib/me";
import { keys, queryClient } from "@/lib/query";

export interface Domain {
  name: string;
  display_name: string;
  default_assistant_id: string | null;
  settings: Record<string, unknown>;
  created_at: string;
}

/** Settings are merged: null takes one away. */
export interface DomainChange {
  display_name?: string;
  default_assistant_id?: string;
  settings?: Record<string, unknown>;
}

export function useDomain(): UseQueryResult<Domain> {
  const { domain } = useMe();
  return useQuery({
    queryKey: keys.domain(domain),
    queryFn: ({ signal }) => api.get<Domain>(`/api/v1/domains/${encodeURIComponent(domain)}`, undefined, { signal }),
  });
}

export function useDomainChange(): (change: DomainChange) => Promise<Domain> {
  const { domain } = useMe();
  return useCallback(
    async (change) => {
      const changed = await api.put<Domain>(`/api/v1/domains/${encodeURIComponent(domain)}`, change);
      queryClient.setQueryData(keys.domain(domain), changed);
      return changed;
    },
    [domain],
  );
}
