/** Whether the window has room for a third pane. */

import { useSyncExternalStore } from "react";

const wide = typeof matchMedia === "undefined" ? null : matchMedia("(min-width: 1280px)");

function subscribe(listener: () => void): () => void {
  wide?.addEventListener("change", listener);
  return () => wide?.removeEventListener("change", listener);
}

export function useWide(): boolean {
  return useSyncExternalStore(subscribe, () => wide?.matches ?? true);
}
