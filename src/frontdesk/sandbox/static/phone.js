// The page: several phones, one store of messages, one live stream.

import { bubble, dayDivider, emptyState, typing } from "./bubble.js";
import { Composer } from "./composer.js";
import { Live, config, post } from "./live.js";

const KEY = "frontdesk.sandbox.phones";
const NUMBER = /^\+[1-9]\d{6,14}$/u;
const PEOPLE = ["Ada", "Grace", "Linus", "Margaret", "Alan", "Katherine", "Edsger", "Barbara"];
const QUICK = ["Hello", "/help", "/list", "/current", "/human"];
const PATIENCE = 30_000;
const LINK = { waiting: "Connecting…", live: "Connected", lost: "Connection lost. Trying again…", idle: "No phone" };

const desk = document.querySelector("#desk");
const template = document.querySelector("#phone-template");
const messages = new Map();
const phones = [];
let numbers = [];

const live = new Live({
  onMessage: take,
  // A sandbox that started again sends all that it still has, counted anew.
  onRestart: () => {
    messages.clear();
    phones.forEach((phone) => phone.drawSoon());
  },
  onState: (state) => {
    document.querySelector("#link").dataset.state = state;
    document.querySelector("#link-text").textContent = LINK[state];
  },
});

/** The answer to a call may come after the event of a later change. */
function take(message) {
  if (messages.get(message.sid)?.revision > message.revision) return;
  messages.set(message.sid, message);
  for (const phone of phones) {
    if (phone.shows(message)) phone.drawSoon();
  }
}

function remember() {
  const kept = phones.map(({ from, name, to }) => ({ from, name, to }));
  try {
    localStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // A private window may refuse storage; the phones then last as long as the page.
  }
  live.listen(phones.map((phone) => phone.from).filter((from) => NUMBER.test(from)));
}

function remembered() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY));
    return Array.isArray(kept) ? kept.filter((one) => NUMBER.test(one?.from)) : [];
  } catch {
    return [];
  }
}

/** `00` becomes `+`; spaces, dots, dashes and brackets go. */
function normalised(text) {
  return text.replace(/[\s().\u2010-\u2015-]/gu, "").replace(/^00/u, "+");
}

class Phone {
  constructor({ from, name, to }) {
    this.from = from;
    this.name = String(name ?? "");
    this.to = numbers.some((number) => number.address === to) ? to : numbers[0].address;
    this.seen = new Set();
    this.reported = new Set();
    this.drawn = new Map();
    this.node = template.content.firstElementChild.cloneNode(true);
    const find = (name) => this.node.querySelector(`.${name}`);
    this.thread = find("thread");
    this.text = find("text");
    this.latest = find("latest");
    this.notice = find("notice");
    this.fillPicker(find("to"));
    this.fillSelf(find("name"), find("from"), find("from-error"));
    this.fillQuick(find("quick"));
    this.composer = new Composer(this, this.node);
    find("remove").addEventListener("click", () => remove(this));
    this.latest.addEventListener("click", () => this.toBottom());
    this.thread.addEventListener("scroll", () => this.onScroll(), { passive: true });
    // A picture that has come makes its row higher.
    this.thread.addEventListener("load", () => this.pinned && this.toBottom(), true);
    this.thread.addEventListener("loadedmetadata", () => this.pinned && this.toBottom(), true);
    this.observer = new IntersectionObserver((entries) => this.onSeen(entries), { root: this.thread, threshold: 0.3 });
    this.dress();
    this.draw();
  }

  get channel() {
    return this.to.startsWith("whatsapp:") ? "whatsapp" : "sms";
  }

  get carrier() {
    return numbers.find((number) => number.address === this.to)?.carrier;
  }

  fillPicker(select) {
    for (const [channel, label] of [["whatsapp", "WhatsApp"], ["sms", "SMS"]]) {
      const group = document.createElement("optgroup");
      group.label = label;
      const own = numbers.filter(({ address }) => address.startsWith("whatsapp:") === (channel === "whatsapp"));
      for (const { address, name, carrier } of own) {
        const called = carrier === "meta" ? `${name} (Meta)` : name;
        const alone = own.filter((other) => other.name === name && other.carrier === carrier).length === 1;
        group.append(new Option(alone ? called : `${called} · ${address.replace("whatsapp:", "")}`, address));
      }
      if (group.children.length) select.append(group);
    }
    select.value = this.to;
    select.addEventListener("change", () => {
      this.to = select.value;
      this.dress();
      this.draw();
      remember();
    });
  }

