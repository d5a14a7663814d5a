/**
 * Texts in the person's language, and dates and numbers as written there.
 *
 * A key is "<file>.<name>" of i18n/en/<file>.json; files are flat. `{name}` in a text is replaced.
 * Plural forms are entries of their own: "files#one", "files#other"; `count` chooses: t("media.files", {count}).
 */
import { useCallback, type ReactNode } from "react";
import type audience from "@/i18n/en/audience.json";
import type campaigns from "@/i18n/en/campaigns.json";
import common from "@/i18n/en/common.json";
import composer from "@/i18n/en/composer.json";
import contacts from "@/i18n/en/contacts.json";
import list from "@/i18n/en/list.json";
import media from "@/i18n/en/media.json";
import type outreach from "@/i18n/en/outreach.json";
import session from "@/i18n/en/session.json";
import type settings from "@/i18n/en/settings.json";
import thread from "@/i18n/en/thread.json";
import { local } from "@/lib/storage";
import { createStore, useStore } from "@/lib/store";

const english = { common, composer, contacts, list, media, session, thread };
/** Files that only their pages load, with `withTexts`: they weigh more than what the rest shows. */
interface Later {
  audience: typeof audience;
  campaigns: typeof campaigns;
  outreach: typeof outreach;
  settings: typeof settings;
}
const asked = new Set<keyof Later>();

type Catalogues = typeof english & Later;
type Name<Key> = Key extends `${infer Base}#${string}` ? Base : Key & string;
/** Every text there is: a key without an English text does not compile. */
export type TextKey = {
  [File in keyof Catalogues]: `${File}.${Name<keyof Catalogues[File]>}`;
}[keyof Catalogues];
export type TextParams = Record<string, string | number>;
export type Translate = (key: TextKey, params?: TextParams) => string;

type Texts = Record<string, Record<string, string>>;

/** Each by its own name, as the menu of languages shows it. */
export const LANGUAGES = {
  en: "English",
  es: "Español",
  pt: "Português",
  de: "Deutsch",
  fr: "Français",
  hi: "हिन्दी",
  ar: "العربية",
} as const;
export type Language = keyof typeof LANGUAGES;

const RIGHT_TO_LEFT: readonly Language[] = ["ar"];
const CHOICE = "language";
const loaders = import.meta.glob<Record<string, string>>(
  ["../i18n/*/*.json", "!../i18n/en/!(audience|campaigns|outreach|settings).json"],
  { import: "default" },
);

interface Current {
  language: Language;
  texts: Texts;
}
const current = createStore<Current>({ language: "en", texts: english });

/** Loads the person's language; call once before the first render. */
export async function startI18n(): Promise<void> {
  await load();
}

export async function setLanguage(language: Language): Promise<void> {
  local.set(CHOICE, language);
  await load();
}

export function useLanguage(): Language {
  return useStore(current).language;
}

/** `t(key, params)`; the component follows a change of language. */
export function useT(): Translate {
  const now = useStore(current);
  return useCallback((key, params) => text(now, key, params), [now]);
}

/** The text now, outside of components (a toast from a mutation). */
export const translate: Translate = (key, params) => text(current.get(), key, params);

/** A text with elements in its places: `useRich()("common.press", {key: <Kbd>K</Kbd>})`. */
export function useRich(): (key: TextKey, params: Record<string, ReactNode>) => ReactNode[] {
  const now = useStore(current);
  return useCallback(
    (key, params) =>
      template(now, key, undefined)
        .split(/\{(\w+)\}/)
        .map((part, index) => (index % 2 ? params[part] : part)),
    [now],
  );
}

function chosenLanguage(): Language {
  const wanted = [local.get<string>(CHOICE, ""), ...navigator.languages];
  for (const each of wanted) {
    const language = each.split("-")[0]?.toLowerCase() ?? "";
    if (language in LANGUAGES) return language as Language;
  }
  return "en";
}

/** A page's code, together with the texts that only it and its like show. */
export async function withTexts<Code>(file: keyof Later, code: Promise<Code>): Promise<Code> {
  const texts = asked.has(file) ? loading : load(file);
  const [loaded] = await Promise.all([code, texts]);
  return loaded;
}

let loading: Promise<void> = Promise.resolve();

/** One after another: each has all that was asked for, and the last one stays. */
function load(file?: keyof Later): Promise<void> {
  if (file) asked.add(file);
  loading = loading.then(() => loadNow(chosenLanguage()));
  return loading;
}

async function loadNow(language: Language): Promise<void> {
  const texts: Texts = { ...english };
  await Promise.all(
    [...Object.keys(english), ...asked].map(async (file) => {
      // English stands in for what is not translated, and for all of it when loading fails.
      const [base, translated] = await Promise.all([texts[file] ?? fetched("en", file), fetched(language, file)]);
      texts[file] = { ...base, ...translated };
    }),
  );
  formatters.clear();
  current.set({ language, texts });
  document.documentElement.lang = language;
  document.documentElement.dir = RIGHT_TO_LEFT.includes(language) ? "rtl" : "ltr";
}

async function fetched(language: Language, file: string): Promise<Record<string, string>> {
  return (await loaders[`../i18n/${language}/${file}.json`]?.().catch(() => ({}))) ?? {};
}

