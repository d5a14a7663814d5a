/** Files that are dropped anywhere over the conversation. */

import { useEffect, useEffectEvent, useState, type RefObject } from "react";

/** The thread's pane, else what the composer stands in. */
const paneOf = (element: HTMLElement) => element.closest<HTMLElement>("[data-thread-pane]") ?? element.parentElement;

const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;

/** Where the overlay is to be, while files are over the pane; else null. */
export function useFileDrop(inside: RefObject<HTMLElement | null>, enabled: boolean, onFiles: (files: File[]) => void): DOMRect | null {
  const [place, setPlace] = useState<DOMRect | null>(null);
  const drop = useEffectEvent(onFiles);
  useEffect(() => {
    const pane = inside.current && paneOf(inside.current);
    if (!pane || !enabled) return;
    const over = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
      setPlace((held) => held ?? pane.getBoundingClientRect());
    };
    const leave = (event: DragEvent) => {
      if (!(event.relatedTarget instanceof Node) || !pane.contains(event.relatedTarget)) setPlace(null);
    };
    const dropped = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setPlace(null);
      drop(filesOf(event.dataTransfer));
    };
    // A file that misses the pane must not take the page's place.
    const missed = (event: DragEvent) => {
      if (hasFiles(event)) event.preventDefault();
    };
    pane.addEventListener("dragenter", over);
    pane.addEventListener("dragover", over);
    pane.addEventListener("dragleave", leave);
    pane.addEventListener("drop", dropped);
    addEventListener("dragover", missed);
    addEventListener("drop", missed);
    return () => {
      pane.removeEventListener("dragenter", over);
      pane.removeEventListener("dragover", over);
      pane.removeEventListener("dragleave", leave);
      pane.removeEventListener("drop", dropped);
      removeEventListener("dragover", missed);
      removeEventListener("drop", missed);
    };
  }, [inside, enabled]);
  return enabled ? place : null;
}

/** Folders are no files: what stands for one cannot be read. */
export function filesOf(transfer: DataTransfer | null): File[] {
  if (!transfer) return [];
  const items = [...transfer.items].filter((item) => item.kind === "file");
  return items.flatMap((item) => (item.webkitGetAsEntry()?.isDirectory ? [] : (item.getAsFile() ?? [])));
}
