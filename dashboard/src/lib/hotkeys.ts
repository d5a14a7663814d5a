/** Keys that do things: one listener, and a registry that the sheet of keys is made from. */
import { useEffect, useRef } from "react";
import { createStore, useStore } from "@/lib/store";

export interface HotkeyOptions {
  /** Shown in the sheet; without it the key is not listed. */
  label?: string;
  group?: string;
  enabled?: boolean;
  /** Also works in text fields. Keys with Alt or Ctrl/Cmd do so anyway, unless this is false. */
  whileTyping?: boolean;
}

export interface Hotkey {
  combo: string;
  label: string;
  group: string;
}

interface Entry extends HotkeyOptions {
  combo: string;
  run: (event: KeyboardEvent) => void;
}

const entries: Entry[] = [];
const listed = createStore<readonly Hotkey[]>([]);

export const IS_APPLE = /Mac|iPhone|iPad/.test(navigator.userAgent);

/**
 * Runs `handler` on "alt+j", "mod+k" (Ctrl, or Cmd on a Mac), "mod+shift+enter", "escape", "?".
 * Of several on one key the one mounted last wins. The default action is prevented.
 */
export function useHotkey(
  combo: string,
  handler: (event: KeyboardEvent) => void,
  options: HotkeyOptions = {},
): void {
  const latest = useRef(handler);
  useEffect(() => {
    latest.current = handler;
  });
  const { label, group, enabled = true, whileTyping } = options;
  useEffect(() => {
    if (!enabled) return;
    const entry: Entry = { combo: combo.toLowerCase(), run: (event) => latest.current(event) };
    if (label !== undefined) entry.label = label;
    if (group !== undefined) entry.group = group;
    if (whileTyping !== undefined) entry.whileTyping = whileTyping;
    return register(entry);
  }, [combo, label, group, enabled, whileTyping]);
}

/** Every listed key that works now. */
export function useHotkeyList(): readonly Hotkey[] {
  return useStore(listed);
}

/** ["Alt", "J"], or ["⌘", "K"] on a Mac: for <Kbd>. */
export function comboKeys(combo: string): string[] {
  const apple: Record<string, string> = { mod: "⌘", alt: "⌥", shift: "⇧", enter: "↩" };
  const other: Record<string, string> = { mod: "Ctrl", alt: "Alt", shift: "Shift", enter: "Enter" };
  const arrows: Record<string, string> = {
    arrowup: "↑", arrowdown: "↓", arrowleft: "←", arrowright: "→", escape: "Esc",
  };
  const names = { ...arrows, ...(IS_APPLE ? apple : other) };
  return combo.toLowerCase().split("+").map((key) => names[key] ?? key.toUpperCase());
}

function register(entry: Entry): () => void {
  if (entries.length === 0) addEventListener("keydown", onKeyDown);
  entries.push(entry);
  publish();
  return () => {
    entries.splice(entries.indexOf(entry), 1);
    if (entries.length === 0) removeEventListener("keydown", onKeyDown);
    publish();
  };
}

function publish(): void {
  const byCombo = new Map<string, Hotkey>();
  for (const { combo, label, group } of entries) {
    if (label !== undefined) byCombo.set(combo, { combo, label, group: group ?? "" });
  }
  listed.set([...byCombo.values()]);
}

function onKeyDown(event: KeyboardEvent): void {
  // Keys that an input method is composing with are text.
  if (event.defaultPrevented || event.isComposing) return;
  const entry = entries.findLast((each) => matches(event, each));
  if (!entry) return;
  event.preventDefault();
  entry.run(event);
}

function matches(event: KeyboardEvent, { combo, whileTyping }: Entry): boolean {
  const parts = combo.split("+");
  const key = parts.at(-1) ?? "";
  const mod = parts.includes("mod");
  const alt = parts.includes("alt");
  if (isTyping(event.target) && !(whileTyping ?? (mod || alt))) return false;
  const pressedMod = IS_APPLE ? event.metaKey : event.ctrlKey;
  const otherMod = IS_APPLE ? event.ctrlKey : event.metaKey;
  if (mod !== pressedMod || alt !== event.altKey || otherMod) return false;
  // A sign like "?" is where its layout puts it, with or without Shift.
  const isSign = key.length === 1 && !/[a-z0-9]/.test(key);
  if (!isSign && parts.includes("shift") !== event.shiftKey) return false;
  // With Alt a Mac types other signs, and other scripts have other letters: there the key's place counts.
  const place = /^[a-z]$/.test(key) ? `Key${key.toUpperCase()}` : /^[0-9]$/.test(key) ? `Digit${key}` : "";
  return event.key.toLowerCase() === key || (place !== "" && event.code === place && (alt || !/^[\x20-\x7e]$/.test(event.key)));
}

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement) return true;
  const notTyped = ["checkbox", "radio", "button", "submit", "reset", "range", "file", "color"];
  return target instanceof HTMLInputElement && !notTyped.includes(target.type);
}
