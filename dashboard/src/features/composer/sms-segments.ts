/** How many text messages an SMS takes: 3GPP TS 23.038 (GSM 7-bit, else UCS-2) and 23.040 (joined parts). */

const BASIC =
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const EXTENDED = "\f^{}\\[~]|€";

const WIDTH = new Map<string, number>([
  ...Array.from(BASIC, (each): [string, number] => [each, 1]),
  ...Array.from(EXTENDED, (each): [string, number] => [each, 2]),
]);

export interface Segments {
  encoding: "GSM-7" | "UCS-2";
  /** Septets, or UTF-16 units. */
  units: number;
  parts: number;
  /** Units that still go into the last part. */
  left: number;
}

const SIZES = { "GSM-7": { single: 160, joined: 153 }, "UCS-2": { single: 70, joined: 67 } } as const;

export function segments(text: string): Segments {
  const characters = Array.from(text);
  const gsm = characters.every((each) => WIDTH.has(each));
  const widths = characters.map((each) => (gsm ? (WIDTH.get(each) ?? 1) : each.length));
  const encoding = gsm ? "GSM-7" : "UCS-2";
  const units = widths.reduce((sum, width) => sum + width, 0);
  const { single, joined } = SIZES[encoding];
  if (units <= single) return { encoding, units, parts: units ? 1 : 0, left: single - units };
  // Neither an escape and its letter nor the two halves of an emoji are parted.
  let parts = 1;
  let used = 0;
  for (const width of widths) {
    if (used + width > joined) {
      parts += 1;
      used = 0;
    }
    used += width;
  }
  return { encoding, units, parts, left: joined - used };
}
