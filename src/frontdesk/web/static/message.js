// One message of a thread: its words, how far it got, and its timeline when asked for.

import { call } from "./http.js";
import { fullTime, make, preciseTime, time } from "./dom.js";

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

function ticks(status) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", status === "played" ? "read" : status);
  path.setAttribute("d", PATHS[status]);
  svg.append(path);
  return svg;
}

/** What is not text, in a word: its files come with a later version. */
function kindOf(message) {
  if (message.kind === "text" || message.kind === "unknown") return null;
  const { location, media } = message.structured ?? {};
  const parts = [message.kind];
  if (location) parts.push([location.label, location.address, `${location.latitude}, ${location.longitude}`].filter(Boolean).join(" · "));
  if (media?.length) parts.push(media.map((file) => file.content_type).filter(Boolean).join(", "));
  return make("p", { class: "kind" }, parts.filter(Boolean).join(": "));
}

/** `customer` is who wrote what came in; `old` is the node drawn before, whose timeline stays open. */
export function drawMessage(message, customer, old) {
  const ours = message.sender !== "user";
  const bad = message.status === "failed" || Boolean(message.error);
  const status = STATUSES[message.status] ?? message.status;
  const meta = make(
    "button",
    { class: "meta", type: "button", "aria-expanded": "false", title: `${ours ? `${status}. ` : ""}${fullTime(message.created_at)}. Show the timeline` },
    make("time", { datetime: message.created_at }, time(message.created_at)),
  );
  if (ours) meta.append(make("span", { class: "hidden" }, status), ...(PATHS[message.status] ? [ticks(message.status)] : []));
  meta.append(make("span", { class: "hidden" }, ". Timeline"));
  const bubble = make(
    "div",
    { class: "bubble" },
    make("p", { class: "from", dir: "auto" }, ours ? SENDERS[message.sender] : customer),
    kindOf(message),
    message.content ? make("p", { class: "words", dir: "auto" }, message.content) : null,
    bad ? make("p", { class: "why" }, [message.error || status, message.error_code && `(${message.error_code})`].filter(Boolean).join(" ")) : null,
    meta,
  );
  const node = make("li", { class: `message${ours ? " ours" : ""}${bad ? " bad" : ""}` }, bubble);
  bubble.addEventListener("click", (event) => {
    const marked = getSelection();
    // A mouse that marks text to copy it also clicks; a keyboard's click has no detail.
    if (event.detail && !marked.isCollapsed && bubble.contains(marked.anchorNode)) return;
    toggle(node, meta, message.message_id);
  });
  if (old?.querySelector(".timeline")) toggle(node, meta, message.message_id, old.querySelector(".timeline"));
  return node;
}

async function toggle(node, meta, id, kept = null) {
  const open = node.querySelector(".timeline");
  meta.setAttribute("aria-expanded", String(!open));
  if (open) {
    open.remove();
    return;
  }
  const panel = kept ?? make("div", { class: "timeline" }, "Loading…");
  node.append(panel);
  if (!kept) panel.scrollIntoView({ block: "nearest" });
  try {
    fill(panel, await call(`/api/v1/messages/${id}/timeline`));
  } catch (error) {
    panel.replaceChildren(make("p", { class: "why" }, `The timeline could not be loaded: ${error.message}.`));
  }
  if (!kept) panel.scrollIntoView({ block: "nearest" });
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
