/** The small lists of a domain that several features show: labels, teams, people, canned replies, views. */
import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import type { Segment } from "@/api/campaign-types";
import type { CannedReply, Label, Page, Person, Team, View } from "@/api/types";
import { api } from "@/lib/http";
import { keys } from "@/lib/query";

export const useLabels = () => useAll<Label>(keys.labels, "/api/v1/labels");
export const useTeams = () => useAll<Team>(keys.teams, "/api/v1/teams");
export const usePeople = () => useAll<Person>(keys.people, "/api/v1/people");
export const useCannedReplies = () => useAll<CannedReply>(keys.cannedReplies, "/api/v1/canned-replies");
export const useSegments = () => useAll<Segment>(keys.segments, "/api/v1/segments");
export const useViews = () => useAll<View>(keys.views, "/api/v1/views");

/** The items; `data` is undefined until they are there. The cache holds a plain list. */
function useAll<Item>(queryKey: readonly string[], path: string): UseQueryResult<Item[]> {
  return useQuery({
    queryKey,
    queryFn: async ({ signal }) => (await api.get<Page<Item>>(path, undefined, { signal })).items,
    staleTime: 5 * 60_000,
  });
}
