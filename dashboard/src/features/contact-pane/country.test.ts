import { expect, test } from "vitest";
import { countryName, flag } from "@/features/contact-pane/country";

test("a country has its name in the reader's language, and its flag", () => {
  expect(countryName("DE", "es")).toBe("Alemania");
  expect(flag("ES")).toBe("🇪🇸");
});

test("a code that is none is shown as it is", () => {
  expect(countryName("001x", "en")).toBe("001x");
  expect(flag("001")).toBe("");
});
