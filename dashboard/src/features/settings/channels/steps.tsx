import { Check } from "lucide-react";
import { cx } from "@/lib/class-names";
import { useT, type TextKey } from "@/lib/i18n";

const STEPS: readonly TextKey[] = ["settings.step_kind", "settings.step_number", "settings.step_addresses", "settings.step_check"];

/** How far a channel's set-up is: `at` counts from 1. */
export function Steps({ at }: { at: number }) {
  const t = useT();
  return (
    <ol aria-label={t("settings.steps")} className="flex flex-wrap gap-x-4 gap-y-1">
      {STEPS.map((label, index) => {
        const number = index + 1;
        const done = number < at;
        return (
          <li key={label} aria-current={number === at ? "step" : undefined} className={cx("flex items-center gap-2 text-sm", number === at ? "font-semibold" : "text-muted")}>
            <span
              className={cx(
                "inline-flex size-6 items-center justify-center rounded-full text-xs font-semibold",
                done ? "bg-success-soft text-success" : number === at ? "bg-accent text-on-accent" : "bg-sunken text-muted",
              )}
            >
              {done ? <Check aria-hidden className="size-3.5" /> : number}
            </span>
            {t(label)}
            {done && <span className="sr-only">({t("common.done")})</span>}
          </li>
        );
      })}
    </ol>
  );
}
