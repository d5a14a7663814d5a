/** What this browser is told about, kept in this browser. */
import { local, useStored } from "@/lib/storage";

/** mine: conversations assigned to the viewer, mentions, and those that need people and have nobody. */
export type Loudness = "off" | "mine" | "all";
export const LOUDNESS: readonly Loudness[] = ["off", "mine", "all"];

export interface NotificationPreferences {
  desktop: Loudness;
  sound: Loudness;
}

const KEY = "notifications";

function loudness(value: unknown): Loudness {
  return LOUDNESS.find((candidate) => candidate === value) ?? "mine";
}

/** Whatever is stored: what is not understood is the usual. */
export function readPreferences(stored: unknown): NotificationPreferences {
  const found = (typeof stored === "object" && stored !== null ? stored : {}) as Record<string, unknown>;
  return { desktop: loudness(found.desktop), sound: loudness(found.sound) };
}

export function preferences(): NotificationPreferences {
  return readPreferences(local.get<unknown>(KEY, null));
}

export function usePreferences(): [NotificationPreferences, (change: Partial<NotificationPreferences>) => void] {
  const [stored, set] = useStored<unknown>(KEY, null);
  const current = readPreferences(stored);
  return [current, (change) => set({ ...current, ...change })];
}
