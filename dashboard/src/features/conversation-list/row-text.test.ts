import { describe, expect, it } from "vitest";
import { rowWords, senderHint, windowHint } from "@/features/conversation-list/row-text";
import { conversation, ME } from "@/features/conversation-list/testing";
import { translate } from "@/lib/i18n";

const NOW = Date.parse("2026-05-04T10:00:00Z");
const closing = (minutes: number) => conversation({ window_closes_at: new Date(NOW + minutes * 60_000).toISOString() });

describe("the window of free text", () => {
  it("is a hint in its last two hours, and when it has closed", () => {
    expect(windowHint(closing(121), NOW)).toBeNull();
    expect(windowHint(closing(30), NOW)).toEqual({ kind: "closing", minutes: 30 });
    expect(windowHint(closing(0), NOW)).toEqual({ kind: "closed" });
  });

  it("is none where the channel has none, nobody wrote, or it is done", () => {
    expect(windowHint({ ...closing(5), has_window: false }, NOW)).toBeNull();
    expect(windowHint(conversation(), NOW)).toBeNull();
    expect(windowHint({ ...closing(5), status: "closed" }, NOW)).toBeNull();
  });
});

describe("a row in words", () => {
  it("says what the icons show", () => {
    const label = { label_id: "l1", name: "VIP", color: "red" };
    const words = rowWords(
      conversation({ unread: 2, mentioned: true, needs_people: true, priority: "urgent", assignee: ME, labels: [label], last_sender: "human" }),
      NOW,
      translate,
    );
    for (const part of ["Maria", "WhatsApp", "2 unread messages", "you are mentioned", "needs people", "priority Urgent", "You: Hello", "assigned to Ada", "labels: VIP"]) {
      expect(words).toContain(part);
    }
  });

  it("says nothing of what is usual", () => {
    expect(rowWords(conversation({ last_active: null }), NOW, translate)).toBe("Maria, WhatsApp, Hello");
    expect(senderHint(conversation({ last_sender: "user" }), translate)).toBe("");
  });
});
