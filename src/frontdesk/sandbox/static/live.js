// The sandbox's HTTP interface: one event stream for all phones, and the calls of a phone.
// Addresses are relative, so that a mount prefix such as /sandbox works by itself.

export async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (answer.status === 204) return null;
  const json = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(json.detail || `The sandbox answered ${answer.status}.`);
  return json;
}

/** Sends a form with files. `progress` hears a share of 0 to 1; `signal` ends it. */
export function upload(path, form, { progress, signal }) {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    call.open("POST", path);
    call.responseType = "json";
    call.upload.addEventListener("progress", (event) => event.lengthComputable && progress(event.loaded / event.total));
    call.addEventListener("load", () => {
      if (call.status === 201) resolve(call.response);
      else reject(new Error(call.response?.detail || `The sandbox answered ${call.status}.`));
    });
    call.addEventListener("error", () => reject(new Error("The sandbox cannot be reached.")));
    call.addEventListener("abort", () => reject(new DOMException("stopped", "AbortError")));
    signal.addEventListener("abort", () => call.abort());
    call.send(form);
  });
}

export async function config() {
  const answer = await fetch("phone/config");
  if (!answer.ok) throw new Error(`The sandbox answered ${answer.status}.`);
  return answer.json();
}

/** Listens to several numbers on one connection: browsers allow six per host. */
export class Live {
  constructor({ onMessage, onState, onRestart }) {
    this.onMessage = onMessage;
    this.onRestart = onRestart;
    this.epoch = "";
    this.onState = onState;
    this.source = null;
    this.key = "";
  }

  listen(numbers) {
    const key = [...new Set(numbers)].sort().join(" ");
    if (key === this.key && this.source) return;
    this.key = key;
    this.source?.close();
    this.source = null;
    clearTimeout(this.timer);
    if (!key) {
      this.onState("idle");
      return;
    }
    const query = new URLSearchParams(key.split(" ").map((number) => ["number", number]));
    const source = new EventSource(`phone/events?${query}`);
    this.source = source;
    source.addEventListener("ready", (event) => {
      const { epoch } = JSON.parse(event.data);
      if (this.epoch && this.epoch !== epoch) this.onRestart();
      this.epoch = epoch;
      this.onState("live");
    });
    source.onmessage = (event) => this.onMessage(JSON.parse(event.data));
    source.onerror = () => {
      this.onState("lost");
      // The browser tries again by itself, except after a refusal.
      if (source.readyState === EventSource.CLOSED && this.source === source) {
        this.source = null;
        this.timer = setTimeout(() => this.listen(key.split(" ")), 2000);
      }
    };
  }
}
