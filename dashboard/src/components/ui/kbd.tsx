import { cx } from "@/lib/class-names";
import { comboKeys } from "@/lib/hotkeys";

/** "alt+j" as keys: Alt J. */
export function Kbd({ combo, inverted = false }: { combo: string; inverted?: boolean }) {
  return (
    <span dir="ltr" className="inline-flex gap-0.5">
      {comboKeys(combo).map((key) => (
        <kbd
          key={key}
          className={cx(
            "inline-flex min-w-5 items-center justify-center rounded-sm border px-1 font-sans text-xs leading-4",
            inverted ? "border-canvas/40" : "border-line bg-canvas text-muted",
          )}
        >
          {key}
        </kbd>
      ))}
    </span>
  );
}
