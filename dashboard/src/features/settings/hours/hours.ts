/** Business hours: as they are edited, as they are stored, and whether it is open now. */

export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Day = (typeof DAYS)[number];
/** "09:00" to "17:00"; an end of "00:00" is midnight. */
export interface Span {
  from: string;
  to: string;
}
export type Week = Record<Day, Span[]>;

/** As `settings.business_hours` of a domain holds it. */
export interface StoredHours {
  timezone?: string;
  days?: Partial<Record<Day, [string, string][]>>;
  away_message?: string;
}
export interface Hours {
  timezone: string;
  week: Week;
  awayMessage: string;
}

export type SpanProblem = "empty" | "backwards" | "overlap";
export const MOST_SPANS = 8;
const END = 24 * 60;

export const closedWeek = (): Week => ({ mon: [], tue: [], wed: [], thu: [], fri: [], sat: [], sun: [] });

/** Weekdays from nine to five: a start for who has none. */
export function usualWeek(): Week {
  const day = (): Span[] => [{ from: "09:00", to: "17:00" }];
  return { mon: day(), tue: day(), wed: day(), thu: day(), fri: day(), sat: [], sun: [] };
}

export function fromStored(stored: StoredHours, zone: string): Hours {
  const week = closedWeek();
  for (const day of DAYS) week[day] = (stored.days?.[day] ?? []).map(([from, to]) => ({ from, to: to === "24:00" ? "00:00" : to }));
  return { timezone: stored.timezone ?? zone, week, awayMessage: stored.away_message ?? "" };
}

/** Spans in their order; days without any are left out: they are closed. */
export function toStored({ timezone, week, awayMessage }: Hours): StoredHours {
  const days: StoredHours["days"] = {};
  for (const day of DAYS) {
    const spans = [...week[day]].sort((one, other) => startOf(one) - startOf(other));
    if (spans.length > 0) days[day] = spans.map(({ from, to }) => [from, to === "00:00" ? "24:00" : to]);
  }
  return { timezone, days, away_message: awayMessage.trim() };
}

/** What is wrong with each span of a day; null where nothing is. */
export function problemsOf(spans: readonly Span[]): (SpanProblem | null)[] {
  return spans.map((span, index) => {
    if (span.from === "" || span.to === "") return "empty";
    if (startOf(span) >= endOf(span)) return "backwards";
    const others = spans.filter((other, place) => place !== index && other.from !== "" && other.to !== "");
    return others.some((other) => startOf(span) < endOf(other) && startOf(other) < endOf(span)) ? "overlap" : null;
  });
}

export const isSound = (week: Week): boolean => DAYS.every((day) => problemsOf(week[day]).every((problem) => problem === null));

export interface OpenState {
  open: boolean;
  /** When that changes, in the business's wall time; null: never within a week. */
  until: { day: Day; time: string; daysAhead: number } | null;
}

/** Whether it is open at a moment. Days on which clocks change are counted as any other. */
export function openState({ timezone, week }: Hours, now: Date): OpenState {
  const { day, minute } = wallTime(timezone, now);
  const isOpen = (at: number) => {
    const spans = week[DAYS[Math.floor(at / END) % 7] ?? "mon"];
    return spans.some((span) => startOf(span) <= at % END && at % END < endOf(span));
  };
  const start = DAYS.indexOf(day) * END + minute;
  const open = isOpen(start);
  // It changes where a span begins or ends.
  const edges = DAYS.flatMap((each, index) => week[each].flatMap((span) => [index * END + startOf(span), index * END + endOf(span)]));
  const ahead = edges.map((edge) => (edge - start + 7 * END) % (7 * END) || 7 * END).sort((one, other) => one - other);
  const next = ahead.find((minutes) => isOpen(start + minutes) !== open);
  if (next === undefined) return { open, until: null };
  const at = start + next;
  return {
    open,
    until: { day: DAYS[Math.floor(at / END) % 7] ?? "mon", time: clock(at % END), daysAhead: Math.floor(at / END) - DAYS.indexOf(day) },
  };
}

function wallTime(timezone: string, now: Date): { day: Day; minute: number } {
  const parts = new Intl.DateTimeFormat("en-GB", { timeZone: timezone, weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" })
    .formatToParts(now);
  const part = (type: string) => parts.find((each) => each.type === type)?.value ?? "";
  const day = DAYS.find((each) => part("weekday").toLowerCase().startsWith(each)) ?? "mon";
  return { day, minute: Number(part("hour")) * 60 + Number(part("minute")) };
}

function minuteOf(time: string): number {
  const [hours = "0", minutes = "0"] = time.split(":");
  return Number(hours) * 60 + Number(minutes);
}
const startOf = (span: Span) => minuteOf(span.from);
const endOf = (span: Span) => minuteOf(span.to) || END;
const clock = (minute: number) => `${Math.floor(minute / 60)}`.padStart(2, "0") + ":" + `${minute % 60}`.padStart(2, "0");
