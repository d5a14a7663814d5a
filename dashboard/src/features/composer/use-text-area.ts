/** Writing into a text area as a person would: the browser's undo knows of it. */

import { useCallback, useRef, type RefObject } from "react";

export interface TextArea {
  ref: RefObject<HTMLTextAreaElement | null>;
  /** Puts text in the place of the range, or of what is selected, and sets the caret behind it. */
  insert: (text: string, range?: { start: number; end: number }) => void;
  focus: () => void;
}

export function useTextArea(): TextArea {
  const ref = useRef<HTMLTextAreaElement | null>(null);
  const focus = useCallback(() => ref.current?.focus({ preventScroll: true }), []);
  const insert = useCallback((text: string, range?: { start: number; end: number }) => {
    const area = ref.current;
    if (!area) return;
    area.focus({ preventScroll: true });
    const { start, end } = range ?? { start: area.selectionStart, end: area.selectionEnd };
    area.setSelectionRange(start, end);
    // Outdated, and the only way that keeps what Ctrl+Z goes back to.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    if (document.execCommand("insertText", false, text)) return;
    area.setRangeText(text, start, end, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }, []);
  return { ref, insert, focus };
}
