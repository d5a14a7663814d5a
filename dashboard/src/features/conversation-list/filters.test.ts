import { describe, expect, it } from "vitest";
import { chipsOf, cleared, fits, fromView, isNarrowed, parseFilters, sameFilters, tabOf, toQuery, withFilter, withTab } from "@/features/conversation-list/filters";
import { conversation, event, ME } from "@/features/conversation-list/testing";

describe("the address bar", () => {
  it("keeps what it understands and drops the rest", () => {
    const search = { assignee: "me", channel: "fax", unread: true, q: 123, priority: "high", page: 7, mentions: "no" };
    expect(parseFilters(search)).toEqual({ assignee: "me", unread: true, q: "123", priority: "high" });
  });

  it("says nothing of the usual status, and asks the server for it", () => {
    expect(parseFilters({ status: "open" })).toEqual({});
    expect(toQuery({})).toEqual({ status: "open" });
    expect(toQuery({ status: "all", q: " maria " })).toEqual({ q: "maria" });
  });

  it("comes back from a saved view as it was saved", () => {
    for (const filters of [{}, { status: "all" }, { status: "closed", label: "l1" }, { unread: true, assignee: "me" }] as const) {
      expect(fromView(toQuery(filters))).toEqual(filters);
      expect(sameFilters(fromView(toQuery(filters)), filters)).toBe(true);
    }
  });
});

describe("tabs and chips", () => {
  it("another tab keeps the other filters", () => {
    const mine = withTab({ label: "l1" }, "mine");
    expect(mine).toEqual({ label: "l1", assignee: "me" });
    expect(tabOf(mine)).toBe("mine");
    expect(withTab(mine, "all")).toEqual({ label: "l1" });
  });

  it("a person chosen as assignee is a chip of the tab All", () => {
    expect(tabOf({ assignee: "p9" })).toBe("all");
    expect(chipsOf({ assignee: "p9", q: "x", status: "closed", unread: true })).toEqual(["assignee", "unread"]);
    expect(chipsOf({ assignee: "none" })).toEqual([]);
  });

  it("clearing leaves the tab", () => {
    expect(isNarrowed({ assignee: "me" })).toBe(false);
    expect(isNarrowed({ status: "closed" })).toBe(true);
    expect(cleared({ assignee: "me", q: "x", label: "l1" })).toEqual({ assignee: "me" });
    expect(withFilter({ q: "x" }, "q", undefined)).toEqual({});
  });
});

describe("whether a conversation belongs in the list", () => {
  const label = { label_id: "l1", name: "VIP", color: "red" };
  it.each([
    [{}, {}, true],
    [{ status: "closed" }, {}, false],
    [{ status: "closed" }, { status: "all" }, true],
    [{ assignee: ME }, { assignee: "me" }, true],
    [{ assignee: null }, { assignee: "me" }, false],
    [{ assignee: null }, { assignee: "none" }, true],
    [{ assignee: ME }, { assignee: "any" }, true],
    [{ labels: [label] }, { label: "l1" }, true],
    [{ labels: [] }, { label: "l1" }, false],
    [{ channel: "sms" }, { channel: "wmsg" }, false],
    [{ needs_people: true }, { needs_people: true }, true],
    [{ blocked: true }, {}, false],
    [{ blocked: true }, { blocked: true }, true],
    [{ unread: 2 }, { unread: true }, true],
    [{ unread: 0 }, { unread: true }, false],
    [{ mentioned: true }, { mentions: true }, true],
  ] as const)("%j in %j: %s", (change, filters, expected) => {
    expect(fits(conversation(change as never), filters, ME.person_id)).toBe(expected);
  });

  it("is for the server to say when words are searched or the viewer's part is not known", () => {
    expect(fits(conversation(), { q: "maria" }, ME.person_id)).toBeNull();
    expect(fits(event(), { unread: true }, ME.person_id)).toBeNull();
    expect(fits(conversation({ mentioned: false }), { mentions: true }, ME.person_id)).toBeNull();
    expect(fits(event({ status: "closed" }), { q: "maria" }, ME.person_id)).toBe(false);
  });
});
