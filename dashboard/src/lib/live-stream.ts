/** A stream of live events, opened again whenever it breaks. */
import type { LiveEvents } from "@/api/types";
import { ApiError, sessionExpired } from "@/lib/http";
import { meQuery } from "@/lib/me";
import { queryClient } from "@/lib/query";

export type LiveEvent = keyof LiveEvents;
export type Connection = "connecting" | "live" | "lost";

export interface Listener {
  /** `text` is the event's JSON. */
  event: (name: LiveEvent, text: string) => void;
  state: (connection: Connection) => void;
  /** Events may have been lost: what they would have told is to be loaded. */
  missed: () => void;
}

const NAMES: readonly LiveEvent[] = [
  "hello", "conversation", "message", "removed", "presence", "read", "settings", "reset", "signed_out", "ping",
];
/** The server sends a ping each 15 s; after this long without anything the connection is dead. */
export const SILENCE_MS = 40_000;
const LONGEST_WAIT_MS = 15_000;

/** The answer closes it. */
export function openStream(listener: Listener): () => void {
  let source: EventSource | null = null;
  let watchdog: ReturnType<typeof setTimeout> | undefined;
  let again: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let missed = false;
  let live = false;

  function say(connection: Connection): void {
    live = connection === "live";
    listener.state(connection);
  }

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
    say("live");
    watch();
    // A new stream knows nothing of the old one's place, so what came between is loaded again.
    if (missed) listener.missed();
    missed = false;
  }

  function onError(): void {
    say("lost");
    // While it is not closed, the browser itself reconnects and tells where it was.
    if (source?.readyState === EventSource.CLOSED) retry();
  }

  function retry(): void {
    missed = true;
    source?.close();
    clearTimeout(watchdog);
    clearTimeout(again);
    say("lost");
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
    listener.event(event.type as LiveEvent, event.data);
  }

  const reopen = (): void => {
    if (!live) {
      missed = true;
      open();
    }
  };
  addEventListener("online", reopen);
  say("connecting");
  open();
  return () => {
    removeEventListener("online", reopen);
    clearTimeout(watchdog);
    clearTimeout(again);
    source?.close();
  };
}

async function checkSession(): Promise<void> {
  await queryClient.query({ ...meQuery, staleTime: 0, retry: false }).catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 401) sessionExpired.emit();
  });
}
