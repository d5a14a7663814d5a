// Making and reusing nodes. Texts go in as text, never as markup.

/** `make("p", {class: "last"}, "text", node)`; an attribute that is null or false is left out. */
export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

/** A line drawing in a square of 16, for eyes only. */
export function icon(path, name = "icon") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", name);
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

/** Makes the children those given, in order. One that is there already is not moved: a film that
    is moved stops. */
export function arrange(parent, children) {
  const wanted = children.filter(Boolean);
  const kept = new Set(wanted);
  for (const child of [...parent.childNodes]) if (!kept.has(child)) child.remove();
  let place = parent.firstChild;
  for (const child of wanted) {
    if (child === place) place = place.nextSibling;
    else parent.insertBefore(child, place);
  }
}

/** What each node of a list was drawn from. */
const prints = new WeakMap();

/** Makes the children those of `items`, in order; a node whose item is the same stays as it is. */
export function keyed(parent, items, key, draw) {
  const known = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  const focused = parent.contains(document.activeElement) ? document.activeElement : null;
  const focusedKey = focused?.closest("[data-key]")?.dataset.key;
  let place = parent.firstElementChild;
  for (const item of items) {
    const id = String(key(item));
    const print = JSON.stringify(item);
    let node = known.get(id);
    known.delete(id);
    if (!node || prints.get(node) !== print) {
      const fresh = draw(item, node);
      fresh.dataset.key = id;
      prints.set(fresh, print);
      if (node && node !== fresh) {
        if (place === node) place = fresh;
        node.replaceWith(fresh);
      }
      node = fresh;
    }
    if (node === place) place = place.nextElementSibling;
    else parent.insertBefore(node, place);
  }
  for (const node of known.values()) node.remove();
  // A node that moves or is drawn anew loses the focus, which a reader with a keyboard needs.
  if (focused && document.activeElement !== focused) {
    const again = [...parent.children].find((node) => node.dataset.key === focusedKey);
    (focused.isConnected ? focused : again?.querySelector("a, button"))?.focus({ preventScroll: true });
  }
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const precise = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "short" });
const date = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });
const DAY = 86_400_000;

export const time = (iso) => clock.format(new Date(iso));
export const preciseTime = (iso) => precise.format(new Date(iso));
export const fullTime = (iso) => whole.format(new Date(iso));

function daysAgo(iso) {
  const midnight = new Date();
  midnight.setHours(24, 0, 0, 0);
  return Math.floor((midnight - new Date(iso)) / DAY);
}

export function day(iso) {
  const ago = daysAgo(iso);
  if (ago <= 0) return "Today";
  return ago === 1 ? "Yesterday" : date.format(new Date(iso));
}

/** The time today, the weekday within a week, else the date. */
export function short(iso) {
  const ago = daysAgo(iso);
  if (ago <= 0) return time(iso);
  return ago < 7 ? weekday.format(new Date(iso)) : date.format(new Date(iso));
}

/** `1:05`, or `1:00:05`. */
export function clockTime(seconds) {
  const all = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** As people count files: 840 bytes, 12 KB, 3.4 MB. */
export function bytes(size) {
  if (size < 1000) return `${size} ${size === 1 ? "byte" : "bytes"}`;
  const kilo = size / 1024;
  if (kilo < 1000) return `${kilo < 10 ? kilo.toFixed(1) : Math.round(kilo)} KB`;
  const mega = kilo / 1024;
  return `${mega < 10 ? mega.toFixed(1) : Math.round(mega)} MB`;
}
