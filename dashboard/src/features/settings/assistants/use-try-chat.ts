import { useCallback, useEffect, useRef, useState } from "react";
import { eventsOf } from "@/features/settings/assistants/event-stream";
import { errorText } from "@/lib/error-text";
import { ApiError, refusal, sessionExpired } from "@/lib/http";

export interface TryMessage {
  id: number;
  from: "Human" | "AI";
  text: string;
  state: "streaming" | "done" | "stopped" | "failed";
  error?: string;
  /** What the assistant told of its answer: hand-off, sources, thinking, tools. */
  metadata?: Record<string, unknown>;
  /** From question to first word and to the end, in ms. */
  first?: number;
  took?: number;
}

/** A conversation with an assistant that nobody else sees: nothing of it is stored. */
export function useTryChat(assistantId: string) {
  const [messages, setMessages] = useState<TryMessage[]>([]);
  const stop = useRef<AbortController | null>(null);
  const last = useRef(0);
  const session = useRef("");
  useEffect(() => () => stop.current?.abort(), []);

  const reset = useCallback(() => {
    stop.current?.abort();
    session.current = "";
    setMessages([]);
  }, []);

  const ask = useCallback(
    async (text: string) => {
      const history = messages.filter((each) => each.text !== "").map((each) => ({ name: each.from, content: each.text }));
      const id = (last.current += 2);
      const change = (part: (now: TryMessage) => Partial<TryMessage>) =>
        setMessages((now) => now.map((each) => (each.id === id ? { ...each, ...part(each) } : each)));
      setMessages((now) => [...now, { id: id - 1, from: "Human", text, state: "done" }, { id, from: "AI", text: "", state: "streaming" }]);
      session.current ||= `try-${crypto.getRandomValues(new Uint32Array(1))[0] ?? 0}`;
      const own = (stop.current = new AbortController());
      const began = performance.now();
      const since = () => Math.round(performance.now() - began);
      try {
        for await (const event of answer(assistantId, { user_input: text, chat_history: history, session_id: session.current, stream: true }, own.signal)) {
          const data: unknown = JSON.parse(event.data);
          if (event.name === "done") change(() => ({ state: "done", took: since(), metadata: (data as { metadata: Record<string, unknown> }).metadata }));
          else if (event.name === "error") change(() => ({ state: "failed", took: since(), error: errorText(new ApiError(503, (data as { detail: string }).detail)) }));
          else change((now) => ({ text: now.text + String(data), first: now.first ?? since() }));
        }
        change((now) => (now.state === "streaming" ? { state: "failed", error: errorText(new ApiError(0, "")) } : {}));
      } catch (error) {
        if (own.signal.aborted) change(() => ({ state: "stopped" }));
        else change(() => ({ state: "failed", error: errorText(error) }));
      }
    },
    [assistantId, messages],
  );

  return { messages, busy: messages.at(-1)?.state === "streaming", ask, stop: () => stop.current?.abort(), reset };
}

async function* answer(assistantId: string, body: unknown, signal: AbortSignal) {
  const response = await fetch(`/vac/assistant/${encodeURIComponent(assistantId)}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
    body: JSON.stringify(body),
    credentials: "same-origin",
    signal,
  }).catch((error: unknown) => {
    throw signal.aborted ? error : new ApiError(0, "");
  });
  if (!response.ok || !response.body) {
    if (response.status === 401) sessionExpired.emit();
    throw await refusal(response);
  }
  yield* eventsOf(response.body);
}