  fillSelf(name, from, error) {
    name.value = this.name;
    from.value = this.from;
    name.addEventListener("change", () => {
      this.name = name.value.trim();
      this.dress();
      remember();
    });
    from.addEventListener("input", () => {
      const number = normalised(from.value);
      const right = NUMBER.test(number);
      error.hidden = right;
      error.textContent = right ? "" : "Write + and 7 to 15 digits, for example +14155550100.";
      from.setAttribute("aria-invalid", String(!right));
      this.text.disabled = !right;
      this.composer.dress();
      if (right && number !== this.from) {
        this.from = number;
        this.dress();
        this.draw();
      }
    });
    from.addEventListener("change", () => {
      if (from.getAttribute("aria-invalid") !== "true") from.value = this.from;
      remember();
    });
  }

  fillQuick(group) {
    for (const text of QUICK) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = text;
      button.addEventListener("click", () => this.say(text));
      group.append(button);
    }
  }

  dress() {
    const entry = numbers.find((number) => number.address === this.to);
    const bare = this.to.replace("whatsapp:", "");
    this.node.dataset.channel = this.channel;
    this.node.setAttribute("aria-label", `Phone of ${this.name || this.from}`);
    this.node.querySelector(".avatar").textContent = /\p{L}/u.exec(entry.name)?.[0].toUpperCase() ?? "#";
    this.node.querySelector(".channel").textContent = `${this.channel === "sms" ? "SMS" : "WhatsApp"} · ${bare}`;
    this.composer.dress();
  }

  shows(message) {
    return message.customer === this.from && message.business === this.to;
  }

  async say(body, fields = {}) {
    if (!this.composer.ready()) return false;
    this.complain("");
    try {
      this.took(await post("phone/messages", { from: this.from, to: this.to, body, fields, profile_name: this.name }));
      return true;
    } catch (error) {
      this.complain(error instanceof TypeError ? "The sandbox cannot be reached. Your text is kept." : error.message);
      return false;
    }
  }

  /** Answers with a button of a message, as WhatsApp does: the carrier hears which one it was. */
  press(message, button) {
    return this.say(button.text, {
      ButtonText: button.text,
      ButtonPayload: button.id || button.text,
      OriginalRepliedMessageSid: message.sid,
      OriginalRepliedMessageSender: message.business,
    });
  }

  /** The fields of a message with files. */
  form() {
    const form = new FormData();
    for (const [name, value] of Object.entries({ from: this.from, to: this.to, profile_name: this.name })) form.set(name, value);
    return form;
  }

  took(message) {
    take(message);
    this.draw();
    this.toBottom();
  }

  complain(text) {
    this.notice.textContent = text;
    this.notice.hidden = !text;
  }

  conversation() {
    return [...messages.values()].filter((one) => this.shows(one)).sort((a, b) => a.sequence - b.sequence);
  }

  /** A history arrives as many events at once: one drawing does for all. */
  drawSoon() {
    this.drawing ??= setTimeout(() => {
      this.drawing = undefined;
      this.draw();
    });
  }

  /** Rows that did not change keep their node, so that focus, selection and position stay. */
  draw() {
    const below = this.atBottom();
    const list = this.conversation();
    const lastReply = list.findLastIndex((one) => one.direction === "out");
    const nodes = [];
    const drawn = new Map();
    let day = "";
    let fresh = false;
    list.forEach((message, index) => {
      const at = new Date(message.at);
      if (at.toDateString() !== day) nodes.push(this.divider(at, drawn));
      day = at.toDateString();
      const answered = message.direction === "in" && index < lastReply;
      const look = JSON.stringify([message, answered]);
      const before = this.drawn.get(message.sid);
      const row = before?.look === look ? before : { look, node: this.bubble(message, answered) };
      row.node.classList.toggle("follows", index > 0 && list[index - 1].direction === message.direction);
      fresh ||= !before && message.direction === "out";
      drawn.set(message.sid, row);
      nodes.push(row.node);
    });
    if (!list.length) nodes.push(emptyState(this.channel, (text) => this.say(text)));
    if (this.expectsAnswer(list.at(-1))) nodes.push((this.typing ??= typing()));
    this.drawn = drawn;
    this.place(nodes);
    this.seen.clear();
    this.observer.disconnect();
    for (const { node } of drawn.values()) this.observer.observe(node);
    if (below) this.toBottom();
    else if (fresh) this.latest.hidden = false;
  }

  bubble(message, answered) {
    return bubble(message, answered, (button) => this.press(message, button), messages.get(message.quotes));
  }

  place(nodes) {
    const wanted = new Set(nodes);
    for (const child of [...this.thread.children]) if (!wanted.has(child)) child.remove();
    nodes.forEach((node, index) => {
      const there = this.thread.children[index];
      if (there !== node) this.thread.insertBefore(node, there ?? null);
    });
  }

  divider(at, drawn) {
    const key = `day ${at.toDateString()}`;
    const row = this.drawn.get(key) ?? { look: key, node: dayDivider(at) };
    drawn.set(key, row);
    return row.node;
  }

  expectsAnswer(last) {
    clearTimeout(this.waiting);
    if (last?.direction !== "in" || !["pending", "accepted"].includes(last.webhook)) return false;
    const left = Date.parse(last.at) + PATIENCE - Date.now();
    if (left <= 0) return false;
    this.waiting = setTimeout(() => this.draw(), left + 50);
    return true;
  }

  atBottom() {
    return this.thread.scrollHeight - this.thread.scrollTop - this.thread.clientHeight < 60;
  }

  onScroll() {
    this.pinned = this.atBottom();
    if (this.pinned) this.latest.hidden = true;
  }

  toBottom() {
    this.pinned = true;
    this.thread.scrollTop = this.thread.scrollHeight;
    this.latest.hidden = true;
  }

  onSeen(entries) {
    for (const entry of entries) {
      const { sid } = entry.target.dataset;
      if (sid && entry.isIntersecting) this.seen.add(sid);
      else this.seen.delete(sid);
    }
    this.report();
  }

  /** Tells the carrier which replies the customer has on the screen. */
  report() {
    if (document.visibilityState !== "visible") return;
    const sids = [...this.seen].filter((sid) => {
      const message = messages.get(sid);
      return message?.direction === "out" && message.channel === "whatsapp"
        && message.status === "delivered" && !this.reported.has(sid);
    });
    if (!sids.length) return;
    for (const sid of sids) this.reported.add(sid);
    post("phone/read", { sids }).catch(() => sids.forEach((sid) => this.reported.delete(sid)));
  }
}

