/** Live events, for whoever in the application listens. */
import { useEffect, useRef } from "react";
import type { LiveEvents } from "@/api/types";
import { sessionExpired } from "@/lib/http";
import { shareStream } from "@/lib/live-sharing";
import { openStream, type Connection, type Listener, type LiveEvent } from "@/lib/live-stream";
import { queryClient } from "@/lib/query";
import { createStore, useStore } from "@/lib/store";

type Handler<Name extends LiveEvent> = (event: LiveEvents[Name]) => void;

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

/** Opens the stream, or listens to that of another page with the same key; the answer ends it. */
export function startLive(key: string): () => void {
  const listener: Listener = {
    event: deliver,
    state: connection.set,
    missed: () => void queryClient.invalidateQueries(),
  };
  // Locks are for secure pages only; a page without them has a stream of its own.
  return "locks" in navigator && "BroadcastChannel" in globalThis ? shareStream(key, listener) : openStream(listener);
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
