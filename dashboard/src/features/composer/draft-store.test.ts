import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DraftStore, EMPTY, type KeyValue } from "@/features/composer/draft-store";
import type { StoredFile, UploadItem } from "@/features/uploads/upload-store";

function memory(): KeyValue & { held: Map<string, string> } {
  const held = new Map<string, string>();
  return {
    held,
    get: <T>(key: string, fallback: T) => (held.has(key) ? (JSON.parse(held.get(key) ?? "") as T) : fallback),
    set: (key, value) => held.set(key, JSON.stringify(value)),
    remove: (key) => held.delete(key),
    keys: (prefix) => [...held.keys()].filter((key) => key.startsWith(prefix)),
  };
}

/** As much of the upload store as drafts need. */
function shelf() {
  const items = new Map<string, Partial<UploadItem>>();
  const listeners = new Set<() => void>();
  return {
    items,
    get: (id: string) => items.get(id) as UploadItem | undefined,
    restore: (chatId: string, stored: StoredFile) => {
      const id = `r${items.size + 1}`;
      items.set(id, { ...stored, id, chatId, state: "done" });
      return id;
    },
    remove: (id: string) => void items.delete(id),
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tell: () => listeners.forEach((listener) => listener()),
  };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const FILE = { mediaId: "m1", name: "a.jpg", size: 3, kind: "image", contentType: "image/jpeg", own: true } as const;

describe("a draft", () => {
  it("is there again after a reload, with its mode", () => {
    const storage = memory();
    const drafts = new DraftStore(storage, shelf());
    drafts.changeSide("p1", "c1", "note", () => ({ text: "call her back" }));
    drafts.change("p1", "c1", (draft) => ({ ...draft, mode: "note" }));
    drafts.flush();
    const reloaded = new DraftStore(storage, shelf()).get("p1", "c1");
    expect(reloaded).toMatchObject({ mode: "note", note: { text: "call her back" }, reply: { text: "" } });
  });

  it("is each conversation's and each person's own", () => {
    const drafts = new DraftStore(memory(), shelf());
    drafts.changeSide("p1", "c1", "reply", () => ({ text: "one" }));
    drafts.changeSide("p1", "c2", "reply", () => ({ text: "two" }));
    expect(drafts.get("p1", "c1").reply.text).toBe("one");
    expect(drafts.get("p1", "c2").reply.text).toBe("two");
    expect(drafts.get("p2", "c1")).toBe(EMPTY);
  });

  it("is written once for many keys, and at once when the page goes", () => {
    const storage = memory();
    const write = vi.spyOn(storage, "set");
    const drafts = new DraftStore(storage, shelf());
    for (const text of ["h", "he", "hel"]) drafts.changeSide("p1", "c1", "reply", () => ({ text }));
    expect(write).not.toHaveBeenCalled();
    vi.advanceTimersByTime(300);
    expect(write).toHaveBeenCalledTimes(1);
    drafts.changeSide("p1", "c1", "reply", () => ({ text: "hello" }));
    drafts.flush();
    expect(write).toHaveBeenCalledTimes(2);
  });

  it("keeps finished uploads by their id, and none that were not finished", () => {
    const storage = memory();
    const files = shelf();
    files.items.set("u1", { ...FILE, state: "done", previewUrl: "blob:1" });
    files.items.set("u2", { ...FILE, mediaId: null, state: "uploading", name: "b.jpg" });
    const drafts = new DraftStore(storage, files);
    drafts.changeSide("p1", "c1", "reply", () => ({ files: ["u1", "u2"] }));
    drafts.flush();
    const restored = shelf();
    const draft = new DraftStore(storage, restored).get("p1", "c1");
    expect(draft.reply.files.map((id) => restored.get(id))).toMatchObject([{ mediaId: "m1", previewUrl: "/media/m1" }]);
  });

  it("takes up an upload that ends while another conversation is open", () => {
    const storage = memory();
    const files = shelf();
    files.items.set("u1", { ...FILE, mediaId: null, state: "uploading" });
    const drafts = new DraftStore(storage, files);
    drafts.changeSide("p1", "c1", "reply", () => ({ files: ["u1"] }));
    drafts.flush();
    files.items.set("u1", { ...FILE, state: "done", previewUrl: null });
    files.tell();
    vi.advanceTimersByTime(300);
    expect([...storage.held.values()][0]).toContain('"mediaId":"m1"');
  });

  it("leaves nothing behind when it is empty again", () => {
    const storage = memory();
    const drafts = new DraftStore(storage, shelf());
    drafts.changeSide("p1", "c1", "reply", () => ({ text: "x" }));
    drafts.flush();
    drafts.changeSide("p1", "c1", "reply", () => ({ text: "" }));
    drafts.flush();
    expect(storage.held.size).toBe(0);
  });

  it("that another window has sent is no more here, and its files are the message's", () => {
    const storage = memory();
    const files = shelf();
    const drafts = new DraftStore(storage, files);
    const id = files.restore("c1", { ...FILE, previewUrl: null });
    drafts.changeSide("p1", "c1", "reply", () => ({ text: "hello", files: [id] }));
    drafts.flush();
    const heard = vi.fn();
    drafts.subscribe(heard);
    storage.remove("draft.p1.c1");
    drafts.changedElsewhere("draft.p1.c1");
    expect(drafts.get("p1", "c1").reply).toMatchObject({ text: "", files: [] });
    expect(files.get(id)).toBeUndefined();
    expect(heard).toHaveBeenCalledTimes(1);
    drafts.flush();
    expect(storage.held.size).toBe(0);
  });

  it("follows what another window writes, but for what is not kept yet: the mode, and files on their way", () => {
    const storage = memory();
    const files = shelf();
    files.items.set("u1", { ...FILE, state: "done", previewUrl: null });
    files.items.set("u2", { ...FILE, mediaId: null, state: "uploading" });
    const drafts = new DraftStore(storage, files);
    drafts.changeSide("p1", "c1", "reply", () => ({ text: "hello", files: ["u1", "u2"] }));
    drafts.flush();
    const other = new DraftStore(storage, shelf());
    other.changeSide("p1", "c1", "reply", () => ({ text: "hello you" }));
    other.change("p1", "c1", (draft) => ({ ...draft, mode: "note" }));
    other.flush();
    drafts.changedElsewhere("draft.p1.c1");
    expect(drafts.get("p1", "c1")).toMatchObject({ mode: "reply", reply: { text: "hello you", files: ["u1", "u2"] } });
  });

  it("that is being written is not taken away by another window", () => {
    const storage = memory();
    const drafts = new DraftStore(storage, shelf());
    drafts.changeSide("p1", "c1", "reply", () => ({ text: "hel" }));
    drafts.flush();
    drafts.changeSide("p1", "c1", "reply", () => ({ text: "hello" }));
    storage.remove("draft.p1.c1");
    drafts.changedElsewhere("draft.p1.c1");
    expect(drafts.get("p1", "c1").reply.text).toBe("hello");
  });

  it("is not written again by what only was loaded, so that two windows do not wake each other for ever", () => {
    const storage = memory();
    const files = shelf();
    files.items.set("u1", { ...FILE, state: "done", previewUrl: null });
    const drafts = new DraftStore(storage, files);
    drafts.changeSide("p1", "c1", "reply", () => ({ files: ["u1"] }));
    drafts.flush();
    const restored = shelf();
    const other = new DraftStore(storage, restored);
    other.get("p1", "c1");
    const write = vi.spyOn(storage, "set");
    restored.tell();
    vi.advanceTimersByTime(300);
    other.changedElsewhere("draft.p1.c1");
    restored.tell();
    vi.advanceTimersByTime(300);
    expect(write).not.toHaveBeenCalled();
  });

  it("goes after two months", () => {
    const storage = memory();
    let now = 0;
    const drafts = new DraftStore(storage, shelf(), () => now);
    drafts.changeSide("p1", "c1", "reply", () => ({ text: "x" }));
    drafts.flush();
    now = 61 * 24 * 3600 * 1000;
    drafts.changeSide("p1", "c2", "reply", () => ({ text: "y" }));
    drafts.flush();
    drafts.prune();
    expect([...storage.held.keys()]).toEqual(["draft.p1.c2"]);
  });
});
