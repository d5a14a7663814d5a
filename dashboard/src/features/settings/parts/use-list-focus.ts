import { useCallback, useRef, type RefObject } from "react";

/** Where the keyboard goes when a line is gone: the next one that has a button, one before, else the section's own. */
export function useListFocus<Element extends HTMLElement>(): { ref: RefObject<Element | null>; afterRemoval: (index: number) => void } {
  const ref = useRef<Element>(null);
  const afterRemoval = useCallback((index: number) => {
    // Once the dialog that asked has given the focus back to what is no longer there.
    setTimeout(() => {
      const lines = [...(ref.current?.querySelectorAll<HTMLElement>("[data-row]") ?? [])];
      const near = [...lines.slice(index), ...lines.slice(0, index).reverse()];
      const page = ref.current?.closest<HTMLElement>("[data-section]");
      for (const place of page ? [...near, page] : near) {
        const next = place.querySelector<HTMLElement>("button:not(:disabled), a[href]");
        if (!next) continue;
        next.focus();
        return;
      }
    }, 150);
  }, []);
  return { ref, afterRemoval };
}
