import { describe, expect, it } from "vitest";
import type { CannedReply, Conversation, Limits } from "@/api/types";
import { plan } from "@/features/composer/message-plan";
import { clock, lockOf, windowLeft } from "@/features/composer/reply-window";
import { localValue, presets, problemOf } from "@/features/composer/schedule";
import { insert, matchingPeople, matchingReplies, mentioned, triggerAt } from "@/features/composer/triggers";

const LIMITS = { text_limit: 20, caption_limit: 10, captioned: ["image"], media_per_message: 1, media: {} } as unknown as Limits;
const HOUR = 3_600_000;

describe("the messages that a text becomes", () => {
  it("are one where it fits", () => {
    expect(plan("hello", [], LIMITS)).toMatchObject({ messages: 1, textMessages: 1, caption: false, limit: 20 });
    expect(plan("  ", [], LIMITS).messages).toBe(0);
  });
  it("are cut between words and sentences", () => {
    expect(plan("one two. three four five six seven", [], LIMITS).messages).toBe(3);
    expect(plan("x".repeat(41), [], LIMITS).messages).toBe(3);
  });
  it("hold a short text beside a picture, and a long one before it", () => {
    const picture = { kind: "image", size: 1 };
    expect(plan("hello", [picture], LIMITS)).toMatchObject({ messages: 1, caption: true, limit: 10 });
    expect(plan("hello, you two", [picture], LIMITS)).toMatchObject({ messages: 2, caption: false });
    expect(plan("hello", [{ kind: "document", size: 1 }, picture], LIMITS).messages).toBe(3);
  });
  it("count an emoji as one letter", () => {
    expect(plan("😀".repeat(20), [], LIMITS)).toMatchObject({ characters: 20, messages: 1 });
  });
});

describe("the window for answers", () => {
  const now = Date.parse("2026-05-01T12:00:00Z");
  const open = (change: Partial<Conversation>) =>
    ({ has_window: true, window_closes_at: new Date(now + HOUR).toISOString(), blocked: false, opted_out: false, ...change }) as Conversation;

  it("closes on the second", () => {
    expect(windowLeft(open({}), now)).toBe(HOUR);
    expect(lockOf(open({}), now + HOUR - 1, true, true)).toBeNull();
    expect(lockOf(open({}), now + HOUR, true, true)).toBe("window");
  });
  it("is closed before the customer has written, and there is none on SMS", () => {
    expect(lockOf(open({ window_closes_at: null }), now, true, true)).toBe("never_wrote");
    expect(lockOf(open({ window_closes_at: null, has_window: false }), now, true, true)).toBeNull();
  });
  it("is not what matters for the blocked, the opted out, a stopped channel or a viewer", () => {
    expect(lockOf(open({ blocked: true }), now, true, true)).toBe("blocked");
    expect(lockOf(open({ opted_out: true }), now, true, true)).toBe("opted_out");
    expect(lockOf(open({}), now, true, false)).toBe("channel");
    expect(lockOf(open({}), now, false, true)).toBe("viewer");
  });
  it("is told in hours, minutes and seconds", () => {
    expect(clock(3 * HOUR + 59 * 60_000 + 1)).toEqual({ hours: 3, minutes: 59, seconds: 1 });
  });
});

describe("times to send at", () => {
  it("are all to come, and none twice", () => {
    const sunday = new Date(2026, 4, 3, 20, 0);
    expect(presets(sunday).map((each) => each.key)).toEqual(["composer.schedule_in_an_hour", "composer.schedule_tomorrow_morning", "composer.schedule_tomorrow_afternoon"]);
    const monday = new Date(2026, 4, 4, 8, 0);
    expect(localValue(presets(monday).at(-1)?.at ?? monday)).toBe("2026-05-11T09:00");
  });
  it("are no more than 90 days ahead, and never past", () => {
    const now = new Date(2026, 0, 1);
    expect(problemOf(new Date(2026, 0, 1), now)).toContain("past");
    expect(problemOf(new Date(2026, 3, 2), now)).toContain("too_far");
    expect(problemOf(new Date(2026, 2, 31), now)).toBeNull();
    expect(problemOf(new Date(NaN), now)).toContain("invalid");
  });
});

describe("signs that open a menu", () => {
  it("count at the start of a word", () => {
    expect(triggerAt("/pri", 4, false)).toEqual({ sign: "/", query: "pri", start: 0, end: 4 });
    expect(triggerAt("see /p", 6, false)?.start).toBe(4);
    expect(triggerAt("and/or", 6, false)).toBeNull();
    expect(triggerAt("https://x", 9, false)).toBeNull();
    expect(triggerAt("@be", 3, false)).toBeNull();
    expect(triggerAt("hi @be", 6, true)).toMatchObject({ sign: "@", query: "be", start: 3 });
    expect(triggerAt("ben@shop", 8, true)).toBeNull();
  });
  it("put in what was chosen and set the caret behind it", () => {
    expect(insert("hi @be now", 3, 6, "@Ben ")).toEqual({ text: "hi @Ben  now", caret: 8 });
  });
  it("find replies by shortcut first, then by title and text", () => {
    const reply = (shortcut: string, title: string, content: string): CannedReply => ({ canned_reply_id: shortcut, shortcut, title, content, attachments: [] });
    const replies = [reply("bye", "Goodbye", "See you, price hunter"), reply("cost", "Prices", ""), reply("price", "What it costs", "")];
    expect(matchingReplies(replies, "pri").map((each) => each.shortcut)).toEqual(["price", "cost", "bye"]);
    expect(matchingReplies(replies, "zzz")).toEqual([]);
  });
  it("find people by any of their names, without accents", () => {
    const person = (name: string) => ({ person_id: name, name, email: "x@y.z" });
    const people = [person("Ana Núñez"), person("Ben Okri")];
    expect(matchingPeople(people, "nun").map((each) => each.name)).toEqual(["Ana Núñez"]);
    expect(mentioned("ask @Ben Okri", people)).toEqual([people[1]]);
  });
});
