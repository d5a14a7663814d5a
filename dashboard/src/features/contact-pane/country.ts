/** Countries by their ISO 3166 code, as people know them. */

import type { Language } from "@/lib/i18n";

const names = new Map<Language, Intl.DisplayNames>();

export function countryName(code: string, language: Language): string {
  let known = names.get(language);
  if (!known) names.set(language, (known = new Intl.DisplayNames(language, { type: "region" })));
  try {
    return known.of(code) ?? code;
  } catch {
    return code;
  }
}

let drawn: boolean | undefined;

/** Whether this machine's fonts have flags, and not the letters or boxes that stand in for them. */
export function hasFlags(): boolean {
  drawn ??= hasColor(flag("ES"));
  return drawn;
}

function hasColor(text: string): boolean {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [32, 32];
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return false;
  context.font = "24px sans-serif";
  context.fillText(text, 0, 26);
  const { data } = context.getImageData(0, 0, 32, 32);
  return data.some((red, place) => place % 4 === 0 && red !== data[place + 1]);
}

/** Two letters that fonts draw as a flag. "" for what is no country. */
export function flag(code: string): string {
  if (!/^[A-Z]{2}$/.test(code)) return "";
  return String.fromCodePoint(...[0, 1].map((place) => 0x1f1a5 + code.charCodeAt(place)));
}
