// One message of a thread: its words and files, how far it got, and its timeline when asked for.

import { drawAttachment } from "./attachment.js";
import { placeCard } from "./card.js";
import { arrange, fullTime, icon, keyed, make, preciseTime, time } from "./dom.js";
import { call } from "./http.js";

const SENDERS = { assistant: "Assistant", human: "A person", system: "Frontdesk" };
const STATUSES = {
  draft: "Draft", queued: "Waiting to be sent", sending: "Being sent", sent: "Sent", delivered: "Delivered",
  read: "Read", played: "Played", failed: "Not delivered", canceled: "Canceled", received: "Received",
};
const STAGES = {
  received: "Received", committed: "Stored", picked_up: "Picked up", answered: "Answered", queued: "Queued",
  sending: "Handed to the carrier", sent: "Sent", delivered: "Delivered", read: "Read", failed: "Failed",
};
const ONE = "M3 8.5l3 3 6.5-7";
const TWO = "M1 8.5l3 3 6.5-7M7.5 11l.5.5 6.5-7";
const PATHS = {
  draft: "M8 4.5V8l2.5 1.5M8 2a6 6 0 1 0 .01 0", queued: "M8 4.5V8l2.5 1.5M8 2a6 6 0 1 0 .01 0",
  sending: "M8 4.5V8l2.5 1.5M8 2a6 6 0 1 0 .01 0", sent: ONE, delivered: TWO, read: TWO, played: TWO,
  failed: "M8 4.5v4.5M8 11.5v.01M8 2a6 6 0 1 0 .01 0", canceled: "M5 5l6 6M11 5l-6 6",
};

const WORDS = {
  image: "Photo", audio: "Sound", video: "Video", document: "Document", sticker: "Sticker", contacts: "Contact", location: "Location",
  button: "Button", list_reply: "Choice from a list", reaction: "Reaction", unsupported: "Of a kind that the carrier does not pass on",
};

function ticks(status) {
  return icon(PATHS[status], status === "played" ? "read" : status);
}

/** What is not text, in a word, where nothing else shows it. */
function kindOf({ kind, attachments, content, structured }, place) {
  if (kind === "text" || kind === "unknown" || attachments.length || place) return null;
  const { latitude, longitude } = structured?.location ?? {};
  const taken = kind === "reaction" && !content ? "Reaction taken back" : WORDS[kind] ?? kind;
  return make("p", { class: "kind" }, [taken, latitude && `${latitude}, ${longitude}`].filter(Boolean).join(": "));
}

/** A message with nothing in it yet. Its files and its button stay what they are when it changes:
    what plays goes on, and who has the focus keeps it. */
function blank(id) {
  const meta = make("button", { class: "meta", type: "button", "aria-expanded": "false" });
  const files = make("div", { class: "files" });
  const bubble = make("div", { class: "bubble" }, files, meta);
  const node = make("li", {}, bubble);
  bubble.addEventListener("click", (event) => {
    const marked = getSelection();
    // A mouse that marks text to copy it also clicks; a keyboard's click has no detail.
    if (event.detail && !marked.isCollapsed && bubble.contains(marked.anchorNode)) return;
    if (!event.target.closest(".files, .card")) toggle(node, meta, id);
  });
  return node;
}

function drawMeta(meta, message, ours, status) {
  meta.title = `${ours ? `${status}. ` : ""}${fullTime(message.created_at)}. Show the timeline`;
  meta.replaceChildren(
    make("time", { datetime: message.created_at }, time(message.created_at)),
    ...(ours ? [make("span", { class: "hidden" }, status)] : []),
    ...(ours && PATHS[message.status] ? [ticks(message.status)] : []),
    make("span", { class: "hidden" }, ". Timeline"),
  );
}

/** `customer` is who wrote what came in; `old` is the node drawn before, which stays. */
export function drawMessage(message, customer, old) {
  const ours = message.sender !== "user";
  const bad = message.status === "failed" || Boolean(message.error);
  const draft = message.status === "draft";
  const status = STATUSES[message.status] ?? message.status;
  const node = old ?? blank(message.message_id);
  const [bubble, files, meta] = [".bubble", ".files", ".meta"].map((part) => node.querySelector(part));
  const place = message.structured?.location ? placeCard(message.structured.location) : null;
  node.className = `message${ours ? " ours" : ""}${bad ? " bad" : ""}${draft ? " draft" : ""}`;
  files.hidden = !message.attachments.length;
  keyed(files, message.attachments, (item) => item.media_id, drawAttachment);
  drawMeta(meta, message, ours, status);
  arrange(bubble, [
    make("p", { class: "from", dir: "auto" }, ours ? SENDERS[message.sender] : customer, ...(draft ? [make("span", { class: "mark" }, "Draft, not sent")] : [])),
    kindOf(message, place),
    files,
    place,
    message.content ? make("p", { class: "words", dir: "auto" }, message.content) : null,
    bad ? make("p", { class: "why" }, [message.error || status, message.error_code && `(${message.error_code})`].filter(Boolean).join(" ")) : null,
    meta,
  ]);
  const timeline = node.querySelector(".timeline");
  if (timeline) load(timeline, message.message_id);
  return node;
}

async function toggle(node, meta, id) {
  const open = node.querySelector(".timeline");
  meta.setAttribute("aria-expanded", String(!open));
  if (open) {
    open.remove();
    return;
  }
  const panel = make("div", { class: "timeline" }, "Loading…");
  node.append(panel);
  panel.scrollIntoView({ block: "nearest" });
  await load(panel, id);
  panel.scrollIntoView({ block: "nearest" });
}

async function load(panel, id) {
  try {
    fill(panel, await call(`/api/v1/messages/${id}/timeline`));
  } catch (error) {
    panel.replaceChildren(make("p", { class: "why" }, `The timeline could not be loaded: ${error.message}.`));
  }
}

function fill(panel, timeline) {
  const stages = timeline.stages.toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at));
  const rows = stages.map(({ stage, at }, index) => make(
    "tr", {},
    make("th", { scope: "row" }, STAGES[stage] ?? stage),
    make("td", {}, make("time", { datetime: at, title: fullTime(at) }, preciseTime(at))),
    make("td", {}, index ? later(Date.parse(at) - Date.parse(stages[index - 1].at)) : ""),
  ));
  const facts = [
    ["Attempts", timeline.direction === "outbound" ? timeline.attempts : null],
    ["Carrier’s status", timeline.carrier_status], ["Carrier’s id", timeline.carrier_id], ["Trace", timeline.trace_id],
  ].filter(([, value]) => value !== null && value !== undefined && value !== "");
  panel.replaceChildren(
    make("table", { "aria-label": "Timeline" }, make("tbody", {}, ...rows)),
    make("dl", {}, ...facts.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, String(value))])),
  );
}

function later(milliseconds) {
  if (milliseconds < 1000) return `+${milliseconds} ms`;
  const seconds = milliseconds / 1000;
  return seconds < 120 ? `+${seconds.toFixed(1)} s` : `+${Math.round(seconds / 60)} min`;
}
