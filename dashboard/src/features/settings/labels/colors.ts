import type { Translate } from "@/lib/i18n";

export const COLORS = ["slate", "red", "orange", "amber", "green", "teal", "blue", "violet", "pink"] as const;
export type Color = (typeof COLORS)[number];

/** A colour in words: it is not told by the colour alone. */
export function colorName(color: string, t: Translate): string {
  const known = COLORS.find((each) => each === color);
  return known ? t(`settings.color_${known}`) : color;
}
