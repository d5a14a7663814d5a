/** Numbers of credit: how they are written, and the days of a chart. */

import type { CreditDay, LedgerKind, PriceChannel } from "@/api/outreach-types";
import type { TextKey, Translate } from "@/lib/i18n";

export const KINDS: readonly LedgerKind[] = ["top_up", "charge", "refund", "hold", "settlement", "adjustment"];

export const CHANNEL_NAMES: Record<PriceChannel, TextKey> = {
  wmsg: "common.channel_wmsg",
  wvoice: "common.channel_wvoice",
  sms: "common.channel_sms",
  phone: "common.channel_phone",
  model: "outreach.channel_model",
};

const CATEGORIES = ["marketing", "utility", "authentication"] as const;
const TYPES = ["informational", "appointment_booking", "survey", "reminder"] as const;

/** Of a template; a model's name is its own. */
export function categoryName(category: string, t: Translate): string {
  const known = CATEGORIES.find((each) => each === category);
  return known ? t(`outreach.category_${known}`) : category;
}

/** A domain's own types have their own names. */
export function typeName(type: string, t: Translate): string {
  const known = TYPES.find((each) => each === type);
  return known ? t(`outreach.type_${known}`) : type;
}

export type Level = "none" | "fine" | "low" | "empty";

/** How much is left: nothing to tell of a domain that sends freely. */
export function levelOf({ billed, balance, low_balance }: { billed: boolean; balance: number; low_balance: number | null }): Level {
  if (!billed) return "none";
  if (balance <= 0) return "empty";
  return low_balance !== null && balance < low_balance ? "low" : "fine";
}

/** What was typed, in either way of writing decimals; null when it is no amount. */
export function amountOf(typed: string): number | null {
  const text = typed.trim().replace(/\s/g, "").replace(",", ".");
  if (!/^-?\d{1,12}(\.\d{1,4})?$/.test(text)) return null;
  return Number(text);
}

/** Days without anything are days of the chart all the same. */
export function everyDay(days: readonly CreditDay[], today: string, count: number): CreditDay[] {
  const known = new Map(days.map((each) => [each.day.slice(0, 10), each]));
  let balance = days[0]?.balance ?? 0;
  return Array.from({ length: count }, (_, place) => {
    const at = new Date(`${today}T00:00:00Z`);
    at.setUTCDate(at.getUTCDate() - (count - 1 - place));
    const day = at.toISOString().slice(0, 10);
    const found = known.get(day);
    if (found) balance = found.balance;
    return { spent: 0, topped_up: 0, ...found, balance, day };
  });
}

/** A round number at or above, for the top of an axis: 1, 2, 2.5, 5 or 10 of its power of ten. */
export function roundTop(value: number): number {
  if (value <= 0) return 10;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 2.5, 5, 10].find((each) => each * power >= value) ?? 10;
  return step * power;
}

/** "2026-11" of now, where the reader is, and the months before. */
export function months(now: Date, count: number): string[] {
  return Array.from({ length: count }, (_, back) => {
    const at = new Date(Date.UTC(now.getFullYear(), now.getMonth() - back, 1));
    return at.toISOString().slice(0, 7);
  });
}
