import { describe, expect, it } from "vitest";
import { fromLocalInput, snoozeChoices, toLocalInput } from "@/features/conversation-list/snooze";

const named = (now: Date) => Object.fromEntries(snoozeChoices(now).map(({ name, until }) => [name, until && toLocalInput(until)]));

describe("the snooze menu", () => {
  it("offers four hours on, tomorrow and Monday at nine, and until the reply", () => {
    expect(named(new Date(2026, 4, 6, 10, 10))).toEqual({
      later: "2026-05-06T14:30",
      tomorrow: "2026-05-07T09:00",
      next_week: "2026-05-11T09:00",
      reply: null,
    });
  });

  it("has no later today in the evening", () => {
    expect(Object.keys(named(new Date(2026, 4, 6, 19, 0)))).toEqual(["tomorrow", "next_week", "reply"]);
  });

  it("takes the next Monday, also on a Monday and a Sunday", () => {
    expect(named(new Date(2026, 4, 4, 8, 0)).next_week).toBe("2026-05-11T09:00");
    expect(named(new Date(2026, 4, 10, 8, 0)).next_week).toBe("2026-05-11T09:00");
  });

  it("takes a moment of one's own only in the future", () => {
    const now = new Date(2026, 4, 6, 10, 0);
    expect(fromLocalInput("2026-05-06T10:01", now)).toEqual(new Date(2026, 4, 6, 10, 1));
    expect(fromLocalInput("2026-05-06T09:59", now)).toBeNull();
    expect(fromLocalInput("", now)).toBeNull();
  });
});
