/** The conversations that are ticked, for what is done to many at once. */

import { useCallback, useMemo, useState } from "react";
import type { Conversation } from "@/api/types";

export interface Selection {
  ids: ReadonlySet<string>;
  toggle: (chatId: string) => void;
  /** From the last one that was ticked, else from the given one, to this one. */
  range: (items: readonly Conversation[], chatId: string, from?: string) => void;
  set: (chatIds: readonly string[]) => void;
  /** True when something was selected. */
  clear: () => boolean;
}

const NONE: ReadonlySet<string> = new Set();

/** Another `scope` (other filters) begins with nothing. */
export function useSelection(scope: string): Selection {
  const [state, setState] = useState({ scope, ids: NONE, last: "" });
  const ids = state.scope === scope ? state.ids : NONE;
  const last = state.scope === scope ? state.last : "";

  const set = useCallback((chatIds: readonly string[], from = "") => {
    setState({ scope, ids: new Set(chatIds), last: from });
  }, [scope]);
  return useMemo(() => ({
    ids,
    toggle: (chatId) => {
      const next = new Set(ids);
      if (!next.delete(chatId)) next.add(chatId);
      set([...next], chatId);
    },
    range: (items, chatId, from = chatId) => {
      const start = last === "" ? from : last;
      const place = (id: string) => items.findIndex((item) => item.chat_id === id);
      const [one, other] = [place(start), place(chatId)];
      const between = items.slice(Math.min(one, other), Math.max(one, other) + 1).map((item) => item.chat_id);
      set([...ids, ...between], start);
    },
    set: (chatIds) => set(chatIds),
    clear: () => {
      set([]);
      return ids.size > 0;
    },
  }), [ids, last, set]);
}
