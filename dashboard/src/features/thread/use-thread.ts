/** The messages of a conversation in the cache: loaded both ways, jumped in, kept fresh by events. */

import { useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import type { Message, Thread } from "@/api/types";
import { api, type Params } from "@/lib/http";
import { useLive } from "@/lib/live";
import { keys } from "@/lib/query";
import {
  fromPage, withMessage, withNewer, withNewest, withOlder, withoutMessage, type ThreadState,
} from "@/features/thread/thread-state";

const PAGE = 50;

export type Place = { around: string } | { at: string } | "latest";
export type Way = "older" | "newer";

function fetchPage(chatId: string, params: Params, signal?: AbortSignal): Promise<Thread> {
  const path = `/api/v1/conversations/${chatId}/messages`;
  return api.get<Thread>(path, { limit: PAGE, ...params }, signal ? { signal } : undefined);
}

function change(client: QueryClient, chatId: string, by: (state: ThreadState) => ThreadState): void {
  // Where nothing is loaded there is nothing to keep fresh.
  client.setQueryData<ThreadState>(keys.thread(chatId), (state) => state && by(state));
}

/** What came while the newest page was on its way was only counted, and may not be in it: asked for once more. */
function catchUp(client: QueryClient, chatId: string): void {
  void client.invalidateQueries({ queryKey: keys.thread(chatId), exact: true });
}

/** Puts what a request answered with in its place, as a live event would. */
export function putMessage(client: QueryClient, message: Message): void {
  change(client, message.chat_id, (state) => withMessage(state, message));
}

export function dropMessage(client: QueryClient, chatId: string, messageId: string): void {
  change(client, chatId, (state) => withoutMessage(state, messageId));
}

export interface ThreadLoading {
  thread: ThreadState | undefined;
  error: Error | null;
  retry: () => void;
  /** Which end is being loaded, and which could not be. */
  loading: Way | null;
  failed: Way | null;
  load: (way: Way) => Promise<void>;
  /** Resolves when the place is in the loaded stretch; rejects with why it cannot be. */
  jump: (place: Place) => Promise<Thread>;
}

export function useThread(chatId: string): ThreadLoading {
  const client = useQueryClient();
  const key = keys.thread(chatId);
  const query = useQuery({
    queryKey: key,
    staleTime: 0,
    structuralSharing: false,
    queryFn: async ({ signal }) => {
      const since = client.getQueryData<ThreadState>(key)?.items.at(-1)?.seq;
      const page = await fetchPage(chatId, {}, signal);
      const held = client.getQueryData<ThreadState>(key);
      return held ? withNewest(held, page, since) : fromPage(page);
    },
  });
  const ends = useEnds(chatId);
  const jump = useCallback(async (place: Place) => {
    await client.cancelQueries({ queryKey: keys.thread(chatId) });
    const page = await fetchPage(chatId, place === "latest" ? {} : place);
    client.setQueryData<ThreadState>(
      keys.thread(chatId), (state) => fromPage(page, (state?.epoch ?? 0) + 1),
    );
    if (page.newer === null) catchUp(client, chatId);
    return page;
  }, [client, chatId]);
  const { refetch } = query;
  const retry = useCallback(() => void refetch(), [refetch]);
  return { thread: query.data, error: query.data ? null : query.error, retry, ...ends, jump };
}

/** Loading above and below; one at a time. */
function useEnds(chatId: string) {
  const client = useQueryClient();
  const [loading, setLoading] = useState<Way | null>(null);
  const [failed, setFailed] = useState<Way | null>(null);
  const isBusy = useRef(false);
  const load = useCallback(async (way: Way) => {
    const state = client.getQueryData<ThreadState>(keys.thread(chatId));
    const from = way === "older" ? state?.next : state?.newer;
    if (!state || !from || isBusy.current) return;
    isBusy.current = true;
    setLoading(way);
    setFailed(null);
    try {
      const page = await fetchPage(chatId, way === "older" ? { before: from } : { after: from });
      change(client, chatId, (now) => {
        // Jumped elsewhere meanwhile.
        if (now.epoch !== state.epoch) return now;
        return way === "older" ? withOlder(now, page) : withNewer(now, page);
      });
      if (way === "newer" && page.newer === null) catchUp(client, chatId);
    } catch {
      setFailed(way);
    } finally {
      isBusy.current = false;
      setLoading(null);
    }
  }, [client, chatId]);
  return { loading, failed, load };
}

/** Live events into the cache. `onNew` hears of messages that were not there. */
export function useThreadEvents(chatId: string, onNew: (message: Message) => void): void {
  const client = useQueryClient();
  const told = useRef(onNew);
  useEffect(() => {
    told.current = onNew;
  });
  useLive("message", ({ message }) => {
    const held = client.getQueryData<ThreadState>(keys.thread(message.chat_id));
    const isNew = held && message.seq > (held.items.at(-1)?.seq ?? -1)
      && !held.items.some((one) => one.message_id === message.message_id);
    putMessage(client, message);
    if (isNew && message.chat_id === chatId) told.current(message);
  });
  useLive("removed", ({ chat_id, message_id }) => dropMessage(client, chat_id, message_id));
}
