/** Moments as a <input type="datetime-local"> has them: the person's own clock, to the minute. */
export function toLocalInput(at: string | null): string {
  if (at === null) return "";
  const date = new Date(at);
  const two = (value: number) => `${value}`.padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

export function fromLocalInput(text: string): string | null {
  const date = new Date(text);
  return text === "" || Number.isNaN(date.getTime()) ? null : date.toISOString();
}

const FURTHEST_DAYS = 90;

export type TimeProblem = "past" | "too_far";

export function timeProblem(at: string | null, now = Date.now()): TimeProblem | null {
  if (at === null) return null;
  const moment = new Date(at).getTime();
  if (moment <= now) return "past";
  return moment > now + FURTHEST_DAYS * 86_400_000 ? "too_far" : null;
}
