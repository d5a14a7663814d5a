/** A month's totals, added up over its days. */

import type { CreditTotal } from "@/api/outreach-types";

export type ReportLine = Omit<CreditTotal, "day">;

/** One line for each channel, direction, category, type and country; the dearest first. */
export function linesOf(totals: readonly CreditTotal[]): ReportLine[] {
  const lines = new Map<string, ReportLine>();
  for (const { channel, direction, category, country, call_type, quantity, messages, amount } of totals) {
    const matter = JSON.stringify([channel, direction, category, country, call_type]);
    const known = lines.get(matter) ?? { channel, direction, category, country, call_type, quantity: 0, messages: 0, amount: 0 };
    lines.set(matter, { ...known, quantity: known.quantity + quantity, messages: known.messages + messages, amount: exact(known.amount + amount) });
  }
  return [...lines.values()].sort((one, other) => other.amount - one.amount);
}

/** Sums of decimals, without what binary numbers add to them. */
const exact = (amount: number) => Math.round(amount * 10_000) / 10_000;
