/** The list of contacts from the server, page by page. */

import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import type { SegmentMember } from "@/api/campaign-types";
import type { ContactRow, Page } from "@/api/types";
import { api } from "@/lib/http";
import { useLive } from "@/lib/live";
import { keys } from "@/lib/query";

const PAGE = 50;
/** Customers that come within this time bring one request. */
const GATHER_MS = 2000;

/** Of a segment, or of everybody; only among these names are searched for. */
export function useContacts(text: string, segmentId?: string) {
  const result = useInfiniteQuery({
    queryKey: keys.contacts(segmentId === undefined ? { q: text } : { segment: segmentId }),
    queryFn: ({ pageParam, signal }) => 
      segmentId === undefined
        ? api.get<Page<ContactRow>>("/api/v1/contacts", { q: text, cursor: pageParam, limit: PAGE }, { signal })
        : members(segmentId, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    // While words are typed the last results stay.
    placeholderData: (previous) => previous,
  });
  const items = useMemo(() => unique(result.data?.pages ?? []), [result.data]);
  useNewcomers(text === "" && segmentId === undefined ? items[0]?.created_at : undefined);
  return { ...result, items };
}

/** Since when they are contacts is not told of members. */
async function members(segmentId: string, cursor: string | null, signal: AbortSignal): Promise<Page<ContactRow>> {
  const page = await api.get<Page<SegmentMember>>(`/api/v1/segments/${segmentId}/contacts`, { cursor, limit: PAGE }, { signal });
  const items = page.items.map(({ contact_id, display_name, address, email, blocked }) => ({ contact_id, display_name, address, email, blocked, created_at: "" }));
  return { items, next: page.next };
}

/** Someone who came between two requests may stand on both pages. */
export function unique(pages: readonly Page<ContactRow>[]): ContactRow[] {
  const known = new Map<string, ContactRow>();
  for (const row of pages.flatMap((page) => page.items)) if (!known.has(row.contact_id)) known.set(row.contact_id, row);
  return [...known.values()];
}

/** Whoever writes for the first time is a contact from then on: no other event tells of it. */
function useNewcomers(newest: string | undefined): void {
  const client = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  useLive("conversation", ({ conversation: { created_at: at } }) => {
    if (at === null || (newest !== undefined && at <= newest)) return;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => void client.invalidateQueries({ queryKey: keys.contacts({ q: "" }), exact: true }), GATHER_MS);
  });
}
