import { useEffect, useRef, useState } from "react";
import { useT } from "@/lib/i18n";
import { useLive } from "@/lib/live";

/** A reader is told of new messages at most so often. */
const QUIET_MS = 8_000;

/** Tells people who do not see the list: new messages, and how many are selected. */
export function Announcer({ selected, chatId }: { selected: number; chatId: string | undefined }) {
  const t = useT();
  const count = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [news, setNews] = useState(0);
  useLive("message", ({ chat_id, message }) => {
    // The open thread tells its own.
    if (message.sender !== "user" || message.status !== "received" || chat_id === chatId) return;
    count.current += 1;
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      setNews(count.current);
      count.current = 0;
    }, QUIET_MS / 4);
  });
  useEffect(() => {
    if (news === 0) return undefined;
    const gone = setTimeout(() => setNews(0), QUIET_MS);
    return () => clearTimeout(gone);
  }, [news]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <div className="sr-only">
      <div role="status">{news > 0 && t("list.new_messages", { count: news })}</div>
      <div role="status">{selected > 0 && t("list.selected", { count: selected })}</div>
    </div>
  );
}
