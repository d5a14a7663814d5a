import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeEventSource } from "@/lib/fake-event-source";
import { onLive, startLive, useConnection } from "@/lib/live";
import { queryClient } from "@/lib/query";
import { renderHook, act } from "@testing-library/react";

let stop = () => {};
beforeEach(() => {
  vi.useFakeTimers();
  FakeEventSource.all = [];
  vi.stubGlobal("EventSource", FakeEventSource);
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
const latest = () => FakeEventSource.all.at(-1) as FakeEventSource;

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
  expect(FakeEventSource.all).toHaveLength(2);
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
    latest().readyState = FakeEventSource.CLOSED;
    act(() => latest().onerror?.());
    pass(20_000);
  }
  expect(FakeEventSource.all).toHaveLength(7);
});
