/** What the browser keeps for this application. Nothing fails where storage is full or forbidden. */
import { useCallback, useSyncExternalStore } from "react";

const PREFIX = "frontdesk:";
const listeners = new Set<() => void>();
/** Holds what the browser refuses to keep, for as long as the page lives; also keeps parsed values. */
const memory = new Map<string, { text: string; value: unknown }>();

/** Small values by name, as JSON. */
export const local = {
  get<T>(key: string, fallback: T): T {
    const text = read(key) ?? memory.get(key)?.text;
    if (text === undefined) return fallback;
    const known = memory.get(key);
    if (known?.text === text) return known.value as T;
    try {
      const value: unknown = JSON.parse(text);
      memory.set(key, { text, value });
      return value as T;
    } catch {
      return fallback;
    }
  },
  set(key: string, value: unknown): void {
    const text = JSON.stringify(value);
    memory.set(key, { text, value });
    try {
      localStorage.setItem(PREFIX + key, text);
    } catch {
      // Full or forbidden: memory has it.
    }
    tell();
  },
  remove(key: string): void {
    memory.delete(key);
    try {
      localStorage.removeItem(PREFIX + key);
    } catch {
      // Forbidden: there was nothing.
    }
    tell();
  },
  /** The names that begin with a prefix. */
  keys(prefix: string): string[] {
    try {
      const all = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX + prefix));
      return all.map((key) => key.slice(PREFIX.length));
    } catch {
      return [...memory.keys()].filter((key) => key.startsWith(prefix));
    }
  },
};

/** What is the browser's and not a person's. */
const KEPT = ["language", "theme"];

/** Forgets what one person left here (drafts, unfinished uploads, choices), before another comes. */
export async function forgetPerson(): Promise<void> {
  for (const key of local.keys("")) if (!KEPT.includes(key)) local.remove(key);
  await large.clear();
}

/** A small value that the browser keeps; also follows changes in other windows. */
export function useStored<T>(key: string, fallback: T): [T, (value: T) => void] {
  const value = useSyncExternalStore(subscribe, () => local.get(key, fallback));
  const set = useCallback((next: T) => local.set(key, next), [key]);
  return [value, set];
}

/** Calls `listener` with the name of what another window has written or taken away; the answer ends it. */
export function onStoredElsewhere(listener: (key: string) => void): () => void {
  const heard = ({ key, newValue }: StorageEvent) => {
    if (!key?.startsWith(PREFIX)) return;
    const name = key.slice(PREFIX.length);
    // Memory is for what the browser refuses: what is gone would be found there.
    if (newValue === null) memory.delete(name);
    listener(name);
  };
  addEventListener("storage", heard);
  return () => removeEventListener("storage", heard);
}

function read(key: string): string | undefined {
  try {
    return localStorage.getItem(PREFIX + key) ?? undefined;
  } catch {
    return undefined;
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  addEventListener("storage", listener);
  return () => {
    listeners.delete(listener);
    removeEventListener("storage", listener);
  };
}

function tell(): void {
  for (const each of [...listeners]) each();
}

/** Files and other large values (structured clones) by name, in IndexedDB. */
export const large = {
  get: <T>(key: string): Promise<T | undefined> =>
    inStore<T | undefined>("readonly", (store) => store.get(key), undefined),
  async set(key: string, value: unknown): Promise<boolean> {
    return (await inStore<IDBValidKey | false>("readwrite", (s) => s.put(value, key), false)) !== false;
  },
  async remove(key: string): Promise<void> {
    await inStore("readwrite", (store) => store.delete(key), undefined);
  },
  async clear(): Promise<void> {
    await inStore("readwrite", (store) => store.clear(), undefined);
  },
  keys: (): Promise<IDBValidKey[]> => inStore("readonly", (store) => store.getAllKeys(), []),
};

let opened: Promise<IDBDatabase> | undefined;

function database(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const opening = indexedDB.open("frontdesk", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("large");
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(new Error("the browser's database cannot be opened"));
  });
  return opened;
}

async function inStore<T>(
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => IDBRequest,
  otherwise: T,
): Promise<T> {
  try {
    const transaction = (await database()).transaction("large", mode);
    const asked = work(transaction.objectStore("large"));
    return await new Promise<T>((resolve) => {
      transaction.oncomplete = () => resolve(asked.result as T);
      transaction.onerror = transaction.onabort = () => resolve(otherwise);
    });
  } catch {
    return otherwise;
  }
}
