/** Asks the open conversation's composer for reply or note mode, from wherever the focus is. */

import { useEffect, useEffectEvent } from "react";

export type ComposerMode = "reply" | "note";
type Listener = (mode: ComposerMode) => void;

const listeners = new Set<Listener>();

export function requestComposerMode(mode: ComposerMode): void {
  for (const listener of listeners) listener(mode);
}

export function onComposerMode(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The composer calls this; `fn` may change with every render. */
export function useComposerModeRequests(fn: Listener): void {
  const heard = useEffectEvent(fn);
  useEffect(() => onComposerMode((mode) => heard(mode)), []);
}
