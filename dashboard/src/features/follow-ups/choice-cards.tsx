import type { LucideIcon } from "lucide-react";
import { useId } from "react";
import { cx } from "@/lib/class-names";

export interface Choice<Value extends string> {
  value: Value;
  icon: LucideIcon;
  label: string;
  hint?: string;
}

export interface ChoiceCardsProps<Value extends string> {
  legend: string;
  value: Value;
  choices: readonly Choice<Value>[];
  onChange: (value: Value) => void;
  /** Has the keyboard as soon as it is there. */
  focused?: boolean;
}

/** One of two ways, each said in a few words. */
export function ChoiceCards<Value extends string>({ legend, value, choices, onChange, focused = false }: ChoiceCardsProps<Value>) {
  const name = useId();
  return (
    <fieldset>
      <legend className="mb-1 text-sm font-medium">{legend}</legend>
      <div className={cx("grid gap-2", choices.some((each) => each.hint) ? "sm:grid-cols-2" : "grid-cols-2")}>
        {choices.map(({ value: each, icon: Icon, label, hint }) => (
          <label
            key={each}
            className={cx(
              "flex cursor-pointer gap-2.5 rounded-lg border px-3 py-2 hover:bg-hover has-focus-visible:outline-2 has-focus-visible:outline-accent",
              each === value ? "border-accent bg-accent-soft" : "border-line",
            )}
          >
            {/* The dialog was asked for a moment ago. */}
            {/* eslint-disable-next-line jsx-a11y/no-autofocus */}
            <input type="radio" autoFocus={focused && each === value} name={name} className="sr-only" checked={each === value} onChange={() => onChange(each)} />
            <Icon aria-hidden className={cx("mt-0.5 size-4 shrink-0", each === value ? "text-accent-ink" : "text-muted")} />
            <span className="min-w-0">
              <span className="block font-medium">{label}</span>
              {hint && <span className="block text-sm text-muted">{hint}</span>}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
