// What is shown as a card: documents, people's addresses, places.

import { bytes, icon, make } from "./dom.js";
import { DOWNLOAD } from "./player.js";

const PAGE = "M4 1.8h5.2L12.4 5v9.2H4zM9 2v3.2h3.2";
const LINES = `${PAGE}M6 8h4.4M6 10.6h4.4`;
const GRID = `${PAGE}M6 8h4.4v4H6zM8.2 8v4M6 10h4.4`;
const SLIDE = "M2 3h12v8H2zM8 11v3M5.5 14h5";
const PERSON = "M8 8a2.7 2.7 0 1 0-.01 0M2.8 14c.6-2.6 2.6-4 5.2-4s4.6 1.4 5.2 4";
const PIN = "M8 14.5c3-3.4 4.5-6 4.5-8a4.5 4.5 0 0 0-9 0c0 2 1.5 4.6 4.5 8zM8 8.2a1.7 1.7 0 1 0-.01 0";
const OPEN = "M6.5 3.5h-3v9h9v-3M9 3h4v4M13 3L7.5 8.5";
const OFFICE = "application/vnd.openxmlformats-officedocument.";
const KINDS = {
  "application/pdf": ["PDF", LINES], "text/plain": ["Text", LINES], "application/rtf": ["RTF", LINES], "text/rtf": ["RTF", LINES],
  "text/csv": ["CSV", GRID], "application/msword": ["Word", LINES], [`${OFFICE}wordprocessingml.document`]: ["Word", LINES],
  "application/vnd.ms-excel": ["Excel", GRID], [`${OFFICE}spreadsheetml.sheet`]: ["Excel", GRID],
  "application/vnd.ms-powerpoint": ["PowerPoint", SLIDE], [`${OFFICE}presentationml.presentation`]: ["PowerPoint", SLIDE],
};

function card(tag, attributes, face, title, facts, end = null) {
  return make(
    tag, { class: "card", ...attributes },
    make("span", { class: "face" }, face),
    make("span", { class: "card-text" }, make("b", { dir: "auto" }, title), ...facts.map((fact) => make("small", { dir: "auto" }, fact))),
    end,
  );
}

function documentFacts(item) {
  const kind = KINDS[item.content_type]?.[0] ?? "File";
  const pages = item.pages && `${item.pages} ${item.pages === 1 ? "page" : "pages"}`;
  return [kind, item.size === null ? null : bytes(item.size), pages].filter(Boolean).join(" · ");
}

/** A PDF opens in the browser; any other document is saved. */
export function documentCard(item) {
  const facts = documentFacts(item);
  const opens = item.content_type === "application/pdf";
  const face = item.thumbnail
    ? make("img", { src: item.thumbnail, alt: "", width: 48, height: 60, loading: "lazy" })
    : icon(KINDS[item.content_type]?.[1] ?? PAGE);
  const save = { href: item.url, download: item.filename };
  const main = card(
    "a",
    { ...(opens ? { href: item.url, target: "_blank", rel: "noopener" } : save), "aria-label": `${opens ? "Open" : "Download"} ${item.filename}, ${facts}` },
    face, item.filename, [facts], icon(opens ? OPEN : DOWNLOAD, "icon end"),
  );
  if (!opens) return main;
  return make("div", { class: "cards" }, main, make("a", { class: "save", ...save, "aria-label": `Download ${item.filename}`, title: "Download" }, icon(DOWNLOAD)));
}

/** The name and the first lines of a vCard; the whole is saved. */
export function contactCard(item) {
  const lines = (item.text ?? "").split("\n").map((line) => line.trim()).filter(Boolean);
  const [name = item.filename, ...facts] = lines;
  const save = { href: item.url, download: item.filename, "aria-label": `Download the contact ${name}` };
  return card("a", save, icon(PERSON), name, facts.slice(0, 4), icon(DOWNLOAD, "icon end"));
}

/** Null when a carrier told of no place on earth. */
export function placeCard({ latitude, longitude, label, address }) {
  const known = [[latitude, 90], [longitude, 180]].every(([value, most]) => Number.isFinite(value) && Math.abs(value) <= most);
  if (!known) return null;
  const where = `${Number(latitude.toFixed(6))}, ${Number(longitude.toFixed(6))}`;
  const title = label || "Location";
  const link = { href: `geo:${where.replace(" ", "")}`, "aria-label": `Open in a map: ${[label, address, where].filter(Boolean).join(", ")}` };
  return card("a", link, icon(PIN), title, [address, where].filter(Boolean), icon(OPEN, "icon end"));
}
