import { describe, expect, it } from "vitest";
import type { Conversation } from "@/api/types";
import { type ConversationPages, flatten, isNewer, markRead, place } from "@/features/conversation-list/pages";
import { conversation, event, ME } from "@/features/conversation-list/testing";

function at(minute: number): string {
  return new Date(Date.UTC(2026, 4, 4, 10, minute)).toISOString();
}

function pagesOf(...pages: Conversation[][]): ConversationPages {
  return {
    pages: pages.map((items, number) => ({ items, next: number === pages.length - 1 ? null : `n${number}` })),
    pageParams: pages.map((_, number) => (number === 0 ? null : `n${number - 1}`)),
  };
}

const four = pagesOf(
  [conversation({ chat_id: "d", last_active: at(40) }), conversation({ chat_id: "c", last_active: at(30) })],
  [conversation({ chat_id: "b", last_active: at(20) }), conversation({ chat_id: "a", last_active: at(10) })],
);

const ids = (pages: ConversationPages) => flatten(pages.pages).map((item) => item.chat_id).join("");

describe("a change that comes live", () => {
  it("moves the conversation to the top and counts what the viewer has not read", () => {
    const { pages } = place(four, event({ chat_id: "a", last_active: at(50), inbound_count: 5, last_message: "New" }), {}, ME.person_id);
    expect(ids(pages)).toBe("adcb");
    expect(flatten(pages.pages)[0]).toMatchObject({ last_message: "New", unread: 2, read_count: 3, mentioned: false });
  });

  it("changes in place what is not newer, and leaves the other rows the same objects", () => {
    const { pages } = place(four, event({ chat_id: "c", last_active: at(30), priority: "urgent" }), {}, ME.person_id);
    expect(ids(pages)).toBe("dcba");
    expect(flatten(pages.pages)[1]?.priority).toBe("urgent");
    expect(pages.pages[1]).toBe(four.pages[1]);
  });

  it("takes out what fits no longer, but not the one that is open and was only read", () => {
    const closed = event({ chat_id: "c", last_active: at(30), status: "closed" });
    expect(ids(place(four, closed, {}, ME.person_id, "c").pages)).toBe("dba");
    const unread = pagesOf([conversation({ chat_id: "u", unread: 1, inbound_count: 4 })]);
    const read = conversation({ chat_id: "u", unread: 0, inbound_count: 4, read_count: 4 });
    expect(ids(place(unread, read, { unread: true }, ME.person_id, "u").pages)).toBe("u");
    expect(ids(place(unread, read, { unread: true }, ME.person_id).pages)).toBe("");
  });

  it("asks for the viewer's part of a conversation that is not here", () => {
    expect(place(four, event({ chat_id: "new" }), {}, ME.person_id).outcome).toBe("unknown");
    expect(place(four, event({ chat_id: "new", status: "closed" }), {}, ME.person_id).outcome).toBe("same");
  });

  it("puts a known one at its place, or leaves it to a later page", () => {
    const between = conversation({ chat_id: "x", last_active: at(25) });
    expect(ids(place(four, between, {}, ME.person_id).pages)).toBe("dcxba");
    const oldest = conversation({ chat_id: "x", last_active: at(1) });
    expect(ids(place(four, oldest, {}, ME.person_id).pages)).toBe("dcbax");
    const more = { ...four, pages: four.pages.map((page) => ({ ...page, next: "more" })) };
    expect(ids(place(more, oldest, {}, ME.person_id).pages)).toBe("dcba");
  });

  it("shows a conversation once when pages overlap", () => {
    expect(ids(pagesOf([conversation({ chat_id: "a" })], [conversation({ chat_id: "a" }), conversation({ chat_id: "b" })]))).toBe("ab");
  });
});

describe("reading", () => {
  it("clears the count and the mention", () => {
    const pages = pagesOf([conversation({ chat_id: "u", unread: 2, read_count: 1, mentioned: true })]);
    expect(flatten(markRead(pages, "u", 3).pages)[0]).toMatchObject({ unread: 0, read_count: 3, mentioned: false });
  });

  it("of something else changes nothing", () => {
    expect(markRead(four, "zzz", 3)).toBe(four);
    expect(markRead(four, "a", 3)).toBe(four);
  });
});

it("of two states the later has more messages, or was active later; else it cannot be told", () => {
  const one = conversation({ inbound_count: 3, last_active: at(10) });
  expect(isNewer(conversation({ inbound_count: 4, last_active: at(9) }), one)).toBe(true);
  expect(isNewer(one, conversation({ inbound_count: 4, last_active: at(9) }))).toBe(false);
  expect(isNewer(conversation({ inbound_count: 3, last_active: at(11) }), one)).toBe(true);
  expect(isNewer(conversation({ inbound_count: 3, last_active: at(10), status: "closed" }), one)).toBe(false);
});
