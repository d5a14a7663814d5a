import { describe, expect, it } from "vitest";
import { countryOf, readNumber } from "@/features/new-conversation/phone-number";

describe("a number as it is typed", () => {
  it.each([
    ["+34 600 111 222", null, "+34600111222", "ES"],
    ["0034600111222", null, "+34600111222", "ES"],
    ["600 11 12 22", "ES", "+34600111222", "ES"],
    ["(415) 523-8886", "US", "+14155238886", "US"],
    ["0151 23456789", "DE", "+4915123456789", "DE"],
    ["+44 20 7946 0958", "ES", "+442079460958", "GB"],
  ])("%s, of %s, is %s of %s", (typed, home, e164, country) => {
    expect(readNumber(typed, home)).toMatchObject({ e164, country, problem: null });
  });

  it.each([
    ["", "ES", "empty"],
    ["Ana", "ES", "no_number"],
    ["600111222", null, "no_country"],
    ["+34 600", null, "too_short"],
    ["+34 600 111 222 333 444", null, "too_long"],
  ])("%s, of %s, is refused: %s", (typed, home, problem) => {
    expect(readNumber(typed, home)).toMatchObject({ e164: null, problem });
  });

  it("has its country before it is whole", () => {
    expect(readNumber("+4915", null).country).toBe("DE");
  });

  it("that its country does not give out is only doubted", () => {
    expect(readNumber("+34 100 000 000", null)).toMatchObject({ e164: "+34100000000", problem: null, unusual: true });
  });
});

it("the business's own number says which country is meant without one", () => {
  expect(countryOf("+14155238886")).toBe("US");
  expect(countryOf("+34911222333")).toBe("ES");
});
