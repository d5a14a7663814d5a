/** The moments that the snooze menu offers. Times of day are the viewer's. */

export type SnoozeName = "later" | "tomorrow" | "next_week" | "reply";

export interface SnoozeChoice {
  name: SnoozeName;
  /** Null is until the customer writes. */
  until: Date | null;
}

function atNine(now: Date, days: number): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, 9, 0, 0, 0);
}

/** Four hours on, to the next half hour; nothing once that would be after ten at night. */
function laterToday(now: Date): Date | null {
  const later = new Date(now.getTime() + 4 * 3_600_000);
  later.setMinutes(later.getMinutes() > 30 ? 60 : later.getMinutes() > 0 ? 30 : 0, 0, 0);
  const sameDay = later.getDate() === now.getDate();
  return sameDay && later.getHours() < 22 ? later : null;
}

export function snoozeChoices(now: Date): SnoozeChoice[] {
  const later = laterToday(now);
  const toMonday = ((8 - now.getDay()) % 7) + (now.getDay() === 1 ? 7 : 0);
  return [
    ...(later ? [{ name: "later" as const, until: later }] : []),
    { name: "tomorrow", until: atNine(now, 1) },
    { name: "next_week", until: atNine(now, toMonday) },
    { name: "reply", until: null },
  ];
}

/** The value of an input of type datetime-local. */
export function toLocalInput(date: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** Null unless it is a moment in the future. */
export function fromLocalInput(value: string, now: Date): Date | null {
  const date = new Date(value);
  return Number.isNaN(date.getTime()) || date.getTime() <= now.getTime() ? null : date;
}
