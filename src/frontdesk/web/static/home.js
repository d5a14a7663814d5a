// The home page of who is signed in: the list, the open thread, and whether we hear the server.

import { fullTime, keyed, make, short } from "./dom.js";
import { call } from "./http.js";
import { CHANNELS, Thread } from "./thread.js";

const EVERY = 2000;
const LONGEST = 15_000;
const SLOW = 3000;
const STEP = 50;
const MOST = 200;
const LETTERS_EVERY = 5;
const STATES = { live: "Up to date", slow: "Slow connection. Still waiting…" };
const find = (id) => document.getElementById(id);

const state = { me: null, domain: "", text: "", shown: STEP, rounds: 0, failures: 0, timer: 0, busy: false, again: false, ended: false };
const role = () => state.me?.domains.find((one) => one.name === state.domain)?.role;
const thread = new Thread({ mayChange: () => ["owner", "admin", "agent"].includes(role()), onChange: () => poll() });

// The server ------------------------------------------------------------------------------------

function tell(name, text = STATES[name]) {
  if (find("link-text").textContent === text) return;
  find("link").dataset.state = name;
  find("link-text").textContent = text;
}

/** One round; the next follows by itself while the page can be seen. */
async function poll() {
  clearTimeout(state.timer);
  if (document.hidden || state.ended) return;
  if (state.busy) {
    state.again = true;
    return;
  }
  state.busy = true;
  const slow = setTimeout(() => tell("slow"), SLOW);
  try {
    if (!state.me) await meet();
    await Promise.all([loadList(), loadThread(), loadLetters()]);
    state.failures = 0;
    state.rounds += 1;
    tell("live");
  } catch (error) {
    if (error.status === 401) return end();
    state.failures += 1;
    tell("lost", `${error.message}. Trying again…`);
  } finally {
    clearTimeout(slow);
    state.busy = false;
  }
  const wait = state.again ? 0 : Math.min(EVERY * 2 ** Math.min(state.failures, 4), LONGEST);
  state.again = false;
  state.timer = setTimeout(poll, wait);
}

async function meet() {
  state.me = await call("/api/v1/me");
  state.domain = state.me.domain;
  find("me").textContent = state.me.email;
  find("domain").replaceChildren(...state.me.domains.map(({ name }) => new Option(name, name)));
  find("domain").value = state.domain;
  find("domain-choice").hidden = state.me.domains.length < 2;
}

async function loadList() {
  const { domain, text, shown } = state;
  const query = new URLSearchParams({ domain, limit: String(shown), ...(text ? { q: text } : {}) });
  const page = await call(`/api/v1/conversations?${query}`);
  if (domain !== state.domain || text !== state.text || shown !== state.shown) return;
  drawList(page);
}

async function loadThread() {
  try {
    await thread.load();
  } catch (error) {
    if (error.status !== 404 && error.status !== 422) throw error;
    thread.open("");
    find("unchosen").hidden = false;
    location.hash = "";
  }
}

async function loadLetters() {
  if (state.rounds % LETTERS_EVERY || role() === "viewer") return;
  const { items } = await call(`/api/v1/dead-letters?${new URLSearchParams({ domain: state.domain, limit: String(MOST) })}`);
  const count = items.length < MOST ? String(items.length) : `${MOST} or more`;
  find("letters").hidden = !items.length;
  find("letters-count").textContent = items.length === 1 ? "1 dead letter" : `${count} dead letters`;
  keyed(find("letters-list"), items, (item) => item.letter_id, (item) =>
    make("li", {}, `${item.stage}: ${item.reason} `, make("time", { class: "when", datetime: item.at, title: fullTime(item.at) }, short(item.at))));
}

function end() {
  state.ended = true;
  find("panes").hidden = true;
  find("ended").hidden = false;
  find("panes").replaceChildren();
  tell("lost", "Signed out");
  find("ended-title").focus();
}

// The list --------------------------------------------------------------------------------------

