import { Check } from "lucide-react";
import { STEPS, type StepId } from "@/features/campaigns/wizard/steps";
import { cx } from "@/lib/class-names";
import { useT } from "@/lib/i18n";

export interface StepsBarProps {
  steps: readonly StepId[];
  current: StepId;
  /** The furthest one that can be taken. */
  last?: StepId;
  onGo: ((step: StepId) => void) | null;
}

export function StepsBar({ steps, current, last = current, onGo }: StepsBarProps) {
  const t = useT();
  const at = steps.indexOf(current);
  return (
    <ol aria-label={t("campaigns.steps")} className="flex gap-1 overflow-x-auto rounded-lg border border-line bg-surface p-1">
      {steps.map((step, place) => {
        const reachable = onGo !== null && step !== "audience" && STEPS.indexOf(step) <= STEPS.indexOf(last);
        const here = step === current;
        return (
          <li key={step} className="flex-1">
            <button
              type="button"
              disabled={!reachable || here}
              aria-current={here ? "step" : undefined}
              onClick={() => onGo?.(step)}
              className={cx(
                "flex h-9 w-full items-center justify-center gap-2 rounded-md px-2 text-sm whitespace-nowrap",
                here ? "bg-accent-soft font-medium text-accent-ink" : reachable ? "text-ink hover:bg-hover" : "text-faint",
              )}
            >
              <span className={cx("inline-flex size-5 shrink-0 items-center justify-center rounded-full text-xs", here ? "bg-accent text-on-accent" : "bg-sunken text-muted")}>
                {place < at ? <Check aria-hidden className="size-3" /> : place + 1}
              </span>
              <span className={cx(!here && "max-sm:sr-only")}>{t(`campaigns.step_${step}`)}</span>
            </button>
          </li>
        );
      })}
    </ol>
  );
}
