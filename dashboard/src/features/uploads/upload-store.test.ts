import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Upload } from "@/api/types";
import { xhrUpload } from "@/features/uploads/upload-request";
import { LANES, MOST_ATTEMPTS, UploadStore, type Preparation } from "@/features/uploads/upload-store";

/** Speaks the browser's interface; a test says what the server does. */
class Transfer {
  static all: Transfer[] = [];
  upload: { onprogress: ((event: { loaded: number; total: number }) => void) | null } = { onprogress: null };
  onload: (() => void) | null = null;
  onerror: (() => void) | null = null;
  onabort: (() => void) | null = null;
  status = 0;
  responseText = "";
  responseType = "";
  url = "";
  headers: Record<string, string> = {};
  aborted = false;

  open(_method: string, url: string): void {
    this.url = url;
  }
  send(): void {
    Transfer.all.push(this);
  }
  abort(): void {
    this.aborted = true;
    this.onabort?.();
  }
  getResponseHeader(name: string): string | null {
    return this.headers[name] ?? null;
  }
  answers(status: number, body: unknown): void {
    this.status = status;
    this.responseText = JSON.stringify(body);
    this.onload?.();
  }
}

const UPLOAD: Upload = { success: true, url: "", filename: "stored.jpg", content_type: "image/jpeg", size: 7, media_id: "m1", kind: "image", fitted: false };
const prepare = (file: File): Promise<Preparation> =>
  Promise.resolve({ ok: true, prepared: { file, fit: false, kind: "image", contentType: "image/jpeg", width: 4, height: 3 } });
const settled = () => vi.waitFor(() => expect(true).toBe(true));

function setUp() {
  let ids = 0;
  const timers: { milliseconds: number; then: () => void; off: boolean }[] = [];
  const world = { online: true, revoked: [] as string[], timers };
  const store = new UploadStore({
    request: xhrUpload,
    newId: () => `u${++ids}`,
    isOnline: () => world.online,
    after: (milliseconds, then) => {
      const timer = { milliseconds, then, off: false };
      timers.push(timer);
      return () => {
        timer.off = true;
      };
    },
    objectUrl: (file) => `blob:${file.name}`,
    revoke: (url) => world.revoked.push(url),
  });
  const add = (name = "a.jpg", chat = "c1") => store.add(chat, "p1", new File(["picture"], name), prepare);
  const fire = () => {
    const timer = timers.pop();
    if (timer && !timer.off) timer.then();
  };
  const state = (id: string) => store.get(id)?.state;
  return { store, world, add, fire, state };
}

const nth = (place: number): Transfer => {
  const found = Transfer.all.at(place);
  if (!found) throw new Error(`no transfer ${place}`);
  return found;
};

beforeEach(() => {
  Transfer.all = [];
  vi.stubGlobal("XMLHttpRequest", Transfer);
  return () => vi.unstubAllGlobals();
});

describe("an upload", () => {
  it("goes from preparing through uploading and storing to done", async () => {
    const { store, add, state } = setUp();
    const id = add();
    expect(state(id)).toBe("preparing");
    await settled();
    expect(state(id)).toBe("uploading");
    expect(nth(0).url).toBe("/upload/conversation-media?agent_id=p1&chat_id=c1");
    nth(0).upload.onprogress?.({ loaded: 3, total: 6 });
    expect(store.get(id)?.progress).toBe(0.5);
    nth(0).upload.onprogress?.({ loaded: 6, total: 6 });
    expect(state(id)).toBe("storing");
    nth(0).answers(200, UPLOAD);
    await settled();
    expect(store.get(id)).toMatchObject({ state: "done", mediaId: "m1", name: "stored.jpg" });
  });

  it("waits while three others run, and starts when one ends", async () => {
    const { add, state } = setUp();
    const ids = [add("1"), add("2"), add("3"), add("4")];
    await settled();
    expect(ids.map(state)).toEqual(["uploading", "uploading", "uploading", "waiting"]);
    expect(Transfer.all).toHaveLength(LANES);
    nth(0).answers(200, UPLOAD);
    await settled();
    expect(ids.map(state)).toEqual(["done", "uploading", "uploading", "uploading"]);
  });

  it("is tried again by itself after the network broke, each time later", async () => {
    const { world, add, fire, state } = setUp();
    const id = add();
    await settled();
    const pauses: number[] = [];
    for (let attempt = 1; attempt < MOST_ATTEMPTS; attempt += 1) {
      nth(-1).onerror?.();
      await settled();
      expect(state(id)).toBe("retrying");
      pauses.push(world.timers.at(-1)?.milliseconds ?? 0);
      fire();
      expect(state(id)).toBe("uploading");
    }
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 16000]);
    nth(-1).onerror?.();
    await settled();
    expect(state(id)).toBe("failed");
  });

  it("starts again when a person says so", async () => {
    const { store, add, state } = setUp();
    const id = add();
    await settled();
    nth(0).answers(503, { detail: "storage is down" });
    await settled();
    expect(state(id)).toBe("retrying");
    store.retry(id);
    expect(state(id)).toBe("uploading");
    nth(1).answers(200, UPLOAD);
    await settled();
    expect(state(id)).toBe("done");
  });

  it("waits without a network and goes on at once when it is back", async () => {
    const { store, world, add, state } = setUp();
    const id = add();
    await settled();
    world.online = false;
    nth(0).onerror?.();
    await settled();
    expect(state(id)).toBe("offline");
    world.online = true;
    store.online();
    expect(state(id)).toBe("uploading");
    expect(world.timers.every((timer) => timer.off)).toBe(true);
  });

  it("waits as long as the server asks for", async () => {
    const { world, add } = setUp();
    add();
    await settled();
    nth(0).headers["Retry-After"] = "7";
    nth(0).answers(429, { detail: "slow down" });
    await settled();
    expect(world.timers.at(-1)?.milliseconds).toBe(7000);
  });

  it("is given up with the server's words when it is refused", async () => {
    const { store, add } = setUp();
    const id = add();
    await settled();
    nth(0).answers(413, { detail: "File size exceeds 5MB limit" });
    await settled();
    expect(store.get(id)).toMatchObject({ state: "refused", problem: { values: { detail: "File size exceeds 5MB limit" } } });
  });

  it("is broken off by its person, and the next one starts", async () => {
    const { store, world, add, state } = setUp();
    const ids = [add("1"), add("2"), add("3"), add("4")];
    await settled();
    store.remove(ids[0] ?? "");
    await settled();
    expect(nth(0).aborted).toBe(true);
    expect(world.revoked).toEqual(["blob:1"]);
    expect(state(ids[3] ?? "")).toBe("uploading");
    expect(store.all()).toHaveLength(3);
  });

  it("never starts for a file that the channel does not take", async () => {
    const { store } = setUp();
    const problem = { key: "composer.problem_too_large" } as const;
    const id = store.add("c1", "p1", new File(["x"], "a.pdf"), () => Promise.resolve({ ok: false, problem }));
    await settled();
    expect(store.get(id)).toMatchObject({ state: "refused", problem });
    expect(Transfer.all).toHaveLength(0);
  });

  it("lets a file go without its preview when it was sent", async () => {
    const { store, world, add } = setUp();
    const id = add();
    await settled();
    nth(0).answers(200, UPLOAD);
    await settled();
    store.release(id);
    expect(store.get(id)).toBeUndefined();
    expect(world.revoked).toEqual([]);
  });
});
