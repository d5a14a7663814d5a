/** What the server finds for the words, when they have stood for a moment. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { SearchHit, SearchResult } from "@/api/types";
import { api } from "@/lib/http";
import { keys } from "@/lib/query";

const QUIET_MS = 180;
const LIMIT = 8;
/** One letter finds everything, which is nothing. */
const SHORTEST = 2;

export function useResults(typed: string) {
  const [words, setWords] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setWords(typed.trim()), QUIET_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  const enabled = words.length >= SHORTEST;
  const result = useQuery({
    queryKey: keys.search({ q: words, limit: String(LIMIT) }),
    queryFn: ({ signal }) => api.get<SearchResult>("/api/v1/search", { q: words, limit: LIMIT }, { signal }),
    enabled,
    placeholderData: keepPreviousData,
  });
  const settled = words === typed.trim() && !result.isPlaceholderData;
  return {
    found: enabled ? result.data : undefined,
    error: enabled ? result.error : null,
    retry: result.refetch,
    searching: typed.trim().length >= SHORTEST && (!settled || result.isFetching),
  };
}

/** The address of what was found: the conversation, at the message where there is one. */
export function addressOf(hit: SearchHit): { chatId: string; message: string | null } | { contactId: string } | null {
  if (hit.kind === "contact" && hit.contact_id !== null) return { contactId: hit.contact_id };
  if (hit.chat_id !== null) return { chatId: hit.chat_id, message: hit.message_id };
  return hit.contact_id === null ? null : { contactId: hit.contact_id };
}
