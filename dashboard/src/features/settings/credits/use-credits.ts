/** The domain's credit: balance, entries, days, months and prices. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type { CreditDay, CreditReport, Credits, LedgerKind, Prices } from "@/api/outreach-types";
import { api } from "@/lib/http";
import { useMe } from "@/lib/me";
import { keys } from "@/lib/query";

const PAGE = 50;

/** Where the API has what is this domain's. */
export function useDomainPath(): string {
  return `/api/v1/domains/${encodeURIComponent(useMe().domain)}`;
}

export function useCredits() {
  const path = useDomainPath();
  return useQuery({
    queryKey: [...keys.credits, "balance"],
    queryFn: ({ signal }) => api.get<Credits>(`${path}/credits`, { limit: 1 }, { signal }),
  });
}

export interface StatementFilter {
  kind: LedgerKind | null;
  /** Days as they are typed: "2026-11-21", or "". */
  from: string;
  to: string;
}

/** The moments that two days go from and to: midnight here, the last day with all of it. */
export function periodOf({ from, to }: Pick<StatementFilter, "from" | "to">): { from: string | null; to: string | null } {
  const midnight = (day: string, later: number) => {
    if (day === "") return null;
    const at = new Date(`${day}T00:00:00`);
    at.setDate(at.getDate() + later);
    return Number.isNaN(at.getTime()) ? null : at.toISOString();
  };
  return { from: midnight(from, 0), to: midnight(to, 1) };
}

export function useStatement(filter: StatementFilter) {
  const path = useDomainPath();
  const { from, to } = periodOf(filter);
  return useInfiniteQuery({
    queryKey: [...keys.credits, "entries", filter],
    queryFn: ({ pageParam, signal }) => api.get<Credits>(`${path}/credits`, { kind: filter.kind, from, to, cursor: pageParam, limit: PAGE }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: (previous) => previous,
  });
}

export function useDaily(days: number) {
  const path = useDomainPath();
  return useQuery({
    queryKey: [...keys.credits, "daily", days],
    queryFn: async ({ signal }) => (await api.get<{ items: CreditDay[] }>(`${path}/credits/daily`, { days }, { signal })).items,
  });
}

export function useReport(month: string) {
  const path = useDomainPath();
  return useQuery({
    queryKey: [...keys.credits, "report", month],
    queryFn: ({ signal }) => api.get<CreditReport>(`${path}/credits/report`, { month }, { signal }),
    placeholderData: (previous) => previous,
  });
}

export function usePrices() {
  const path = useDomainPath();
  return useQuery({
    queryKey: keys.prices,
    queryFn: ({ signal }) => api.get<Prices>(`${path}/prices`, undefined, { signal }),
  });
}