function freeNumber() {
  for (let last = 101; ; last += 1) {
    const number = `+14155550${last}`;
    if (!phones.some((phone) => phone.from === number)) return number;
  }
}

function add(settings) {
  const phone = new Phone(settings);
  phones.push(phone);
  desk.append(phone.node);
  desk.dataset.count = String(phones.length);
  phone.toBottom();
  return phone;
}

function remove(phone) {
  phone.observer.disconnect();
  clearTimeout(phone.waiting);
  phones.splice(phones.indexOf(phone), 1);
  phone.node.remove();
  desk.dataset.count = String(phones.length);
  remember();
  (phones.at(-1)?.text ?? document.querySelector("#add")).focus();
}

async function start() {
  try {
    ({ numbers } = await config());
  } catch {
    document.querySelector("#link").dataset.state = "lost";
    document.querySelector("#link-text").textContent = "The sandbox cannot be reached. Trying again…";
    setTimeout(start, 2000);
    return;
  }
  const kept = remembered();
  for (const settings of kept.length ? kept : [{ from: freeNumber(), name: PEOPLE[0] }]) add(settings);
  remember();
  document.querySelector("#add").addEventListener("click", () => {
    const name = PEOPLE.find((one) => !phones.some((phone) => phone.name === one)) ?? "";
    const phone = add({ from: freeNumber(), name, to: phones.at(-1)?.to });
    remember();
    phone.node.scrollIntoView({ inline: "center", block: "nearest" });
    phone.text.focus({ preventScroll: true });
  });
  document.addEventListener("visibilitychange", () => phones.forEach((phone) => phone.report()));
  if (matchMedia("(min-width: 720px)").matches) phones[0].text.focus();
}

start();
