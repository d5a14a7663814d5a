import { Lock, Reply } from "lucide-react";
import { useRef, type KeyboardEvent } from "react";
import type { Mode } from "@/features/composer/draft-store";
import { cx } from "@/lib/class-names";
import { useT } from "@/lib/i18n";

const MODES = [
  { mode: "reply", icon: Reply, text: "composer.mode_reply", keys: "Alt+L" },
  { mode: "note", icon: Lock, text: "composer.mode_note", keys: "Alt+P" },
] as const;

/** To the customer, or between ourselves. */
export function ModeTabs({ mode, panelId, onChange }: { mode: Mode; panelId: string; onChange: (mode: Mode) => void }) {
  const t = useT();
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.preventDefault();
    const next = mode === "reply" ? "note" : "reply";
    onChange(next);
    list.current?.querySelector<HTMLButtonElement>(`[data-mode="${next}"]`)?.focus();
  };
  return (
    <div ref={list} role="tablist" aria-label={t("composer.mode")} className="flex shrink-0 gap-0.5">
      {MODES.map(({ mode: each, icon: Icon, text, keys }) => (
        <button
          key={each}
          type="button"
          role="tab"
          data-mode={each}
          aria-selected={mode === each}
          aria-controls={panelId}
          aria-keyshortcuts={keys}
          tabIndex={mode === each ? 0 : -1}
          onClick={() => onChange(each)}
          onKeyDown={onKeyDown}
          className={cx(
            "inline-flex h-7 items-center gap-1.5 rounded-md px-2 text-sm font-medium transition-colors focus-visible:-outline-offset-2",
            mode !== each && "text-muted hover:bg-hover hover:text-ink",
            mode === each && (each === "note" ? "bg-note-line/35 text-note-ink" : "bg-accent-soft text-accent-ink"),
          )}
        >
          <Icon aria-hidden className="size-3.5" />
          {t(text)}
        </button>
      ))}
    </div>
  );
}
