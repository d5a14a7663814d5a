// One message on the screen: its text, time, ticks and, if it failed, the reason.

import { element, icon } from "./dom.js";
import { render } from "./format.js";
import { attachment, place } from "./media.js";
import { ending, heading, replies } from "./template.js";

const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });

/** {icon, label, tone} for the ticks. A customer's message is read once it was answered. */
function state(message, answered) {
  if (message.direction === "in") {
    if (message.webhook === "refused" || message.webhook === "unreachable") {
      return { icon: "failed", label: "Not taken in", tone: "bad" };
    }
    if (answered) return { icon: "two", label: "Answered", tone: "read" };
    if (message.webhook === "accepted") return { icon: "two", label: "Delivered", tone: "" };
    if (message.webhook === "skipped") return { icon: "one", label: "Sent, webhook held back", tone: "" };
    return { icon: "waiting", label: "Sending", tone: "" };
  }
  switch (message.status) {
    case "read": return { icon: "two", label: "Read", tone: "read" };
    case "delivered": return { icon: "two", label: "Delivered", tone: "" };
    case "failed":
    case "undelivered": return { icon: "failed", label: "Not delivered", tone: "bad" };
    case "sent": return { icon: "one", label: "Sent", tone: "" };
    default: return { icon: "one", label: "Queued", tone: "faint" };
  }
}

function reason(message) {
  if (message.direction === "in") {
    if (message.webhook === "unreachable") return `Frontdesk could not be reached. ${message.webhook_error ?? ""}`;
    if (message.webhook === "refused") return `Frontdesk refused this message. ${message.webhook_error ?? ""}`;
    return "";
  }
  if (message.status !== "failed" && message.status !== "undelivered") return "";
  return `Error ${message.error_code}: ${message.error_message ?? "not delivered"}`;
}

/** `press(button)` answers with one of the message's reply buttons; `quoted` is what it answers. */
export function bubble(message, answered, press, quoted) {
  const { icon: name, label, tone } = state(message, answered);
  const mine = message.direction === "in";
  const at = new Date(message.at);
  const time = element("time", "", TIME.format(at));
  time.dateTime = message.at;
  time.title = at.toLocaleString();
  const ticks = element("span", `ticks ${tone}`, icon(name), element("span", "hidden", label));
  ticks.title = label;
  const text = element("div", "words");
  if (message.body) text.append(render(message.body, message.channel));
  const card = element("div", "bubble", element("span", "hidden", mine ? "You: " : "Business: "));
  if (quoted) card.append(element("p", "quoted", quoted.body || quoted.media[0]?.kind || "…"));
  for (const item of message.media) card.append(attachment(item, message));
  if (message.location) card.append(place(message.location));
  if (message.media.length || message.location) card.classList.add("holds");
  if (message.media.some((item) => item.kind === "sticker" && item.url)) card.classList.add("bare");
  if (message.template?.header) card.append(heading(message.template));
  card.append(text);
  if (message.template?.footer) card.append(ending(message.template));
  // Beside the last words where there is room, else below them.
  const last = text.lastElementChild;
  const home = message.template?.footer ? card : last?.tagName === "P" ? last : message.channel === "sms" && message.body ? text : card;
  home.append(element("span", "meta", time, ticks));
  const why = reason(message);
  const row = element("div", `row ${mine ? "mine" : "theirs"}${why ? " bad" : ""}`, card);
  if (message.template?.buttons.length) row.append(replies(message.template, press));
  if (why) row.append(element("p", "why", why.trim()));
  row.dataset.sid = message.sid;
  return row;
}

export function dayDivider(day) {
  const today = new Date();
  const yesterday = new Date(today);
  yesterday.setDate(today.getDate() - 1);
  const named = new Map([[yesterday.toDateString(), "Yesterday"], [today.toDateString(), "Today"]]);
  return element("p", "day", named.get(day.toDateString()) ?? DAY.format(day));
}

export function typing() {
  const dots = element("span", "dots", element("i", ""), element("i", ""), element("i", ""));
  return element("div", "row theirs typing", element("div", "bubble", dots, element("span", "hidden", "Waiting for an answer")));
}

export function emptyState(channel, say) {
  const button = element("button", "hello", "Write “Hello”");
  button.type = "button";
  button.addEventListener("click", () => say("Hello"));
  const how = channel === "sms" ? "by SMS" : "on WhatsApp";
  return element(
    "div", "empty",
    element("h2", "", "Say hello to your front desk"),
    element("p", "", `You are the customer here. What you write reaches Frontdesk ${how} exactly as from a real carrier, and the answer comes back the same way.`),
    button,
    element("p", "aside", "/help shows what a customer can ask for."),
  );
}
