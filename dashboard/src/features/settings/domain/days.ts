/** How long something is kept, as it is typed: days, or nothing for ever. */
const MOST_DAYS = 36_500;

export const isDays = (text: string): boolean => text === "" || (/^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= MOST_DAYS);

/** Null: for ever. */
export const daysOf = (text: string): number | null => (text === "" ? null : Number(text));

/** A setting as a text to edit; what is no text and no number is left out. */
export const textOf = (value: unknown): string => (typeof value === "string" || typeof value === "number" ? `${value}` : "");
