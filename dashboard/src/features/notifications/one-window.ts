/** Of several windows of the same person one notifies, and it knows what the others show. */

interface Viewing {
  window: string;
  /** The conversation that has the viewer's eyes; null when none or without focus. */
  chatId: string | null;
}

type Word = { kind: "viewing"; viewing: Viewing } | { kind: "ask" };

const LEASE = "frontdesk.notifier";
const LEASE_MS = 5_000;

export class OneWindow {
  private readonly id = Math.random().toString(36).slice(2);
  private readonly viewing = new Map<string, string | null>();
  private readonly channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("frontdesk-windows");
  private own: string | null = null;
  private leads = false;
  private release: (() => void) | null = null;
  private lease: ReturnType<typeof setInterval> | null = null;
  private closed = false;

  constructor() {
    if (this.channel) this.channel.onmessage = (event: MessageEvent<Word>) => this.heard(event.data);
    this.channel?.postMessage({ kind: "ask" } satisfies Word);
    window.addEventListener("pagehide", this.leave);
    this.compete();
  }

  /** Whether this window is the one that notifies. */
  get chosen(): boolean {
    return this.leads;
  }

  view(chatId: string | null): void {
    if (chatId === this.own) return;
    this.own = chatId;
    this.tell();
  }

  isViewed(chatId: string): boolean {
    return this.own === chatId || [...this.viewing.values()].includes(chatId);
  }

  close(): void {
    this.closed = true;
    this.leave();
    window.removeEventListener("pagehide", this.leave);
    this.release?.();
    if (this.lease) clearInterval(this.lease);
    if (this.lease && this.leads) localStorage.removeItem(LEASE);
    this.leads = false;
    this.channel?.close();
  }

  private readonly leave = (): void => {
    this.own = null;
    this.tell();
  };

  private tell(): void {
    this.channel?.postMessage({ kind: "viewing", viewing: { window: this.id, chatId: this.own } } satisfies Word);
  }

  private heard(word: Word): void {
    if (word.kind === "ask") this.tell();
    else this.viewing.set(word.viewing.window, word.viewing.chatId);
  }

  /** A lock is held until the window goes; the next one waits for it. Pages that are not secure have no locks. */
  private compete(): void {
    if (!("locks" in navigator)) {
      this.lease = setInterval(() => this.renew(), LEASE_MS / 2);
      this.renew();
      return;
    }
    void navigator.locks.request("frontdesk-notifier", async () => {
      if (this.closed) return;
      this.leads = true;
      await new Promise<void>((resolve) => {
        this.release = resolve;
      });
    });
  }

  private renew(): void {
    const [holder, until] = (localStorage.getItem(LEASE) ?? "").split(" ");
    this.leads = holder === this.id || Number(until ?? 0) < Date.now() || !holder;
    if (this.leads) localStorage.setItem(LEASE, `${this.id} ${Date.now() + LEASE_MS}`);
  }
}
