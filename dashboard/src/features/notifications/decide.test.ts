import { describe, expect, it } from "vitest";
import type { Conversation, Message } from "@/api/types";
import { decide, reasonFor, SILENT, titleWith, wasAssigned } from "@/features/notifications/decide";
import { readPreferences } from "@/features/notifications/preferences";

const person = (id: string) => ({ person_id: id, name: id, email: `${id}@example.com` });
const written = (change: Partial<Message>) => ({ sender: "human", kind: "text", mentions: [], person: null, ...change }) as Message;
const about = (change: Partial<Conversation>) => ({ assignee: null, needs_people: false, blocked: false, ...change }) as Conversation;
const all = { desktop: "all", sound: "all" } as const;
const mine = { desktop: "mine", sound: "off" } as const;

describe("why a message concerns the viewer", () => {
  it("a customer's does, a note that names them does, their own and others' do not", () => {
    expect(reasonFor(written({ sender: "user" }), "me")).toBe("message");
    expect(reasonFor(written({ kind: "note", mentions: ["me"], person: person("bo") }), "me")).toBe("mention");
    expect(reasonFor(written({ kind: "note", mentions: ["me"], person: person("me") }), "me")).toBeNull();
    expect(reasonFor(written({ kind: "note", mentions: ["bo"], person: person("al") }), "me")).toBeNull();
    expect(reasonFor(written({ sender: "assistant" }), "me")).toBeNull();
  });
});

describe("an assignment", () => {
  const assigned = (to: string, by: string | null) =>
    written({ kind: "event", structured: { event: "assigned", assignee: person(to), by: by && person(by) } });
  it("is news when somebody else made it", () => {
    expect(wasAssigned(assigned("me", "bo"), "me")).toBe(true);
    expect(wasAssigned(assigned("me", null), "me")).toBe(true);
    expect(wasAssigned(assigned("me", "me"), "me")).toBe(false);
    expect(wasAssigned(assigned("bo", "al"), "me")).toBe(false);
    expect(wasAssigned(written({ kind: "event", structured: { event: "mode" } }), "me")).toBe(false);
  });
});

describe("what is done about it", () => {
  it("nothing while the conversation is before the viewer's eyes", () => {
    expect(decide("mention", about({}), "me", all, true)).toEqual(SILENT);
  });

  it("mine: my conversations, and those that need people and have nobody", () => {
    expect(decide("message", about({ assignee: person("me") }), "me", mine, false)).toEqual({ desktop: true, sound: false, toast: false });
    expect(decide("message", about({ assignee: person("bo"), needs_people: true }), "me", mine, false).desktop).toBe(false);
    expect(decide("message", about({ needs_people: true }), "me", mine, false).desktop).toBe(true);
    expect(decide("message", about({}), "me", mine, false).desktop).toBe(false);
  });

  it("all: every customer's message, but not those of the blocked", () => {
    expect(decide("message", about({}), "me", all, false)).toEqual({ desktop: true, sound: true, toast: false });
    expect(decide("message", about({ blocked: true }), "me", all, false).sound).toBe(false);
  });

  it("an assignment and a mention show in the page too", () => {
    expect(decide("assignment", about({}), "me", mine, false)).toEqual({ desktop: true, sound: false, toast: true });
  });
});

it("preferences that cannot be read are the usual ones", () => {
  const usual = { desktop: "mine", sound: "mine" };
  expect(readPreferences(null)).toEqual(usual);
  expect(readPreferences("{")).toEqual(usual);
  expect(readPreferences({ sound: "all", desktop: 7 })).toEqual({ desktop: "mine", sound: "all" });
});

it("the title counts once", () => {
  expect(titleWith("Inbox", 3)).toBe("(3) Inbox");
  expect(titleWith("(3) Inbox", 120)).toBe("(99+) Inbox");
  expect(titleWith("(99+) Inbox", 0)).toBe("Inbox");
});
