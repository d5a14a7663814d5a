/** Tells colleagues that someone is writing. */

import { useCallback, useRef } from "react";
import { api } from "@/lib/http";

const PAUSE = 3000;

export function useTyping(chatId: string): () => void {
  const last = useRef({ chatId: "", at: 0 });
  return useCallback(() => {
    const now = Date.now();
    if (last.current.chatId === chatId && now - last.current.at < PAUSE) return;
    last.current = { chatId, at: now };
    // A sign that does not arrive is missed by nobody.
    void api.post(`/api/v1/conversations/${chatId}/presence`, { viewing: true, typing: true }).catch(() => undefined);
  }, [chatId]);
}
