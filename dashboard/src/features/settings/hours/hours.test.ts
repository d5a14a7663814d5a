import { describe, expect, it } from "vitest";
import { closedWeek, fromStored, openState, problemsOf, toStored, usualWeek } from "@/features/settings/hours/hours";

const hours = (week = usualWeek(), timezone = "Europe/Madrid") => ({ timezone, week, awayMessage: "" });

describe("business hours", () => {
  it("are the same after a way through the form", () => {
    const stored = { timezone: "Asia/Tokyo", days: { mon: [["09:00", "13:00"], ["15:00", "24:00"]] as [string, string][] }, away_message: "Later." };
    expect(toStored(fromStored(stored, "UTC"))).toEqual(stored);
  });

  it("are stored in their order, without the days that are closed", () => {
    const week = closedWeek();
    week.tue = [{ from: "15:00", to: "18:00" }, { from: "08:00", to: "12:00" }];
    expect(toStored(hours(week)).days).toEqual({ tue: [["08:00", "12:00"], ["15:00", "18:00"]] });
  });

  it("say which of a day's spans cannot be", () => {
    expect(problemsOf([{ from: "09:00", to: "13:00" }, { from: "12:00", to: "17:00" }])).toEqual(["overlap", "overlap"]);
    expect(problemsOf([{ from: "17:00", to: "09:00" }])).toEqual(["backwards"]);
    expect(problemsOf([{ from: "", to: "09:00" }])).toEqual(["empty"]);
    expect(problemsOf([{ from: "17:00", to: "00:00" }, { from: "09:00", to: "17:00" }])).toEqual([null, null]);
  });
});

describe("open now", () => {
  it("goes by the business's clock, not the viewer's", () => {
    // Wednesday, 16:30 in Madrid, 00:30 on Thursday in Tokyo.
    const now = new Date("2026-02-04T15:30:00Z");
    expect(openState(hours(), now)).toEqual({ open: true, until: { day: "wed", time: "17:00", daysAhead: 0 } });
    expect(openState(hours(usualWeek(), "Asia/Tokyo"), now)).toEqual({ open: false, until: { day: "thu", time: "09:00", daysAhead: 0 } });
  });

  it("is closed over the weekend until Monday", () => {
    expect(openState(hours(), new Date("2026-02-06T17:00:00Z"))).toEqual({ open: false, until: { day: "mon", time: "09:00", daysAhead: 3 } });
  });

  it("goes on past midnight where the next day begins with it", () => {
    const week = closedWeek();
    week.fri = [{ from: "20:00", to: "00:00" }];
    week.sat = [{ from: "00:00", to: "03:00" }];
    expect(openState(hours(week, "UTC"), new Date("2026-02-06T22:00:00Z"))).toEqual({ open: true, until: { day: "sat", time: "03:00", daysAhead: 1 } });
  });

  it("never changes where every day is closed, or none is", () => {
    const always = closedWeek();
    for (const spans of Object.values(always)) spans.push({ from: "00:00", to: "00:00" });
    expect(openState(hours(closedWeek()), new Date())).toEqual({ open: false, until: null });
    expect(openState(hours(always), new Date())).toEqual({ open: true, until: null });
  });
});
