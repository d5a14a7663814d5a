/** The filters stand in the address, so that a link and a reload keep them. */

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { type ListFilters, parseFilters } from "@/features/conversation-list/filters";

/** As the address bar has them. */
export function toSearch(filters: ListFilters): Record<string, string> {
  return Object.fromEntries(Object.entries(filters).map(([name, value]) => [name, String(value)]));
}

export function useListFilters(): [ListFilters, (filters: ListFilters) => void] {
  const search = useSearch({ strict: false });
  const navigate = useNavigate();
  const filters = useMemo(() => parseFilters(search), [search]);
  const set = useCallback(
    (next: ListFilters) => void navigate({ to: ".", search: toSearch(next), replace: true }),
    [navigate],
  );
  return [filters, set];
}
