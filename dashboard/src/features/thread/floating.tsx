/** What floats over a thread: the ways to what is new, and that more is being loaded. */

import { ArrowDown, ArrowUp, RotateCw } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Spinner } from "@/components/ui/spinner";
import { useT } from "@/lib/i18n";
import type { Way } from "@/features/thread/use-thread";

const PILL = "absolute z-10 inline-flex items-center gap-1.5 rounded-full border border-line bg-raised shadow-raised hover:bg-hover animate-enter";

export function ToUnread({ count, onClick }: { count: number; onClick: () => void }) {
  const t = useT();
  return (
    <div className="pointer-events-none absolute inset-x-0 top-9 flex justify-center">
      <button type="button" onClick={onClick} className={`${PILL} pointer-events-auto relative! min-h-8 px-3 text-sm font-medium text-accent-ink`}>
        <ArrowUp className="size-4" aria-hidden />
        {t("thread.new_messages", { count })}
      </button>
    </div>
  );
}

export function ToLatest({ isShown, count, onClick }: { isShown: boolean; count: number; onClick: () => void }) {
  const t = useT();
  if (!isShown) return null;
  const label = count > 0 ? t("thread.to_latest_new", { count }) : t("thread.to_latest");
  return (
    <button type="button" onClick={onClick} aria-label={label} className={`${PILL} end-4 bottom-3 size-10 justify-center`}>
      <ArrowDown className="size-5" aria-hidden />
      {count > 0 && (
        <span className="absolute -top-2 rounded-full bg-accent px-1.5 text-xs text-on-accent tabular-nums" aria-hidden>
          {count > 99 ? "99+" : count}
        </span>
      )}
    </button>
  );
}

interface LoadingEdgeProps {
  loading: Way | null;
  failed: Way | null;
  load: (way: Way) => void;
}

/** Over the messages, so that nothing moves when it comes and goes. */
export function LoadingEdge({ loading, failed, load }: LoadingEdgeProps) {
  const t = useT();
  const way = loading ?? failed;
  if (!way) return null;
  return (
    <div className={`pointer-events-none absolute inset-x-0 flex justify-center ${way === "older" ? "top-2" : "bottom-2"}`}>
      {loading ? (
        <span className="rounded-full border border-line bg-raised p-1.5 shadow-raised"><Spinner className="size-4" label={t("common.loading_more")} /></span>
      ) : (
        <Button size="sm" className="pointer-events-auto shadow-raised" onClick={() => load(way)}>
          <RotateCw aria-hidden />
          {t("thread.load_failed")}
        </Button>
      )}
    </div>
  );
}
