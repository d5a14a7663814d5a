// The files that wait to be sent: previews, captions, progress, what failed, another try.

import { bytes, element, icon, iconButton } from "./dom.js";
import { upload } from "./live.js";

const LIMIT = 100 * 1024 * 1024;
const SIDE = 112;

function kindOf(file) {
  const kind = file.type.split("/")[0];
  return ["image", "video", "audio"].includes(kind) && file.type !== "image/svg+xml" ? kind : "document";
}

export class Tray {
  /** `form()` gives the fields of a message; `sent(message)` hears each that was accepted. */
  constructor(node, { form, sent, changed }) {
    this.node = node;
    this.form = form;
    this.sent = sent;
    this.changed = changed;
    this.items = [];
  }

  get empty() {
    return !this.items.some((item) => item.state === "ready");
  }

  /** Whether a text would go with a file. */
  captions(phone) {
    return this.items.some((item) => item.state === "ready" && this.captioned(item, phone));
  }

  captioned(item, { channel, carrier }) {
    if (channel === "sms") return true;
    if (item.kind === "document" && carrier === "meta") return true;
    return !item.as && ["image", "video"].includes(item.kind);
  }

  add(files, as = "") {
    for (const file of files) {
      const item = { file, as, kind: as === "document" ? "document" : kindOf(file), state: "ready", caption: "" };
      this.draw(item);
      this.items.push(item);
      this.node.append(item.node);
      if (file.size > LIMIT) this.fail(item, `The file has ${bytes(file.size)}; the limit is 100 MB.`, false);
    }
    this.update();
  }

  draw(item) {
    item.bar = element("progress", "tray-bar");
    item.bar.max = 1;
    item.bar.value = 0;
    item.bar.hidden = true;
    item.bar.setAttribute("aria-label", `Sending ${item.file.name}`);
    item.note = element("small", "", bytes(item.file.size));
    item.retry = iconButton("tray-act", "again", `Try ${item.file.name} again`, () => this.deliver(item));
    item.retry.hidden = true;
    const remove = iconButton("tray-act", "close", `Remove ${item.file.name}`, () => this.remove(item));
    const look = element("span", "tray-look", icon({ image: "document" }[item.kind] ?? item.kind));
    if (item.kind === "image") preview(item.file, look);
    const name = element("b", "", item.file.name);
    item.node = element("li", "tray-item", look, element("span", "tray-text", name, item.note, item.bar), item.retry, remove);
  }

  remove(item) {
    item.abort?.abort();
    item.node.remove();
    this.items.splice(this.items.indexOf(item), 1);
    this.update();
  }

  update() {
    this.node.hidden = !this.items.length;
    this.changed();
  }

  fail(item, why, again = true) {
    item.state = "failed";
    item.node.classList.add("bad");
    item.note.textContent = why;
    item.bar.hidden = true;
    item.retry.hidden = !again;
    this.update();
  }

  /** Sends all that is ready, one after the other; answers the text that went with none. */
  async send(text, phone) {
    const ready = this.items.filter((item) => item.state === "ready");
    const bearer = text.trim() && ready.find((item) => this.captioned(item, phone));
    if (bearer) bearer.caption = text;
    for (const item of ready) item.state = "waiting";
    this.update();
    for (const item of ready) if (this.items.includes(item)) await this.deliver(item);
    return bearer ? "" : text;
  }

  async deliver(item) {
    item.state = "sending";
    item.node.classList.remove("bad");
    item.retry.hidden = true;
    item.bar.hidden = false;
    item.bar.value = 0;
    item.note.textContent = "Sending…";
    item.abort = new AbortController();
    const form = this.form();
    form.set("body", item.caption);
    if (item.as) form.set("as", item.as);
    form.append("file", item.file, item.file.name);
    try {
      const progress = (share) => {
        item.bar.value = share;
        item.note.textContent = share < 1 ? `${Math.round(share * 100)} %` : "Sending…";
      };
      const message = await upload("phone/messages", form, { progress, signal: item.abort.signal });
      this.remove(item);
      this.sent(message);
    } catch (error) {
      if (error.name !== "AbortError") this.fail(item, error.message);
    }
  }
}

/** Drawn, so that the page's policy needs no room for addresses of the browser's own. */
async function preview(file, look) {
  try {
    const bitmap = await createImageBitmap(file);
    const canvas = element("canvas", "");
    canvas.width = canvas.height = SIDE;
    const scale = Math.max(SIDE / bitmap.width, SIDE / bitmap.height);
    const [width, height] = [bitmap.width * scale, bitmap.height * scale];
    canvas.getContext("2d").drawImage(bitmap, (SIDE - width) / 2, (SIDE - height) / 2, width, height);
    bitmap.close();
    look.replaceChildren(canvas);
  } catch {
    // The browser cannot read it: the icon stays, and the sandbox will say what is wrong.
  }
}