function drawList(page) {
  const { items } = page;
  const list = find("conversations");
  list.setAttribute("aria-busy", "false");
  keyed(list, items.map((item) => ({ ...item, chosen: item.chat_id === thread.id })), (item) => item.chat_id, drawRow);
  find("more").hidden = !page.next || state.shown >= MOST;
  find("most").hidden = !page.next || state.shown < MOST;
  drawEmpty(items.length === 0);
  const unread = items.reduce((sum, item) => sum + item.unread, 0);
  document.title = `${unread ? `(${unread}) ` : ""}Conversations · Frontdesk`;
}

function drawRow(item) {
  const needs = item.needs_people ? `Needs people${item.needs_people_reason ? `: ${item.needs_people_reason}` : ""}` : "";
  return make("li", {}, make(
    "a",
    { class: "conversation", href: `#${item.chat_id}`, "aria-current": item.chosen && "true" },
    make("span", { class: "name", dir: "auto" }, item.display_name),
    make("time", { class: "when", datetime: item.last_active, title: fullTime(item.last_active) }, short(item.last_active)),
    make("span", { class: "number" }, `${item.phone_number} · ${CHANNELS[item.channel] ?? item.channel}${item.mode === "manual" ? " · people answer" : ""}`),
    make("span", { class: "last", dir: "auto" }, item.last_message),
    item.unread ? make("span", { class: "unread" }, String(item.unread), make("span", { class: "hidden" }, " unread")) : null,
    needs ? make("span", { class: "flag" }, needs) : null,
  ));
}

function drawEmpty(none) {
  const empty = find("empty");
  const why = none ? `${state.text} ${state.domain}` : "";
  empty.hidden = !none;
  if (empty.dataset.why === why) return;
  empty.dataset.why = why;
  if (state.text) {
    empty.replaceChildren(make("h2", {}, "Nothing found"), make("p", {}, `No name, number or last message has “${state.text}”.`));
  } else if (document.body.dataset.phone) {
    empty.replaceChildren(
      make("h2", {}, "No conversations yet"),
      make("p", {}, "Open the phone and write “Hello”. The conversation appears here by itself."),
      make("a", { class: "primary", href: "/sandbox/phone", target: "_blank" }, "Open the phone"),
    );
  } else {
    empty.replaceChildren(
      make("h2", {}, "No conversations yet"),
      make("p", {}, "The first message of a customer appears here by itself."),
      make("p", {}, "Nothing comes in? ", make("code", {}, "frontdesk doctor"), " says what to set at the carrier."),
    );
  }
}

// The person ------------------------------------------------------------------------------------

function follow() {
  const id = /^#[0-9a-f-]{36}$/u.test(location.hash) ? location.hash.slice(1) : "";
  const before = thread.id;
  thread.open(id);
  document.body.dataset.view = id ? "thread" : "list";
  for (const link of document.querySelectorAll(".conversation")) {
    if (link.hash === `#${id}`) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  const list = document.querySelector(".list-pane");
  // On a narrow screen the list is away while a conversation is open; beside it the focus stays.
  if (id && !list.checkVisibility()) find("thread-pane").focus({ preventScroll: true });
  else if (!id) document.querySelector(`.conversation[href="#${before}"]`)?.focus();
  poll();
}

let typing = 0;
find("search").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => {
    state.text = find("search").value.trim();
    state.shown = STEP;
    poll();
  }, 250);
});
find("domain").addEventListener("change", () => {
  Object.assign(state, { domain: find("domain").value, shown: STEP, rounds: 0 });
  find("conversations").replaceChildren();
  location.hash = "";
  poll();
});
find("more").addEventListener("click", () => {
  state.shown = Math.min(state.shown + STEP, MOST);
  poll();
});
find("conversations").addEventListener("keydown", (event) => {
  const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
  const next = step && event.target.closest("li")?.[step]?.querySelector("a");
  if (!next) return;
  event.preventDefault();
  next.focus();
});
document.addEventListener("visibilitychange", poll);
window.addEventListener("hashchange", follow);
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  find("thread-pane").focus();
});
find("phone-link").hidden = !document.body.dataset.phone;
follow();
