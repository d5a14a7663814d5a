/** The window's title and icon say that something waits, also from behind other windows. */

import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Counts } from "@/api/types";
import { titleWith } from "@/features/notifications/decide";
import { api } from "@/lib/http";
import { keys } from "@/lib/query";

const ICON = "/static/frontdesk.svg";
const ICON_UNREAD = "/static/frontdesk-unread.svg";

export function useUnreadSign(): void {
  const unread = useQuery({
    queryKey: keys.counts,
    queryFn: ({ signal }) => api.get<Counts>("/api/v1/conversations/counts", undefined, { signal }),
  }).data?.unread ?? 0;
  useEffect(() => {
    const sign = () => {
      const title = titleWith(document.title, unread);
      if (title !== document.title) document.title = title;
    };
    sign();
    // Pages set titles of their own.
    const watch = new MutationObserver(sign);
    watch.observe(document.head, { subtree: true, childList: true, characterData: true });
    return () => {
      watch.disconnect();
      document.title = titleWith(document.title, 0);
    };
  }, [unread]);
  useEffect(() => {
    const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
    if (!link) return undefined;
    link.href = unread > 0 ? ICON_UNREAD : ICON;
    return () => {
      link.href = ICON;
    };
  }, [unread]);
}
