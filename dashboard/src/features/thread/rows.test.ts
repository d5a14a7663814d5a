import { renderHook } from "@testing-library/react";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Message } from "@/api/types";
import { boxOf } from "@/features/media/box";
import { message, range } from "@/features/thread/fixtures";
import { addPending, pendingOf, removePending, rowKey, settle, updatePending, usePending, type NewPending } from "@/features/thread/outbox";
import { rowsOf, type RowsInput } from "@/features/thread/rows";
import { serverIsAhead } from "@/lib/fake-clock";

const ME = "p1";
const own = { sender: "human" as const, person: { person_id: ME, name: "Ana", email: "ana@a.test" } };
const base: RowsInput = {
  items: [], pending: [], viewer: ME, atStart: true, atEnd: true, firstUnread: null,
};
const types = (input: Partial<RowsInput>) => rowsOf({ ...base, ...input }).map((row) => row.type);

describe("the rows of a thread", () => {
  it("divides days", () => {
    const later = message(3, { created_at: "2026-02-09T12:00:00Z" });
    expect(types({ items: [...range(1, 2), later] }))
      .toEqual(["start", "day", "message", "message", "day", "message"]);
  });

  it("does not date the first message before it is known what stands above it", () => {
    expect(types({ items: range(1, 2), atStart: false })).toEqual(["message", "message"]);
  });

  it("groups what one author said in a row", () => {
    const items = [message(1), message(2), message(3, own), message(4, { ...own, kind: "note" })];
    const rows = rowsOf({ ...base, items });
    expect(rows.filter((row) => row.type === "message").map((row) => [row.first, row.last]))
      .toEqual([[true, false], [false, true], [true, true], [true, true]]);
  });

  it("marks where the unread begin, counting the customer's only", () => {
    const items = [message(1), message(2), message(3, own), message(4)];
    const rows = rowsOf({ ...base, items, firstUnread: "m2" });
    expect(rows.find((row) => row.type === "unread")).toMatchObject({ count: 2 });
  });

  it("draws events as lines", () => {
    expect(types({ items: [message(1, { kind: "event", sender: "system", status: "noted" })] })).toContain("line");
  });

  it("keeps the box of a picture within 300 px high, whatever it is", () => {
    expect(boxOf(6000, 4000)).toEqual({ width: 320, height: 213 });
    expect(boxOf(1000, 4000)).toEqual({ width: 75, height: 300 });
    expect(boxOf(null, null).height).toBeLessThanOrEqual(300);
  });
});

