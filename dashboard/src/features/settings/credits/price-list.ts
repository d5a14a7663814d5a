/** The price list while it is edited: what its lines may hold. */

import type { Price, PriceChannel, PriceUnit } from "@/api/outreach-types";
import { amountOf } from "@/features/settings/credits/credit";

/** In place of null, which a list of choices cannot hold. */
export const ANY = "any";

export interface PriceLine {
  /** Of the line while it is on the page. */
  key: number;
  channel: PriceChannel | typeof ANY;
  direction: "in" | "out" | typeof ANY;
  callType: string;
  category: string;
  country: string;
  unit: PriceUnit;
  price: string;
}

export type LineProblem = "price" | "country" | "unit" | "twice";

export const CHANNELS: readonly PriceLine["channel"][] = [ANY, "wmsg", "sms", "phone", "wvoice", "model"];
export const DIRECTIONS: readonly PriceLine["direction"][] = [ANY, "out", "in"];
export const UNITS: readonly PriceUnit[] = ["message", "minute", "thousand_tokens"];

export function linesOf(prices: readonly Price[]): PriceLine[] {
  return prices.map((each, key) => ({
    key,
    channel: each.channel ?? ANY,
    direction: each.direction ?? ANY,
    callType: each.call_type ?? "",
    category: each.category ?? "",
    country: each.country ?? "",
    unit: each.unit,
    price: String(each.price),
  }));
}

export function newLine(lines: readonly PriceLine[]): PriceLine {
  const key = Math.max(-1, ...lines.map((each) => each.key)) + 1;
  return { key, channel: "wmsg", direction: "out", callType: "", category: "", country: "", unit: "message", price: "" };
}

/** What a channel is counted by. */
export function unitOf(channel: PriceLine["channel"]): PriceUnit {
  if (channel === "model") return "thousand_tokens";
  return channel === "phone" || channel === "wvoice" ? "minute" : "message";
}

export function pricesOf(lines: readonly PriceLine[]): Price[] {
  return lines.map((line) => ({
    channel: line.channel === ANY ? null : line.channel,
    direction: line.direction === ANY ? null : line.direction,
    call_type: line.callType.trim() || null,
    category: line.category.trim() || null,
    country: line.country.trim().toUpperCase() || null,
    unit: line.unit,
    price: amountOf(line.price) ?? 0,
  }));
}

/** The first thing that is wrong with each line. */
export function lineProblems(lines: readonly PriceLine[]): Map<number, LineProblem> {
  const problems = new Map<number, LineProblem>();
  const known = new Set<string>();
  for (const line of lines) {
    const amount = amountOf(line.price);
    const matter = JSON.stringify([line.channel, line.direction, line.callType.trim(), line.category.trim(), line.country.trim().toUpperCase(), line.unit]);
    if (amount === null || amount < 0) problems.set(line.key, "price");
    else if (!/^([A-Za-z]{2})?$/.test(line.country.trim())) problems.set(line.key, "country");
    else if ((line.channel === "model") !== (line.unit === "thousand_tokens") && line.channel !== ANY) problems.set(line.key, "unit");
    else if (known.has(matter)) problems.set(line.key, "twice");
    known.add(matter);
  }
  return problems;
}
