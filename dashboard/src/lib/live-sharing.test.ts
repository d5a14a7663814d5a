import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeEventSource } from "@/lib/fake-event-source";
import { shareStream } from "@/lib/live-sharing";
import type { Listener } from "@/lib/live-stream";

/** A browser's locks, as far as pages that share one stream use them. */
class Locks {
  private holder: { end: (reason: unknown) => void } | null = null;
  private readonly queue: (() => void)[] = [];
  request(_: string, options: LockOptions, held: (lock: object | null) => Promise<boolean>): Promise<boolean> {
    if (options.ifAvailable && this.holder) return held(null);
    return new Promise((resolve, reject) => {
      const grant = () => {
        if (options.signal?.aborted) {
          this.next();
          return;
        }
        const mine = { end: reject };
        this.holder = mine;
        void held({}).then((value) => {
          resolve(value);
          if (this.holder === mine) this.next();
        });
      };
      options.signal?.addEventListener("abort", () => reject(new Error("called off")));
      if (options.steal) {
        const before = this.holder;
        grant();
        before?.end(new Error("stolen"));
      } else if (this.holder) this.queue.push(grant);
      else grant();
    });
  }
  private next(): void {
    this.holder = null;
    this.queue.shift()?.();
  }
}

interface Page extends Listener {
  leave: () => void;
}

const pages: Page[] = [];
function page(): Page {
  const listener = { event: vi.fn(), state: vi.fn(), missed: vi.fn() };
  const made = { ...listener, leave: shareStream("me.shop", listener) };
  pages.push(made);
  return made;
}

const settled = () => vi.waitFor(() => Promise.resolve());
const open = () => FakeEventSource.all.filter((each) => each.readyState !== FakeEventSource.CLOSED);

beforeEach(() => {
  FakeEventSource.all = [];
  vi.stubGlobal("EventSource", FakeEventSource);
  vi.stubGlobal("navigator", { locks: new Locks() });
});
afterEach(() => {
  pages.splice(0).forEach((each) => each.leave());
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("pages of one browser share one stream", async () => {
  const [first, second] = [page(), page()];
  await settled();
  expect(open()).toHaveLength(1);
  open()[0]!.opened();
  open()[0]!.says("read", {});
  await vi.waitFor(() => expect(second.event).toHaveBeenCalledWith("read", "{}"));
  expect(first.event).toHaveBeenCalledWith("read", "{}");
  expect(second.state).toHaveBeenLastCalledWith("live");
  expect([first.missed, second.missed].map((each) => vi.mocked(each).mock.calls.length)).toEqual([0, 0]);
});

test("one that comes later learns that the stream is live", async () => {
  page();
  await settled();
  open()[0]!.opened();
  const late = page();
  await vi.waitFor(() => expect(late.state).toHaveBeenLastCalledWith("live"));
});

test("when the page with the stream goes, another has it and all load what they missed", async () => {
  const [first, second, third] = [page(), page(), page()];
  await settled();
  open()[0]!.opened();
  first.leave();
  await vi.waitFor(() => expect(FakeEventSource.all).toHaveLength(2));
  expect(open()).toHaveLength(1);
  open()[0]!.opened();
  expect(second.missed).toHaveBeenCalledTimes(1);
  await vi.waitFor(() => expect(third.missed).toHaveBeenCalledTimes(1));
});

test("a page that says nothing any more loses the stream", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const lost = navigator.locks.request("frontdesk-live.me.shop", {}, () => new Promise(() => undefined));
  const follower = page();
  await settled();
  vi.advanceTimersByTime(44_000);
  expect(FakeEventSource.all).toHaveLength(0);
  vi.advanceTimersByTime(2_000);
  await expect(lost).rejects.toThrow("stolen");
  open()[0]!.opened();
  expect(follower.missed).toHaveBeenCalledTimes(1);
});
