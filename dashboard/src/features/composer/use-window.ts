/** The time, looked at as often as the carrier's window asks for. */

import { useEffect, useState } from "react";
import type { Conversation } from "@/api/types";
import { nextLook, windowLeft } from "@/features/composer/reply-window";

export function useNow(conversation: Conversation): number {
  const [now, setNow] = useState(Date.now);
  const pause = nextLook(windowLeft(conversation, now));
  useEffect(() => {
    if (pause === null) return;
    const timer = setTimeout(() => setNow(Date.now()), pause);
    return () => clearTimeout(timer);
  }, [pause, now, conversation.window_closes_at]);
  // A customer who has just written: the time is looked at anew.
  useEffect(() => {
    const timer = setTimeout(() => setNow(Date.now()));
    return () => clearTimeout(timer);
  }, [conversation.window_closes_at]);
  return now;
}
