/** Who is signed in, and what they may do. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import type { Me, Role } from "@/api/types";
import { api } from "@/lib/http";
import { keys, queryClient } from "@/lib/query";

const RANK: Record<Role, number> = { viewer: 0, agent: 1, admin: 2, owner: 3 };

export const meQuery = queryOptions({
  queryKey: keys.me,
  queryFn: ({ signal }) => api.get<Me>("/api/v1/me", undefined, { signal, anonymous: true }),
  staleTime: Infinity,
});

/** The person who is signed in. Only for what is shown behind the guard, where there is one. */
export function useMe(): Me {
  const me = useQuery(meQuery).data ?? queryClient.getQueryData<Me>(keys.me);
  if (!me) throw new Error("useMe() is for people who are signed in");
  return me;
}

/** Whether the person has at least this role: viewers read, agents work, admins set up. */
export function useCan(role: Role): boolean {
  return RANK[useMe().role] >= RANK[role];
}

export function setMe(me: Me): void {
  queryClient.setQueryData(keys.me, me);
}
