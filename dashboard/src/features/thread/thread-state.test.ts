import { describe, expect, it } from "vitest";
import { message, range } from "@/features/thread/fixtures";
import {
  MOST_KEPT, fromPage, withMessage, withNewer, withNewest, withOlder, withoutMessage, type ThreadState,
} from "@/features/thread/thread-state";

const page = (from: number, to: number, next: string | null = null, newer: string | null = null) => ({
  items: range(from, to), next, newer, first_unread: null,
});
const seqs = (state: ThreadState) => state.items.map((one) => one.seq);

describe("the loaded stretch of a conversation", () => {
  it("joins pages above and below in order, each message once", () => {
    const state = withNewer(withOlder(fromPage(page(5, 7, "m5", "m7")), page(3, 5)), page(7, 9));
    expect(seqs(state)).toEqual([3, 4, 5, 6, 7, 8, 9]);
    expect([state.next, state.newer]).toEqual([null, null]);
  });

  it("puts a message that comes live at the end", () => {
    expect(seqs(withMessage(fromPage(page(1, 2)), message(3)))).toEqual([1, 2, 3]);
  });

  it("puts a message that was overtaken in its place", () => {
    const state = withMessage(withMessage(fromPage(page(1, 1)), message(4)), message(3));
    expect(seqs(state)).toEqual([1, 3, 4]);
  });

  it("counts what comes while history is read, and does not show it there", () => {
    const state = withMessage(fromPage(page(1, 3, null, "m3")), message(90));
    expect([seqs(state), state.missed]).toEqual([[1, 2, 3], 1]);
  });

  it("changes a status in place, and never back to an older one", () => {
    const sent = message(2, { status: "sent", updated_at: "2026-02-03T13:00:00Z" });
    const state = withMessage(fromPage(page(1, 3)), sent);
    expect(state.items[1]?.status).toBe("sent");
    const late = message(2, { status: "queued", updated_at: "2026-02-03T12:59:00Z" });
    expect(withMessage(state, late)).toBe(state);
  });

  it("moves a scheduled message to where it was sent", () => {
    const moved = message(9, { message_id: "m1", updated_at: "2026-02-03T13:00:00Z" });
    const state = withMessage(fromPage(page(1, 3)), moved);
    expect(state.items.map((one) => one.message_id)).toEqual(["m2", "m3", "m1"]);
  });

  it("takes out what was deleted, live or while the connection was lost", () => {
    expect(seqs(withoutMessage(fromPage(page(1, 3)), "m2"))).toEqual([1, 3]);
    const missing = { ...page(1, 4), items: range(1, 4).filter((one) => one.seq !== 3) };
    expect(seqs(withNewest(fromPage(page(1, 3)), missing))).toEqual([1, 2, 4]);
  });

  it("merges the newest page after a short break and keeps what is above", () => {
    const state = withNewest(fromPage(page(1, 10, "m1")), page(8, 14, "m8"));
    expect([seqs(state).length, state.next, state.epoch]).toEqual([14, "m1", 0]);
  });

  it("begins anew after a break that left a gap", () => {
    const state = withNewest(fromPage(page(1, 10)), page(50, 60, "m50"));
    expect([seqs(state)[0], state.next, state.epoch]).toEqual([50, "m50", 1]);
  });

  it("leaves a reader of history where they are", () => {
    const held = fromPage(page(1, 10, null, "m10"));
    expect(seqs(withNewest(held, page(50, 60, "m50")))).toEqual(seqs(held));
  });

  it("lets the far end go when very much was loaded", () => {
    const state = withOlder(fromPage(page(101, 100 + MOST_KEPT, "m101")), page(1, 100));
    expect([state.items.length, state.newer]).toEqual([MOST_KEPT, `m${MOST_KEPT}`]);
    const back = withNewer(state, page(MOST_KEPT + 1, MOST_KEPT + 100));
    expect([back.items.length, back.next, back.newer]).toEqual([MOST_KEPT, "m101", null]);
  });
});
