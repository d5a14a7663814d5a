/** A segment's rule, as its form has it. */
import type { SegmentRule } from "@/api/campaign-types";
import type { ChannelKind } from "@/api/types";

export interface RuleForm {
  labels: string[];
  language: string;
  country: string;
  channel: ChannelKind | "any";
  wroteWithin: string;
  silentFor: string;
  createdAfter: string;
  optedOut: "any" | "no" | "yes";
  attributes: { name: string; value: string }[];
}

export function formOf(rule: SegmentRule): RuleForm {
  return {
    labels: rule.labels ?? [],
    language: rule.language ?? "",
    country: rule.country ?? "",
    channel: rule.channel ?? "any",
    wroteWithin: numberText(rule.last_wrote_within_days),
    silentFor: numberText(rule.not_written_for_days),
    createdAfter: rule.created_after?.slice(0, 10) ?? "",
    optedOut: rule.opted_out == null ? "any" : rule.opted_out ? "yes" : "no",
    attributes: Object.entries(rule.attributes ?? {}).map(([name, value]) => ({ name, value })),
  };
}

const numberText = (value: number | null | undefined) => (value == null ? "" : `${value}`);

/** Only what is asked: a field that is empty says nothing of a contact. */
export function ruleOf(form: RuleForm): SegmentRule {
  const attributes = Object.fromEntries(form.attributes.filter(({ name }) => name.trim() !== "").map(({ name, value }) => [name.trim(), value.trim()]));
  return {
    ...(form.labels.length > 0 && { labels: form.labels }),
    ...(form.language.trim() && { language: form.language.trim() }),
    ...(form.country.trim() && { country: form.country.trim().toUpperCase() }),
    ...(form.channel !== "any" && { channel: form.channel }),
    ...(form.wroteWithin && { last_wrote_within_days: Number(form.wroteWithin) }),
    ...(form.silentFor && { not_written_for_days: Number(form.silentFor) }),
    ...(form.createdAfter && { created_after: form.createdAfter }),
    ...(form.optedOut !== "any" && { opted_out: form.optedOut === "yes" }),
    ...(Object.keys(attributes).length > 0 && { attributes }),
  };
}

const MOST_DAYS = 3650;
export const isDays = (text: string): boolean => text === "" || (/^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= MOST_DAYS);
export const isCountry = (text: string): boolean => /^([a-z]{2})?$/i.test(text.trim());
export const isSound = (form: RuleForm): boolean => isDays(form.wroteWithin) && isDays(form.silentFor) && isCountry(form.country);

/** Numbers that were pasted: one in each line, or with commas and semicolons between. */
export const numbersIn = (text: string): string[] => [...new Set(text.split(/[\n,;]+/).map((each) => each.trim()).filter(Boolean))];
