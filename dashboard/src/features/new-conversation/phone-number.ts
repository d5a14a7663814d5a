/** Phone numbers as people type them. */
import { AsYouType, parsePhoneNumberFromString, validatePhoneNumberLength, type CountryCode } from "libphonenumber-js/min";

export type NumberProblem = "empty" | "no_country" | "too_short" | "too_long" | "no_number";

export interface ReadNumber {
  /** Of the number as far as it is typed; null while it is not known. */
  country: string | null;
  /** Null while it is no number. */
  e164: string | null;
  /** As it is written for people. */
  written: string;
  problem: NumberProblem | null;
  /** Not one that its country gives out, as far as is known: it can be tried all the same. */
  unusual: boolean;
}

/** `home`: the country that a number without + is of. */
export function readNumber(typed: string, home: string | null): ReadNumber {
  const text = typed.trim().replace(/^00(?=[1-9])/, "+");
  const none = { country: null, e164: null, written: text, unusual: false };
  if (text === "") return { ...none, problem: "empty" };
  if (/\p{L}/u.test(text)) return { ...none, problem: "no_number" };
  const isLocal = !text.startsWith("+");
  if (isLocal && home === null) return { ...none, problem: "no_country" };
  const options = isLocal ? { defaultCountry: home as CountryCode, extract: false } : { extract: false };
  const wrongLength = validatePhoneNumberLength(text, options);
  const number = parsePhoneNumberFromString(text, options);
  if (wrongLength !== undefined || !number) {
    const problem = PROBLEMS[wrongLength ?? "NOT_A_NUMBER"];
    return { ...none, country: typingCountry(text, home), problem };
  }
  const country = number.country ?? typingCountry(text, home);
  return { country, e164: number.number, written: number.formatInternational(), problem: null, unusual: !number.isValid() };
}

/** Of a number that is written in full; for the business's own. */
export function countryOf(address: string): string | null {
  return parsePhoneNumberFromString(address)?.country ?? null;
}

const PROBLEMS: Record<NonNullable<ReturnType<typeof validatePhoneNumberLength>>, NumberProblem> = {
  INVALID_COUNTRY: "no_country",
  NOT_A_NUMBER: "no_number",
  TOO_SHORT: "too_short",
  TOO_LONG: "too_long",
  INVALID_LENGTH: "too_short",
};

/** By the first digits already. */
function typingCountry(text: string, home: string | null): string | null {
  const asTyped = new AsYouType(text.startsWith("+") || home === null ? undefined : (home as CountryCode));
  asTyped.input(text);
  return asTyped.getCountry() ?? null;
}
