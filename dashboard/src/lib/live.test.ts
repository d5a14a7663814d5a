import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { onLive, startLive, useConnection } from "@/lib/live";
import { queryClient } from "@/lib/query";
import { renderHook, act } from "@testing-library/react";

/** What a browser's EventSource does, driven by hand. */
class Source extends EventTarget {
  static readonly CLOSED = 2;
  static all: Source[] = [];
  readyState = 0;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  constructor() {
    super();
    Source.all.push(this);
  }
  close() {
    this.readyState = Source.CLOSED;
  }
  opened() {
    this.readyState = 1;
    this.onopen?.();
  }
  says(name: string, data: unknown) {
    this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(data) }));
  }
}

let stop = () => {};
beforeEach(() => {
  vi.useFakeTimers();
  Source.all = [];
  vi.stubGlobal("EventSource", Source);
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("away")));
  stop = startLive("me");
});
afterEach(() => {
  stop();
  vi.useRealTimers();
});

/** Time goes by, and the page follows. */
const pass = (ms: number) =>
  act(() => {
    vi.advanceTimersByTime(ms);
  });
const latest = () => Source.all.at(-1) as Source;

test("events reach those who listen, also when one of them breaks", () => {
  const reported = vi.fn();
  vi.stubGlobal("reportError", reported);
  const handler = vi.fn();
  const stops = [
    onLive("read", () => {
      throw new Error("broken");
    }),
    onLive("read", handler),
  ];
  latest().says("read", { chat_id: "1", read_count: 3 });
  expect(handler).toHaveBeenCalledWith({ chat_id: "1", read_count: 3 });
  expect(reported).toHaveBeenCalledTimes(1);
  stops.forEach((each) => each());
});

test("a stream that went silent is opened anew, and what was missed is loaded", () => {
  const invalidated = vi.spyOn(queryClient, "invalidateQueries").mockResolvedValue();
  const { result } = renderHook(() => useConnection());
  act(() => latest().opened());
  expect(result.current).toBe("live");
  pass(39_000);
  latest().says("ping", {});
  pass(39_000);
  expect(result.current).toBe("live");
  pass(2_000);
  expect(result.current).toBe("lost");
  pass(3_000);
  expect(Source.all).toHaveLength(2);
  expect(invalidated).not.toHaveBeenCalled();
  act(() => latest().opened());
  expect(result.current).toBe("live");
  expect(invalidated).toHaveBeenCalledTimes(1);
});

test("a reset loads everything again", () => {
  const invalidated = vi.spyOn(queryClient, "invalidateQueries").mockClear().mockResolvedValue();
  latest().says("reset", {});
  expect(invalidated).toHaveBeenCalledWith();
});

test("a refused stream is tried again, ever less often", () => {
  for (let failures = 0; failures < 6; failures++) {
    latest().readyState = Source.CLOSED;
    act(() => latest().onerror?.());
    pass(20_000);
  }
  expect(Source.all).toHaveLength(7);
});
