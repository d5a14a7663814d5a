import { describe, expect, it, vi } from "vitest";
import type { KeyValue } from "@/features/composer/draft-store";
import { SendQueue, type Answer, type Job } from "@/features/composer/send-queue";
import type { Pending } from "@/features/thread/outbox";
import type { UploadItem } from "@/features/uploads/upload-store";

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

function setUp(storage = memory(), tab = "t1", open: string[] = []) {
  const asked: { job: Job; mediaIds: string[]; answer: (answer: Answer) => void }[] = [];
  const timers: (() => void)[] = [];
  const shown = new Map<string, Pending>();
  const uploads = new Map<string, Partial<UploadItem>>();
  const listeners = new Set<() => void>();
  const givenBack: Job[] = [];
  const signedIn = { person: "p1" };
  const queue = new SendQueue({
    tab,
    storage,
    person: () => signedIn.person,
    post: (job, mediaIds) => new Promise((answer) => asked.push({ job, mediaIds, answer })),
    uploads: {
      get: (id) => uploads.get(id) as UploadItem | undefined,
      retry: (id) => uploads.set(id, { ...uploads.get(id), state: "waiting" }),
      release: (id) => uploads.delete(id),
      subscribe: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    pending: {
      add: (_chat, pending) => shown.set(pending.key, { created_at: "", ...pending }),
      update: (_chat, key, change) => {
        const held = shown.get(key);
        if (held) shown.set(key, { ...held, ...change });
      },
      remove: (_chat, key) => shown.delete(key),
    },
    after: (_milliseconds, then) => {
      timers.push(then);
      return () => void timers.splice(timers.indexOf(then), 1);
    },
    say: (problem) => problem.key,
    tabs: () => Promise.resolve(new Set(open)),
    giveBack: (job) => givenBack.push(job),
  });
  const upload = (id: string, item: Partial<UploadItem>) => {
    uploads.set(id, { ...uploads.get(id), ...item });
    listeners.forEach((listener) => listener());
  };
  const answer = async (place: number, given: Answer) => {
    asked[place]?.answer(given);
    await vi.waitFor(() => expect(true).toBe(true));
  };
  const contents = () => asked.map((each) => each.job.content);
  return { queue, storage, asked, timers, shown, upload, answer, contents, givenBack, signedIn };
}

let made = 0;
const job = (content: string, change: Partial<Job> = {}): Job => ({
  key: `k${++made}`,
  personId: "p1",
  chatId: "c1",
  note: false,
  content,
  files: [],
  replyTo: null,
  sendAt: null,
  mentions: [],
  createdAt: new Date(made * 1000).toISOString(),
  tab: "t1",
  error: null,
  ...change,
});
const withFile = (content: string, uploadId: string): Job =>
  job(content, { files: [{ uploadId, mediaId: null, attachment: { kind: "image", filename: "a.jpg", content_type: "image/jpeg", size: 1 } }] });
const SENT: Answer = { is: "sent", messageIds: ["m"] };
const UNREACHABLE: Answer = { is: "unreachable", retryAfter: null };

describe("messages on their way", () => {
  it("go one after the other in a conversation, and side by side in others", async () => {
    const { queue, answer, contents } = setUp();
    queue.enqueue(job("one"));
    queue.enqueue(job("two"));
    queue.enqueue(job("elsewhere", { chatId: "c2" }));
    expect(contents()).toEqual(["one", "elsewhere"]);
    await answer(0, SENT);
    expect(contents()).toEqual(["one", "elsewhere", "two"]);
  });

  it("keep their order when the network breaks, and are asked for under the same key", async () => {
    const { queue, answer, contents, timers, asked } = setUp();
    queue.enqueue(job("one"));
    queue.enqueue(job("two"));
    await answer(0, UNREACHABLE);
    expect(contents()).toEqual(["one"]);
    timers.pop()?.();
    expect(contents()).toEqual(["one", "one"]);
    expect(asked[1]?.job.key).toBe(asked[0]?.job.key);
    await answer(1, SENT);
    expect(contents()).toEqual(["one", "one", "two"]);
  });

  it("go on at once when the network is back", async () => {
    const { queue, answer, contents } = setUp();
    queue.enqueue(job("one"));
    await answer(0, UNREACHABLE);
    queue.wake();
    expect(contents()).toEqual(["one", "one"]);
  });

  it("wait for who wrote them when somebody else has signed in, and hold up none of theirs", async () => {
    const { queue, answer, contents, signedIn } = setUp();
    queue.enqueue(job("one"));
    await answer(0, UNREACHABLE);
    signedIn.person = "p2";
    queue.wake();
    expect(contents()).toEqual(["one"]);
    queue.enqueue(job("theirs", { personId: "p2" }));
    expect(contents()).toEqual(["one", "theirs"]);
    await answer(1, SENT);
    signedIn.person = "p1";
    queue.wake();
    expect(contents()).toEqual(["one", "theirs", "one"]);
  });

  it("wait for their files, and what comes later waits with them", async () => {
    const { queue, upload, answer, contents, asked, shown } = setUp();
    upload("u1", { id: "u1", state: "uploading", progress: 0.2, mediaId: null });
    const picture = withFile("picture", "u1");
    queue.enqueue(picture);
    queue.enqueue(job("after"));
    expect(contents()).toEqual([]);
    expect(shown.get(picture.key)?.state).toBe("uploading");
    upload("u1", { state: "done", progress: 1, mediaId: "media1" });
    expect(contents()).toEqual(["picture"]);
    expect(asked[0]?.mediaIds).toEqual(["media1"]);
    await answer(0, SENT);
    expect(contents()).toEqual(["picture", "after"]);
  });

  it("that are refused are kept with the reason, hold up no other, and can be sent again", async () => {
    const { queue, answer, contents, shown, storage } = setUp();
    const refused = job("one");
    queue.enqueue(refused);
    queue.enqueue(job("two"));
    await answer(0, { is: "refused", detail: "the customer has opted out" });
    expect(shown.get(refused.key)).toMatchObject({ state: "failed", error: "the customer has opted out" });
    expect(contents()).toEqual(["one", "two"]);
    await answer(1, SENT);
    expect(storage.held.size).toBe(1);
    shown.get(refused.key)?.retry?.();
    expect(contents()).toEqual(["one", "two", "one"]);
    await answer(2, SENT);
    expect(storage.held.size).toBe(0);
  });

  it("that the person gives up are forgotten", async () => {
    const { queue, answer, storage } = setUp();
    queue.enqueue(job("one"));
    await answer(0, { is: "refused", detail: "no" });
    queue.keepOnly("c1", []);
    expect(storage.held.size).toBe(0);
  });

  it("name the messages that they became, so that the thread can take over", async () => {
    const { queue, answer, shown } = setUp();
    const one = job("one");
    queue.enqueue(one);
    await answer(0, { is: "sent", messageIds: ["m1", "m2"] });
    expect(shown.get(one.key)?.message_ids).toEqual(["m1", "m2"]);
  });

  it("are sent after a reload, in order, unless another page still looks after them", async () => {
    const before = setUp();
    before.queue.enqueue(job("one"));
    before.queue.enqueue(job("two"));
    before.queue.enqueue(job("other page's", { chatId: "c2", tab: "t9" }));
    const after = setUp(before.storage, "t2", ["t9"]);
    await after.queue.resume("p1");
    expect(after.contents()).toEqual(["one"]);
    await after.answer(0, SENT);
    expect(after.contents()).toEqual(["one", "two"]);
  });

  it("go back to the composer when a reload lost their files", async () => {
    const before = setUp();
    before.upload("u1", { id: "u1", state: "uploading", progress: 0, mediaId: null });
    before.queue.enqueue(withFile("picture", "u1"));
    const after = setUp(before.storage, "t2");
    await after.queue.resume("p1");
    expect(after.givenBack.map((each) => each.content)).toEqual(["picture"]);
    expect(after.contents()).toEqual([]);
    expect(after.storage.held.size).toBe(0);
  });

  it("fail with the file's problem when it cannot be uploaded, and take it up again with it", () => {
    const { queue, upload, shown, contents } = setUp();
    upload("u1", { id: "u1", state: "uploading", mediaId: null });
    const picture = withFile("picture", "u1");
    queue.enqueue(picture);
    upload("u1", { state: "failed", problem: { key: "composer.problem_network" } });
    expect(shown.get(picture.key)).toMatchObject({ state: "failed", error: "composer.problem_network" });
    shown.get(picture.key)?.retry?.();
    upload("u1", { state: "done", mediaId: "media1" });
    expect(contents()).toEqual(["picture"]);
  });
});
