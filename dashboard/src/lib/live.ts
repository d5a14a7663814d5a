/** One stream of live events for the whole application. */
import { useEffect, useRef } from "react";
import type { LiveEvents } from "@/api/types";
import { meQuery } from "@/lib/me";
import { queryClient } from "@/lib/query";
import { ApiError, sessionExpired } from "@/lib/http";
import { createStore, useStore } from "@/lib/store";

export type LiveEvent = keyof LiveEvents;
export type Connection = "connecting" | "live" | "lost";
type Handler<Name extends LiveEvent> = (event: LiveEvents[Name]) => void;

const NAMES: readonly LiveEvent[] = [
  "hello", "conversation", "message", "removed", "presence", "read", "settings", "reset", "signed_out", "ping",
];
/** The server sends a ping each 15 s; after this long without anything the connection is dead. */
const SILENCE_MS = 40_000;
const LONGEST_WAIT_MS = 15_000;

const connection = createStore<Connection>("connecting");
const handlers = new Map<LiveEvent, Set<(event: never) => void>>();

export function useConnection(): Connection {
  return useStore(connection);
}

/** Calls `handler` for each event of this name while the component is there. */
export function useLive<Name extends LiveEvent>(name: Name, handler: Handler<Name>): void {
  const latest = useRef(handler);
  useEffect(() => {
    latest.current = handler;
  });
  useEffect(() => onLive(name, (event) => latest.current(event)), [name]);
}

export function onLive<Name extends LiveEvent>(name: Name, handler: Handler<Name>): () => void {
  const set = handlers.get(name) ?? new Set();
  handlers.set(name, set);
  set.add(handler);
  return () => set.delete(handler);
}

/** Opens the stream and keeps it open; the answer closes it. */
export function startLive(): () => void {
  let source: EventSource | null = null;
  let watchdog: ReturnType<typeof setTimeout> | undefined;
  let again: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let missed = false;

  function open(): void {
    clearTimeout(again);
    source?.close();
    source = new EventSource("/api/v1/events");
    for (const name of NAMES) source.addEventListener(name, onEvent);
    source.onopen = onOpen;
    source.onerror = onError;
    watch();
  }

  function onOpen(): void {
    failures = 0;
    connection.set("live");
    watch();
    // A new stream knows nothing of the old one's place, so what came between is loaded again.
    if (missed) void queryClient.invalidateQueries();
    missed = false;
  }

  function onError(): void {
    connection.set("lost");
    // While it is not closed, the browser itself reconnects and tells where it was.
    if (source?.readyState === EventSource.CLOSED) retry();
  }

  function retry(): void {
    missed = true;
    source?.close();
    clearTimeout(watchdog);
    clearTimeout(again);
    connection.set("lost");
    failures += 1;
    const wait = Math.min(500 * 2 ** failures, LONGEST_WAIT_MS) * (0.75 + Math.random() / 2);
    again = setTimeout(open, wait);
    // A refused stream does not say why: an ended session shows in this answer.
    if (failures === 1 || failures % 4 === 0) void checkSession();
  }

  function watch(): void {
    clearTimeout(watchdog);
    watchdog = setTimeout(retry, SILENCE_MS);
  }

  function onEvent(event: MessageEvent<string>): void {
    watch();
    deliver(event.type as LiveEvent, event.data);
  }

  const reopen = (): void => {
    if (connection.get() !== "live") {
      missed = true;
      open();
    }
  };
  addEventListener("online", reopen);
  connection.set("connecting");
  open();
  return () => {
    removeEventListener("online", reopen);
    clearTimeout(watchdog);
    clearTimeout(again);
    source?.close();
  };
}

function deliver(name: LiveEvent, text: string): void {
  const event: unknown = text === "" ? {} : JSON.parse(text);
  if (name === "reset") void queryClient.invalidateQueries();
  if (name === "signed_out") sessionExpired.emit();
  for (const handler of handlers.get(name) ?? []) {
    try {
      handler(event as never);
    } catch (error) {
      reportError(error); // One broken handler must not keep the event from the others.
    }
  }
}

async function checkSession(): Promise<void> {
  await queryClient.query({ ...meQuery, staleTime: 0, retry: false }).catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 401) sessionExpired.emit();
  });
}
