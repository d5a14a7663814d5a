/** Keeps every cached list of conversations, and the counts, as they are on the server. */

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { Me } from "@/api/types";
import { findConversation, followAnswers, followReads } from "@/features/conversation-list/conversation-cache";
import { LiveConversations } from "@/features/conversation-list/live-conversations";
import { useConnection, useLive } from "@/lib/live";
import { keys } from "@/lib/query";

const LIVE: readonly unknown[] = [keys.conversations()[0], keys.conversation("")[0], keys.thread("")[0], keys.counts[0]];
/** By then what was asked for before the stream was there has been answered. */
const CATCH_UP_MS = 500;

/** What changed after it was loaded and before its events were heard comes with none: it is loaded again, once. */
function useCatchUp(): void {
  const client = useQueryClient();
  const isLive = useConnection() === "live";
  const isDone = useRef(false);
  useEffect(() => {
    if (!isLive || isDone.current) return;
    const timer = setTimeout(() => {
      isDone.current = true;
      void client.invalidateQueries({ predicate: ({ queryKey }) => LIVE.includes(queryKey[0]) });
    }, CATCH_UP_MS);
    return () => clearTimeout(timer);
  }, [client, isLive]);
}

/** Once for the whole application. */
export function useLiveConversations(): void {
  const client = useQueryClient();
  useCatchUp();
  const [live] = useState(() => new LiveConversations(client));
  useEffect(() => () => live.stop(), [live]);
  useLive("conversation", ({ conversation }) => live.conversation(conversation));
  useLive("read", ({ chat_id, read_count }) => live.read(chat_id, read_count));
  useLive("message", ({ chat_id, message }) => {
    const me = client.getQueryData<Me>(keys.me)?.person_id ?? "";
    const mentioned = message.kind === "note" && message.mentions.includes(me) && message.person?.person_id !== me;
    if (mentioned && !findConversation(client, chat_id)?.mentioned) live.mentioned(chat_id);
  });
  useEffect(() => followAnswers(client, (undecided) => live.complete(undecided)), [client, live]);
  useEffect(() => followReads(client, () => live.refreshCounts()), [client, live]);
}
