import { useCallback, useEffect, useRef, useState } from "react";
import type { Send } from "@/features/settings/parts/send-file";
import { errorText } from "@/lib/error-text";

export interface Sending {
  id: number;
  file: File;
  /** From 0 to 1. */
  progress: number;
  error: string | null;
}

/** Files on their way, each with its progress, a stop and a second attempt. `send` is the same every time. */
export function useSending<T>(send: Send<T>, onSent: (answer: T) => void) {
  const [list, setList] = useState<Sending[]>([]);
  const stops = useRef(new Map<number, AbortController>());
  const last = useRef(0);
  const sent = useRef(onSent);
  useEffect(() => {
    sent.current = onSent;
  });
  useEffect(() => {
    const running = stops.current;
    return () => running.forEach((each) => each.abort());
  }, []);

  const change = useCallback((id: number, part: Partial<Sending>) => {
    setList((now) => now.map((each) => (each.id === id ? { ...each, ...part } : each)));
  }, []);
  const drop = useCallback((id: number) => {
    stops.current.get(id)?.abort();
    stops.current.delete(id);
    setList((now) => now.filter((each) => each.id !== id));
  }, []);
  const run = useCallback(
    async (id: number, file: File) => {
      const stop = new AbortController();
      stops.current.set(id, stop);
      change(id, { progress: 0, error: null });
      try {
        const answer = await send(file, (progress) => change(id, { progress }), stop.signal);
        drop(id);
        sent.current(answer);
      } catch (error) {
        if (!stop.signal.aborted) change(id, { error: errorText(error) });
      }
    },
    [send, change, drop],
  );
  const add = useCallback(
    (files: readonly File[]) => {
      for (const file of files) {
        const id = ++last.current;
        setList((now) => [...now, { id, file, progress: 0, error: null }]);
        void run(id, file);
      }
    },
    [run],
  );
  return { list, add, drop, retry: (one: Sending) => void run(one.id, one.file) };
}
