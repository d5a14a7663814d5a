/** How long each stage of a message took. */

import type { Stage } from "@/api/types";

export interface Step {
  stage: string;
  at: string;
  /** Milliseconds since the stage before; null for the first. */
  took: number | null;
}

export function stepsOf(stages: Stage[]): Step[] {
  return stages.map((stage, index) => {
    const before = stages[index - 1];
    return { ...stage, took: before ? Date.parse(stage.at) - Date.parse(before.at) : null };
  });
}

/** 0.4 ms is "0 ms", then "340 ms", "2.1 s", "3 min 5 s", "2 h 4 min", "3 d 2 h", in the reader's digits. */
export function duration(ms: number, locale?: string): string {
  const unit = (value: number, name: string, digits = 0) =>
    new Intl.NumberFormat(locale, {
      style: "unit", unit: name, unitDisplay: "short", maximumFractionDigits: digits,
    }).format(value);
  const abs = Math.abs(ms);
  if (abs < 1000) return unit(Math.round(ms), "millisecond");
  if (abs < 60_000) return unit(ms / 1000, "second", 1);
  if (abs < 3_600_000) return pair(ms / 60_000, unit, "minute", "second", 60);
  if (abs < 86_400_000) return pair(ms / 3_600_000, unit, "hour", "minute", 60);
  return pair(ms / 86_400_000, unit, "day", "hour", 24);
}

function pair(
  value: number,
  unit: (value: number, name: string) => string,
  large: string,
  small: string,
  base: number,
): string {
  let whole = Math.trunc(value);
  let rest = Math.round(Math.abs(value - whole) * base);
  if (rest === base) {
    whole += Math.sign(value);
    rest = 0;
  }
  return rest === 0 ? unit(whole, large) : `${unit(whole, large)} ${unit(rest, small)}`;
}
