// The open conversation: who it is with, who answers, its messages.

import { day, keyed, make } from "./dom.js";
import { call } from "./http.js";
import { drawMessage } from "./message.js";

const PAGE = 50;
const NEAR = 80;
const find = (id) => document.getElementById(id);
export const CHANNELS = { wmsg: "WhatsApp", wvoice: "WhatsApp call", sms: "SMS", phone: "Phone" };

export class Thread {
  /** `mayChange()` says whether the caller's role may switch; `onChange` hears of a switch. */
  constructor({ mayChange, onChange }) {
    this.mayChange = mayChange;
    this.onChange = onChange;
    this.id = "";
    this.reset();
    find("switch").addEventListener("click", () => this.switchMode());
    find("older").addEventListener("click", () => this.showOlder());
  }

  reset() {
    this.chat = null;
    this.messages = [];
    this.before = null;
    this.switching = false;
    find("messages").replaceChildren();
    find("thread-error").hidden = true;
    find("older").hidden = true;
  }

  open(id) {
    if (id === this.id) return;
    this.id = id;
    this.reset();
    find("open").hidden = true;
    find("unchosen").hidden = Boolean(id);
  }

  async load() {
    const id = this.id;
    if (!id) return;
    const [chat, page] = await Promise.all([
      call(`/api/v1/conversations/${id}`),
      call(`/api/v1/conversations/${id}/messages?limit=${PAGE}`),
    ]);
    if (id !== this.id) return; // Another one was opened meanwhile.
    this.take(page);
    this.draw(chat);
  }

  /** Joins the newest page to what was loaded before; after a long gap it replaces that. */
  take(page) {
    const first = page.items[0]?.message_id;
    const at = this.messages.findIndex((message) => message.message_id === first);
    if (at > 0) this.messages = [...this.messages.slice(0, at), ...page.items];
    else {
      this.messages = page.items;
      this.before = page.next;
    }
  }

  draw(chat) {
    this.chat = chat;
    find("open").hidden = false;
    find("who").textContent = chat.display_name;
    const channel = CHANNELS[chat.channel] ?? chat.channel;
    find("where").textContent = [chat.phone_number, channel, chat.assistant_id].filter(Boolean).join(" · ");
    this.drawMode(chat);
    find("needs").hidden = !chat.needs_people;
    find("needs").textContent = chat.needs_people_reason ? `Needs people: ${chat.needs_people_reason}` : "Needs people";
    const domain = find("domain").value;
    const options = [chat.channel === "sms" && "--channel sms", domain !== "default" && `--domain ${domain}`];
    find("send").textContent = ["frontdesk send --to", chat.phone_number, ...options, "\"…\""].filter(Boolean).join(" ");
    this.drawMessages();
  }

  drawMode(chat) {
    const manual = chat.mode === "manual";
    const button = find("switch");
    find("mode").textContent = manual ? "People answer; the assistant is silent" : "The assistant answers";
    button.textContent = manual ? "Hand back" : "Take over";
    button.title = manual ? "The assistant answers again from the next message on" : "The assistant stops answering here at once";
    button.disabled = this.switching;
    button.hidden = !this.mayChange();
  }

  drawMessages() {
    const thread = find("thread");
    const bottom = thread.scrollHeight - thread.scrollTop - thread.clientHeight < NEAR;
    const customer = this.chat.display_name;
    const rows = [];
    let last = "";
    for (const message of this.messages) {
      const on = day(message.created_at);
      if (on !== last) rows.push({ key: `day ${on}`, on });
      last = on;
      rows.push({ key: message.message_id, message, customer });
    }
    find("older").hidden = !this.before;
    keyed(find("messages"), rows, (row) => row.key, (row, old) =>
      row.message ? drawMessage(row.message, customer, old) : make("li", { class: "day" }, row.on));
    if (bottom) thread.scrollTop = thread.scrollHeight;
  }

  async showOlder() {
    const id = this.id;
    find("older").disabled = true;
    try {
      const page = await call(`/api/v1/conversations/${id}/messages?limit=${PAGE}&before=${this.before}`);
      if (id !== this.id) return;
      this.messages = [...page.items, ...this.messages];
      this.before = page.next;
      const thread = find("thread");
      const below = thread.scrollHeight - thread.scrollTop;
      this.drawMessages();
      thread.scrollTop = thread.scrollHeight - below;
    } catch (error) {
      this.say(`Older messages could not be loaded: ${error.message}.`);
    } finally {
      find("older").disabled = false;
    }
  }

  async switchMode() {
    const id = this.id;
    const mode = this.chat.mode === "manual" ? "assistant" : "manual";
    this.switching = true;
    this.drawMode(this.chat);
    try {
      const chat = await call(`/api/v1/conversations/${id}`, { method: "PATCH", body: { mode } });
      if (id === this.id) this.draw(chat);
      find("thread-error").hidden = true;
      this.onChange();
    } catch (error) {
      this.say(`It could not be switched: ${error.message}.`);
    } finally {
      this.switching = false;
      if (this.chat) this.drawMode(this.chat);
      find("switch").focus({ preventScroll: true });
    }
  }

  say(text) {
    find("thread-error").textContent = text;
    find("thread-error").hidden = !text;
  }
}
