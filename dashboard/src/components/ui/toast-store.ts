/** Short news of what happened, shown at the edge of the window. */
import { createStore } from "@/lib/store";

export interface Toast {
  id: number;
  text: string;
  tone: "neutral" | "success" | "danger";
  action?: { label: string; run: () => void };
  /** How long it stays, in ms; 0: until it is dismissed. */
  lasts: number;
}
export interface ToastOptions {
  tone?: Toast["tone"];
  action?: Toast["action"];
  lasts?: number;
}

const MOST_AT_ONCE = 4;
export const toasts = createStore<readonly Toast[]>([]);
let last = 0;

/** Also outside of components. Answers with what takes it away again. */
export function showToast(text: string, { tone = "neutral", action, lasts }: ToastOptions = {}): () => void {
  const id = ++last;
  // Errors and what can be undone need time to be read and reached.
  const toast: Toast = { id, text, tone, lasts: lasts ?? (tone === "danger" || action ? 10_000 : 5000) };
  if (action) toast.action = action;
  const others = toasts.get().filter((each) => each.text !== text);
  toasts.set([...others, toast].slice(-MOST_AT_ONCE));
  return () => dismissToast(id);
}

export function dismissToast(id: number): void {
  toasts.set(toasts.get().filter((each) => each.id !== id));
}
