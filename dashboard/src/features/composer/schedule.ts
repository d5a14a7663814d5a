/** Times to send a message at. */

import type { TextKey } from "@/lib/i18n";

export interface Preset {
  key: TextKey;
  at: Date;
}

export const LONGEST_AHEAD = 90 * 24 * 3600 * 1000;

export function presets(now: Date): Preset[] {
  const at = (days: number, hour: number) => {
    const day = new Date(now);
    day.setDate(day.getDate() + days);
    day.setHours(hour, 0, 0, 0);
    return day;
  };
  const untilMonday = (8 - now.getDay()) % 7 || 7;
  const all: Preset[] = [
    { key: "composer.schedule_in_an_hour", at: new Date(now.getTime() + 3_600_000) },
    { key: "composer.schedule_this_afternoon", at: at(0, 15) },
    { key: "composer.schedule_tomorrow_morning", at: at(1, 9) },
    { key: "composer.schedule_tomorrow_afternoon", at: at(1, 15) },
    { key: "composer.schedule_monday_morning", at: at(untilMonday, 9) },
  ];
  // "This afternoon" is none when it has nearly come; Monday is tomorrow on a Sunday.
  return all.filter(
    (each, place) =>
      each.at.getTime() > now.getTime() + 30 * 60_000 &&
      all.findIndex((other) => other.at.getTime() === each.at.getTime()) === place,
  );
}

/** For <input type="datetime-local">: the local time without a zone. */
export function localValue(at: Date): string {
  const two = (number: number) => String(number).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** What is wrong with a time; null when it can be taken. */
export function problemOf(at: Date, now: Date): TextKey | null {
  if (Number.isNaN(at.getTime())) return "composer.schedule_invalid";
  if (at.getTime() <= now.getTime()) return "composer.schedule_past";
  if (at.getTime() > now.getTime() + LONGEST_AHEAD) return "composer.schedule_too_far";
  return null;
}

export const timeZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;
