import { describe, expect, it } from "vitest";
import type { Template } from "@/api/outreach-types";
import type { Conversation } from "@/api/types";
import { bodyOf, contentProblem, dueOf, isDirty, momentProblem, MOST_HOURS, startingPlan, type Plan } from "@/features/follow-ups/plan";

const now = new Date("2026-05-06T10:00:00Z");
const open: Conversation = { has_window: true, window_closes_at: "2026-05-06T20:00:00Z" } as Conversation;
const closed: Conversation = { has_window: true, window_closes_at: null } as Conversation;
const sms: Conversation = { has_window: false, window_closes_at: null } as Conversation;
const template = {
  template_id: "t1", channel: "wmsg", header: null, body: "Hi {{1}}", footer: null, buttons: [], variables: [],
} as unknown as Template;
const text = (change: Partial<Plan> = {}): Plan => ({ ...startingPlan(sms), content: " Did you see it? ", ...change });

describe("a new follow-up", () => {
  it("is a template in a day where there is a window, which is closed by then", () => {
    expect(startingPlan(open)).toMatchObject({ timing: "after", hours: "24", way: "template" });
    expect(startingPlan(sms).way).toBe("text");
  });

  it("holds nothing that could be lost, before something was filled in", () => {
    expect(isDirty(startingPlan(open))).toBe(false);
    expect(isDirty({ ...startingPlan(open), hours: "4" })).toBe(false);
    expect([isDirty(text()), isDirty({ ...startingPlan(open), template })]).toEqual([true, true]);
  });
});

describe("when it goes out", () => {
  it.each([
    ["4", "2026-05-06T14:00:00.000Z"],
    ["1,5", "2026-05-06T11:30:00.000Z"],
    [" 0.5 ", "2026-05-06T10:30:00.000Z"],
    [`${MOST_HOURS}`, "2026-06-05T10:00:00.000Z"],
  ])("%j hours are %s", (hours, due) => {
    expect(dueOf(text({ hours }), now)?.toISOString()).toBe(due);
  });

  it.each(["", "0", "-1", "720.1", "soon", "1 2"])("%j hours are none", (hours) => {
    expect(dueOf(text({ hours }), now)).toBeNull();
    expect(momentProblem(text({ hours }), now)).toBe("outreach.follow_hours_wrong");
  });

  it("is a date of one's own, if that is yet to come", () => {
    const at = (value: string) => momentProblem(text({ timing: "at", at: value }), now);
    expect(at("2026-05-07T09:00")).toBeNull();
    expect(at("2026-05-01T09:00")).toBe("composer.schedule_past");
    expect(at("2026-12-01T09:00")).toBe("composer.schedule_too_far");
    expect(at("")).toBe("composer.schedule_invalid");
  });
});

describe("a text", () => {
  it("goes out until the window closes, and a template after that", () => {
    const problem = (hours: string, conversation: Conversation) => contentProblem(text({ hours }), conversation, now);
    expect(problem("9", open)).toBeNull();
    expect(problem("11", open)).toBe("window");
    expect(problem("1", closed)).toBe("window");
    expect(problem("700", sms)).toBeNull();
    expect(contentProblem(text({ way: "template", template, values: { 1: "Ana" } }), closed, now)).toBeNull();
  });

  it("must say something", () => {
    expect(contentProblem(text({ content: " \n" }), sms, now)).toBe("content");
  });
});

it("a template must be chosen, and all of its variables filled in", () => {
  expect(contentProblem(startingPlan(open), open, now)).toBe("template");
  expect(contentProblem({ ...startingPlan(open), template }, open, now)).toBe("variables");
  expect(contentProblem({ ...startingPlan(open), template, values: { 1: "Ana" } }, open, now)).toBeNull();
});

describe("the request", () => {
  it("has the hours as a number and the text without spaces around it", () => {
    expect(bodyOf(text({ hours: "1,5" }))).toEqual({ after_hours: 1.5, content: "Did you see it?" });
  });

  it("has the moment in UTC, and of a template its own variables only", () => {
    const plan = text({ timing: "at", at: "2026-05-07T09:00", way: "template", template, values: { 1: " Ana ", 2: "of another" } });
    expect(bodyOf(plan)).toEqual({ due_at: new Date("2026-05-07T09:00").toISOString(), template_id: "t1", variables: { 1: "Ana" } });
  });
});
