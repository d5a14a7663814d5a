/** What is written and not yet sent, per person and conversation: kept in the browser's storage. */

import type { Message, PersonRef } from "@/api/types";
import type { StoredFile, UploadItem } from "@/features/uploads/upload-store";

export type Mode = "reply" | "note";

/** The two are apart: what was meant for colleagues never becomes a text to the customer. */
export interface Side {
  text: string;
  /** Ids of uploads, in the order in which they go. */
  files: readonly string[];
  mentions: readonly PersonRef[];
}

export interface Draft {
  mode: Mode;
  reply: Side;
  note: Side;
  replyTo: Message | null;
}

export interface DraftFiles {
  get: (id: string) => UploadItem | undefined;
  restore: (chatId: string, stored: StoredFile) => string;
  /** Of this window only: the server keeps the file. */
  remove: (id: string) => void;
  subscribe: (listener: () => void) => () => void;
}

/** As in the library's `local`. */
export interface KeyValue {
  get: <T>(key: string, fallback: T) => T;
  set: (key: string, value: unknown) => void;
  remove: (key: string) => void;
  keys: (prefix: string) => string[];
}

interface Saved {
  version: 1;
  at: number;
  mode: Mode;
  reply: { text: string; files: StoredFile[]; mentions: PersonRef[] };
  note: { text: string; files: StoredFile[]; mentions: PersonRef[] };
  replyTo: Message | null;
}

/** What is kept, but for when it was written. */
type Content = Omit<Saved, "at">;

interface Held {
  personId: string;
  chatId: string;
  draft: Draft;
  /** As text, what of it is in the storage. */
  saved: string;
}

const PREFIX = "draft.";
const KEPT = 60 * 24 * 3600 * 1000;
const PAUSE = 300;
const EMPTY_SIDE: Side = { text: "", files: [], mentions: [] };
export const EMPTY: Draft = { mode: "reply", reply: EMPTY_SIDE, note: EMPTY_SIDE, replyTo: null };

const filesOf = (draft: Draft) => [...draft.reply.files, ...draft.note.files];
const isBlank = (side: Side) => side.text === "" && side.files.length === 0;

export class DraftStore {
  private readonly drafts = new Map<string, Held>();
  private readonly listeners = new Set<() => void>();
  private readonly unsaved = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | null = null;
  private readonly storage: KeyValue;
  private readonly files: DraftFiles;
  private readonly now: () => number;

