/** One stream for all of a browser's pages: over HTTP/1.1 it opens six connections to a server at
 *  the most, and a seventh page could load nothing. The page that holds a lock has the stream and
 *  tells the others; when it goes, the lock passes on. */
import { openStream, SILENCE_MS, type Connection, type Listener, type LiveEvent } from "@/lib/live-stream";

type Said =
  | { is: "event"; name: LiveEvent; text: string }
  | { is: "state"; connection: Connection }
  | { is: "missed" }
  | { is: "asked" };

/** A follower hears the leader's pings a little later than the leader does. */
const DEAD_MS = SILENCE_MS + 5_000;

/** `key` is the same for pages that see the same. The answer leaves. */
export function shareStream(key: string, listener: Listener): () => void {
  const name = `frontdesk-live.${key}`;
  const channel = new BroadcastChannel(name);
  const left = new AbortController();
  let waiting = new AbortController();
  let state: Connection = "connecting";
  let leads = false;
  let watchdog: ReturnType<typeof setTimeout> | undefined;

  const tell = (said: Said): void => channel.postMessage(said);

  const both: Listener = {
    event: (event, text) => {
      listener.event(event, text);
      tell({ is: "event", name: event, text });
    },
    state: (connection) => {
      state = connection;
      listener.state(connection);
      tell({ is: "state", connection });
    },
    missed: () => {
      listener.missed();
      tell({ is: "missed" });
    },
  };

  /** Has the stream until this page goes, or another one takes the lock away. */
  function lead(after: boolean, taken: AbortSignal): Promise<void> {
    leads = true;
    clearTimeout(watchdog);
    let behind = after;
    const close = openStream({
      ...both,
      state: (connection) => {
        both.state(connection);
        if (behind && connection === "live") {
          behind = false;
          both.missed();
        }
      },
    });
    return new Promise((done) => {
      const end = (): void => {
        leads = false;
        close();
        done();
      };
      left.signal.addEventListener("abort", end, { once: true });
      taken.addEventListener("abort", end, { once: true });
    });
  }

  /** Whether the page has to listen to another one: the lock is taken, or was taken away. */
  async function hold(options: LockOptions, after: boolean): Promise<boolean> {
    const taken = new AbortController();
    try {
      return await navigator.locks.request(name, options, async (lock) => {
        if (lock) await lead(after, taken.signal);
        return !lock;
      });
    } catch {
      taken.abort();
      return !left.signal.aborted && !options.signal?.aborted;
    }
  }

  async function follow(): Promise<void> {
    waiting = new AbortController();
    watch();
    tell({ is: "asked" });
    if (await hold({ signal: waiting.signal }, true)) await follow();
  }

  /** Takes the stream over from a page that says nothing any more. */
  async function takeOver(): Promise<void> {
    waiting.abort();
    if (await hold({ steal: true }, true)) await follow();
  }

  function watch(): void {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => void takeOver(), DEAD_MS);
  }

  channel.onmessage = ({ data }: MessageEvent<Said>) => {
    if (data.is === "asked") {
      if (leads) tell({ is: "state", connection: state });
      return;
    }
    if (leads) return;
    watch();
    if (data.is === "event") listener.event(data.name, data.text);
    else if (data.is === "state") listener.state(data.connection);
    else listener.missed();
  };
  listener.state("connecting");
  void hold({ ifAvailable: true }, false).then((listens) => (listens ? follow() : undefined));
  return () => {
    left.abort();
    waiting.abort();
    clearTimeout(watchdog);
    channel.close();
  };
}
