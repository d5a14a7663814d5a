import { beforeEach, expect, test } from "vitest";
import {
  formatBrief,
  formatBytes,
  formatDay,
  formatDuration,
  setLanguage,
  startI18n,
  translate,
  withTexts,
} from "@/lib/i18n";

beforeEach(startI18n);

test("a count chooses the form of the text, and is written as numbers are", () => {
  expect(translate("common.nav_unread", { count: 1 })).toBe("1 conversation with something unread");
  expect(translate("common.nav_unread", { count: 1200 })).toBe("1,200 conversations with something unread");
});

test("a name with braces in it is not taken for a place", () => {
  expect(translate("common.menu_profile", { name: "{name}" })).toBe("Your account: {name}");
});

test("a language without its own text shows the English one", async () => {
  await setLanguage("ar");
  expect(document.documentElement.dir).toBe("rtl");
  expect(translate("common.nav_inbox")).not.toBe("common.nav_inbox");
  await setLanguage("en");
  expect(document.documentElement.dir).toBe("ltr");
});

test("a page's code comes with its texts, and they follow the language from then on", async () => {
  const [page] = await Promise.all([withTexts("outreach", Promise.resolve("page")), setLanguage("es")]);
  expect([page, translate("outreach.amount")]).toEqual(["page", "Importe"]);
  await setLanguage("en");
  expect(translate("outreach.amount")).toBe("Amount");
});

test("sizes and durations are short", () => {
  expect([0, 1, 999, 1000, 5_250_000].map(formatBytes)).toEqual(["0 bytes", "1 byte", "999 bytes", "1 kB", "5.3 MB"]);
  expect([0.4, 7, 750, 3723].map(formatDuration)).toEqual(["0:00", "0:07", "12:30", "1:02:03"]);
});

test("days near now have names", () => {
  const now = new Date(2026, 10, 21, 9, 30);
  const ago = (days: number) => new Date(2026, 10, 21 - days, 23, 0);
  expect(formatDay(ago(0), now)).toBe("Today");
  expect(formatDay(ago(1), now)).toBe("Yesterday");
  expect(formatDay(ago(2), now)).toMatch(/Thursday/);
  expect(formatBrief(new Date(2026, 10, 21, 8, 5), now)).toMatch(/8:05/);
  expect(formatBrief(ago(3), now)).toBe("Wed");
  expect(formatBrief(ago(9), now)).toMatch(/Nov/);
});