  constructor(storage: KeyValue, files: DraftFiles, now: () => number = Date.now) {
    this.storage = storage;
    this.files = files;
    this.now = now;
    // An upload that ended while another conversation was open is kept with its own draft.
    files.subscribe(() => this.saveFiles());
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  get(personId: string, chatId: string): Draft {
    return this.held(personId, chatId).draft;
  }

  change(personId: string, chatId: string, change: (draft: Draft) => Draft): void {
    const held = this.held(personId, chatId);
    const draft = change(held.draft);
    if (draft === held.draft) return;
    const key = keyOf(personId, chatId);
    this.drafts.set(key, { ...held, draft });
    this.later(key);
    this.tell();
  }

  changeSide(personId: string, chatId: string, mode: Mode, change: (side: Side) => Partial<Side>): void {
    this.change(personId, chatId, (draft) => ({ ...draft, [mode]: { ...draft[mode], ...change(draft[mode]) } }));
  }

  /** Writes at once: the page may go. */
  flush(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    for (const key of this.unsaved) this.save(key);
    this.unsaved.clear();
  }

  /** Another window has written or sent it. What is not kept yet stays: a last change, files on their way, the mode. */
  changedElsewhere(key: string): void {
    const held = this.drafts.get(key);
    if (!held || this.unsaved.has(key)) return;
    const draft = { ...this.load(key, held.chatId, held.draft), mode: held.draft.mode };
    this.drafts.set(key, { ...held, draft, saved: this.asText(draft) });
    const files = new Set(filesOf(draft));
    for (const id of filesOf(held.draft)) if (!files.has(id)) this.files.remove(id);
    this.tell();
  }

  /** Takes away what was left alone for two months. */
  prune(): void {
    for (const key of this.storage.keys(PREFIX)) {
      const saved = this.read(key);
      if (!saved || saved.at < this.now() - KEPT) this.storage.remove(key);
    }
  }

  private held(personId: string, chatId: string): Held {
    const key = keyOf(personId, chatId);
    let held = this.drafts.get(key);
    if (!held) {
      const draft = this.load(key, chatId);
      held = { personId, chatId, draft, saved: this.asText(draft) };
      this.drafts.set(key, held);
    }
    return held;
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }

  private later(key: string): void {
    this.unsaved.add(key);
    this.timer ??= setTimeout(() => this.flush(), PAUSE);
  }

  private saveFiles(): void {
    for (const [key, { draft, saved }] of this.drafts) {
      if (filesOf(draft).length > 0 && this.asText(draft) !== saved) this.later(key);
    }
  }

  private save(key: string): void {
    const held = this.drafts.get(key);
    if (!held) return;
    const { draft } = held;
    const content = this.content(draft);
    held.saved = JSON.stringify(content);
    if (isBlank(draft.reply) && isBlank(draft.note) && !draft.replyTo && draft.mode === "reply") {
      this.storage.remove(key);
      return;
    }
    this.storage.set(key, { at: this.now(), ...content } satisfies Saved);
  }

  private content(draft: Draft): Content {
    return {
      version: 1,
      mode: draft.mode,
      reply: this.saved(draft.reply),
      note: this.saved(draft.note),
      replyTo: draft.replyTo && brief(draft.replyTo),
    };
  }

  private asText(draft: Draft): string {
    return JSON.stringify(this.content(draft));
  }

  private saved(side: Side): Saved["reply"] {
    const files = side.files.flatMap((id) => {
      const item = this.files.get(id);
      return item ? (stored(item) ?? []) : [];
    });
    return { text: side.text, files, mentions: [...side.mentions] };
  }

  /** The files of `before` are taken over: those that are kept too, and those that are not done. */
  private load(key: string, chatId: string, before: Draft = EMPTY): Draft {
    const saved = this.read(key);
    if (!saved && before === EMPTY) return EMPTY;
    const side = (mode: Mode): Side => {
      const { text, files, mentions } = saved?.[mode] ?? { ...EMPTY_SIDE, files: [] };
      const mine = [...before[mode].files];
      const kept = files.map((file) => {
        const place = mine.findIndex((id) => this.files.get(id)?.mediaId === file.mediaId);
        return (place < 0 ? undefined : mine.splice(place, 1)[0]) ?? this.files.restore(chatId, file);
      });
      const open = mine.filter((id) => {
        const item = this.files.get(id);
        return item && !stored(item);
      });
      return { text, files: [...kept, ...open], mentions };
    };
    return { mode: saved?.mode ?? "reply", reply: side("reply"), note: side("note"), replyTo: saved?.replyTo ?? null };
  }

  private read(key: string): Saved | null {
    const saved = this.storage.get<Partial<Saved> | null>(key, null);
    return saved?.version === 1 && saved.reply && saved.note ? (saved as Saved) : null;
  }
}

/** What can be kept of an upload: nothing before it is done. */
export function stored(item: UploadItem): StoredFile | null {
  if (item.state !== "done" || !item.mediaId) return null;
  const { mediaId, name, size, kind, contentType, own } = item;
  const local = item.previewUrl?.startsWith("blob:");
  const previewUrl = local ? (kind === "image" ? `/media/${mediaId}` : null) : item.previewUrl;
  return { mediaId, name, size, kind, contentType, own, previewUrl };
}

const keyOf = (personId: string, chatId: string) => `${PREFIX}${personId}.${chatId}`;

/** As much of a message as a quote shows. */
function brief(message: Message): Message {
  return { ...message, content: message.content.slice(0, 300), attachments: message.attachments.slice(0, 1), thinking: null, tool_calls: [], structured: null };
}