function template({ language, texts }: Current, key: string, count: string | number | undefined): string {
  const dot = key.indexOf(".");
  const file = texts[key.slice(0, dot)] ?? {};
  const name = key.slice(dot + 1);
  if (typeof count !== "number") return file[name] ?? file[`${name}#other`] ?? key;
  const form = format(`plural ${language}`, () => new Intl.PluralRules(language)).select(count);
  return file[`${name}#${form}`] ?? file[`${name}#other`] ?? file[name] ?? key;
}

function text(now: Current, key: string, params: TextParams = {}): string {
  return template(now, key, params["count"]).replace(/\{(\w+)\}/g, (place, name: string) => {
    const value = params[name];
    if (value === undefined) return place;
    return typeof value === "number" ? formatNumber(value) : value;
  });
}

// Dates and numbers. Making an Intl object takes 20 to 100 µs, so each is made once a language.

const formatters = new Map<string, unknown>();

function format<T>(name: string, make: () => T): T {
  let known = formatters.get(name) as T | undefined;
  if (known === undefined) formatters.set(name, (known = make()));
  return known;
}

type Moment = string | number | Date;

/** With the date's order and names of the browser's region where it speaks the same language. */
function locale(): string {
  const { language } = current.get();
  return navigator.languages.find((each) => each.toLowerCase().startsWith(`${language}-`)) ?? language;
}

function dates(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return format(name, () => new Intl.DateTimeFormat(locale(), options));
}

export function formatTime(at: Moment): string {
  return dates("time", { hour: "numeric", minute: "2-digit" }).format(new Date(at));
}

/** "21 Nov 2026"; "long" has the weekday, and leaves out the current year. */
export function formatDate(at: Moment, style: "short" | "long" = "short"): string {
  const date = new Date(at);
  if (style === "short") return dates("date", { day: "numeric", month: "short", year: "numeric" }).format(date);
  const day = { weekday: "long", day: "numeric", month: "long" } as const;
  return date.getFullYear() === new Date().getFullYear()
    ? dates("day", day).format(date)
    : dates("day of year", { ...day, year: "numeric" }).format(date);
}

export function formatDateTime(at: Moment): string {
  return dates("date and time", { dateStyle: "medium", timeStyle: "short" }).format(new Date(at));
}

/** "Today", "Yesterday", else the long date: for the dividers between days. */
export function formatDay(at: Moment, now: Moment = Date.now()): string {
  const days = daysBetween(at, now);
  if (days < -1 || days > 1) return formatDate(at, "long");
  const words = format("day word", () => new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }));
  const word = words.format(days, "day");
  return word.charAt(0).toLocaleUpperCase(locale()) + word.slice(1);
}

/** The short form for lists: the time today, the weekday within a week, else day and month. */
export function formatBrief(at: Moment, now: Moment = Date.now()): string {
  const days = daysBetween(at, now);
  if (days === 0) return formatTime(at);
  const date = new Date(at);
  if (days < 0 && days > -7) return dates("weekday", { weekday: "short" }).format(date);
  return date.getFullYear() === new Date(now).getFullYear()
    ? dates("day and month", { day: "numeric", month: "short" }).format(date)
    : dates("numbers", { day: "2-digit", month: "2-digit", year: "2-digit" }).format(date);
}

/** "3 minutes ago", "in 2 hours". */
export function formatRelative(at: Moment, now: Moment = Date.now()): string {
  const seconds = (new Date(at).getTime() - new Date(now).getTime()) / 1000;
  const steps = [["day", 86_400], ["hour", 3600], ["minute", 60]] as const;
  const [unit, size] = steps.find(([, each]) => Math.abs(seconds) >= each) ?? (["second", 1] as const);
  const words = format("relative", () => new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }));
  return words.format(Math.trunc(seconds / size), unit);
}

function daysBetween(at: Moment, now: Moment): number {
  const midnight = (moment: Moment) => new Date(moment).setHours(0, 0, 0, 0);
  return Math.round((midnight(at) - midnight(now)) / 86_400_000);
}

export function formatNumber(value: number): string {
  return format("number", () => new Intl.NumberFormat(locale())).format(value);
}

/** Credits, to the four decimals that they are counted in. */
export function formatCredits(value: number): string {
  return format("credits", () => new Intl.NumberFormat(locale(), { maximumFractionDigits: 4 })).format(value);
}

/** "512 bytes", "34 kB", "2.4 MB": in thousands, as files are shown elsewhere. */
export function formatBytes(bytes: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1);
  const unit = units[power] ?? "byte";
  const shown = format(`bytes ${unit}`, () =>
    new Intl.NumberFormat(locale(), {
      style: "unit",
      unit,
      unitDisplay: power === 0 ? "long" : "short",
      maximumFractionDigits: power > 1 ? 1 : 0,
    }),
  );
  return shown.format(bytes / 1000 ** power);
}

/** Seconds as "0:07", "12:30", "1:02:03". */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, index) => (index === 0 ? `${part}` : `${part}`.padStart(2, "0"))).join(":");
}

/** "English", "Spanish" … of a code like "es". */
export function languageName(code: string): string {
  try {
    return format("languages", () => new Intl.DisplayNames(locale(), { type: "language" })).of(code) ?? code;
  } catch {
    return code;
  }
}
