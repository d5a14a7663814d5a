/** The time, looked at as often as the carrier's window asks for. */

import { useEffect, useState } from "react";
import type { Conversation } from "@/api/types";
import { nextLook, windowLeft } from "@/features/composer/reply-window";
import { serverNow } from "@/lib/http";

export function useNow(conversation: Conversation): number {
  const [now, setNow] = useState(serverNow);
  const pause = nextLook(windowLeft(conversation, now));
  useEffect(() => {
    if (pause === null) return;
    const timer = setTimeout(() => setNow(serverNow()), pause);
    return () => clearTimeout(timer);
  }, [pause, now, conversation.window_closes_at]);
  // A customer who has just written: the time is looked at anew.
  useEffect(() => {
    const timer = setTimeout(() => setNow(serverNow()));
    return () => clearTimeout(timer);
  }, [conversation.window_closes_at]);
  return now;
}
