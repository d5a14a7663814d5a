/** How many conversations hold something unread, for the navigation and the window's title. */
import { useQuery } from "@tanstack/react-query";
import type { Counts } from "@/api/types";
import { api } from "@/lib/http";
import { keys } from "@/lib/query";

export function useUnread(): number {
  const counts = useQuery({
    queryKey: keys.counts,
    queryFn: ({ signal }) => api.get<Counts>("/api/v1/conversations/counts", undefined, { signal }),
  });
  return counts.data?.unread ?? 0;
}