describe("pending messages", () => {
  const created_at = "2026-02-03T12:00:05Z";
  const pending: NewPending = { key: "k1", content: "Hi", attachments: [], state: "sending", created_at };

  beforeEach(() => {
    for (const one of pendingOf("c1")) removePending("c1", one.key);
  });

  it("stand at the end until the server's message is here, which takes their place", () => {
    renderHook(() => usePending("c1"));
    addPending("c1", pending);
    expect(types({ items: range(1, 2), pending: pendingOf("c1") }).at(-1)).toBe("pending");
    updatePending("c1", "k1", { message_ids: ["m3"] });
    const items = [...range(1, 2), message(3, { ...own, content: "Hi" })];
    const rows = rowsOf({ ...base, items, pending: pendingOf("c1") });
    expect(rows.map((row) => row.key).slice(-1)).toEqual(["k1"]);
    expect(rows.some((row) => row.type === "pending")).toBe(false);
    expect(settle("c1", items, ME)).toBe(true);
    expect([pendingOf("c1"), rowKey("m3")]).toEqual([[], "k1"]);
  });

  it.each([
    ["was left before the server answered", () => undefined],
    ["is left before its message came", () => renderHook(() => usePending("c1")).unmount],
  ])("go with the answer where the conversation %s, and their previews with them", (_when, open) => {
    const revoke = vi.fn();
    URL.revokeObjectURL = revoke;
    const leave = open();
    const file = { kind: "image" as const, filename: "a.png", content_type: "image/png", size: 1, preview_url: "blob:a" };
    addPending("c1", { ...pending, attachments: [file] });
    renderHook(() => usePending("c2"));
    updatePending("c1", "k1", { message_ids: ["m3"] });
    leave?.();
    expect(pendingOf("c1")).toEqual([]);
    expect(revoke).toHaveBeenCalledWith("blob:a");
  });

  it("do not stand at the end when so much came since that their message is not loaded", () => {
    renderHook(() => usePending("c1"));
    addPending("c1", pending);
    const items = range(20, 22);
    expect(types({ items, pending: pendingOf("c1") })).toContain("pending");
    expect(settle("c1", items, ME)).toBe(false);
    updatePending("c1", "k1", { message_ids: ["m5"] });
    expect(types({ items, pending: pendingOf("c1") })).not.toContain("pending");
    expect(settle("c1", items, ME)).toBe(true);
    expect(pendingOf("c1")).toEqual([]);
  });

  it("are known again when the server wrote their formatting in another way", () => {
    addPending("c1", { ...pending, key: "k3", content: "*Hi*\nyou" });
    const items = [message(6, { ...own, content: "_Hi_ you", message_id: "m62" })];
    expect(types({ items, pending: pendingOf("c1") })).not.toContain("pending");
  });

  it("stand under one's own message before, as they will when sent", () => {
    addPending("c1", pending);
    const input = { ...base, pending: pendingOf("c1") };
    const firsts = (items: ReturnType<typeof range>) =>
      rowsOf({ ...input, items }).flatMap((row) => (row.type === "pending" ? [row.first] : []));
    expect([firsts([message(4, own)]), firsts([message(4)])]).toEqual([[false], [true]]);
  });

  it("are not shown twice when the event overtakes the request's answer", () => {
    addPending("c1", { ...pending, key: "k2" });
    const items = [message(6, { ...own, content: "Hi", message_id: "m60" })];
    expect(types({ items, pending: pendingOf("c1") })).not.toContain("pending");
  });

  it("are known again on a computer whose clock is ahead", async () => {
    await serverIsAhead(-60_000);
    addPending("c1", { ...pending, key: "k4", created_at: undefined });
    const items = [message(6, { ...own, content: "Hi", message_id: "m63", created_at: new Date(Date.now() - 60_000).toISOString() })];
    expect(types({ items, pending: pendingOf("c1") })).not.toContain("pending");
    await serverIsAhead(0);
  });

  it("with several files are not shown twice either, once all of their messages are here", () => {
    const files = ["f1", "f2"].map((id) => ({
      media_id: id, kind: "document" as const, filename: `${id}.pdf`, content_type: "application/pdf", size: 1,
    }));
    addPending("c1", { ...pending, attachments: files });
    const parts = files.map((file, index) => message(7 + index, {
      ...own, content: "", message_id: `m7${index}`,
      attachments: [{ ...file, url: "", status: "ready" } as Message["attachments"][number]],
    }));
    expect(types({ items: parts.slice(0, 1), pending: pendingOf("c1") })).toContain("pending");
    expect(types({ items: parts, pending: pendingOf("c1") })).not.toContain("pending");
  });

  it("stay when only another person's message has the same words", () => {
    addPending("c1", pending);
    const other = { ...own, person: { person_id: "p2", name: "Ben", email: "b@a.test" } };
    expect(types({ items: [message(6, { ...other, content: "Hi" })], pending: pendingOf("c1") })).toContain("pending");
  });

  it("stay when they failed, with what can be done", () => {
    addPending("c1", { ...pending, state: "failed", error: "offline", retry: () => undefined });
    const items = [message(6, { ...own, content: "Hi", message_id: "m61" })];
    expect(types({ items, pending: pendingOf("c1") })).toContain("pending");
  });

  it("give back the memory of their previews when given up", () => {
    const revoke = vi.fn();
    URL.revokeObjectURL = revoke;
    const file = { kind: "image" as const, filename: "a.png", content_type: "image/png", size: 1, preview_url: "blob:a" };
    addPending("c1", { ...pending, attachments: [file] });
    removePending("c1", "k1");
    expect(revoke).toHaveBeenCalledWith("blob:a");
  });
});
