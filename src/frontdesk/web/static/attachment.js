// One file of a message: shown as what it is, with what is known of it below, or why it is not here.

import { arrange, icon, make } from "./dom.js";
import { contactCard, documentCard } from "./card.js";
import { photo, sticker, video } from "./picture.js";
import { Player } from "./player.js";

const NAMES = { image: "photo", audio: "sound", video: "video", document: "document", sticker: "sticker" };
const LOOKING = { image: "Being looked at…", audio: "Being listened to…", video: "Being listened to…", document: "Being read…" };
const SHORT = 280;
const LINES = 24;
const LETTERS = 1600;
const ARRIVING = "M8 2.5v7.5M4.8 7.2L8 10.4l3.2-3.2M3 13.5h10";
const WRONG = "M8 4.5v4.5M8 11.5v.01M8 2a6 6 0 1 0 .01 0";
const AWAY = "M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.6 8.5h5.8l.6-8.5";

const languages = new Intl.DisplayNames(["en"], { type: "language", fallback: "code" });
/** What each node shows, so that a player goes on when more becomes known of its file. */
const shown = new WeakMap();

/** Which page of ours an address is: the browser may know us by another name than carriers do. */
const local = (url) => {
  if (!url) return null;
  const { pathname, search } = new URL(url, location.href);
  return pathname + search;
};

/** `old` is the node drawn before, which stays. */
export function drawAttachment(attachment, old) {
  const item = {
    ...attachment, name: nameOf(attachment), url: local(attachment.url),
    thumbnail: local(attachment.thumbnail_url), wav: local(attachment.wav_url),
  };
  const node = old ?? make("div", { class: "file" });
  const before = shown.get(node);
  const here = Boolean(item.url) && (item.status === "ready" || item.status === "processing");
  node.dataset.status = item.status;
  node.dataset.kind = item.kind;
  const view = here ? viewOf(item, before) : { node: stateLine(item) };
  shown.set(node, view);
  arrange(node, [view.node, ...(here ? texts(item) : [item.error && quiet(item.error)])]);
  return node;
}

function nameOf({ kind, content_type: type }) {
  if (type === "text/vcard") return "contact";
  if (kind === "audio" && type.startsWith("audio/ogg")) return "voice note";
  return NAMES[kind] ?? "file";
}

function viewOf(item, before) {
  if (before?.show) {
    before.show(item);
    return before;
  }
  if (item.kind === "audio") return new Player(item);
  if (item.kind === "video") return video(item, stateLine);
  if (item.kind === "image") return { node: photo(item, stateLine) };
  if (item.kind === "sticker") return { node: sticker(item, stateLine) };
  return { node: item.name === "contact" ? contactCard(item) : documentCard(item) };
}

/** Why it is not shown. With `text` the reason is the browser's. */
function stateLine(item, text = null) {
  const { name } = item;
  const [path, words] = {
    pending: [ARRIVING, `${name[0].toUpperCase()}${name.slice(1)} · arriving…`],
    failed: [WRONG, `This ${name} could not be fetched`],
    deleted: [AWAY, `This ${name} was deleted`],
  }[item.status] ?? [WRONG, `This ${name} cannot be shown`];
  return make("p", { class: "state" }, icon(path), make("span", {}, text ?? words));
}

function texts(item) {
  if (item.status === "processing") return [make("p", { class: "quiet" }, LOOKING[item.kind] ?? "Being looked at…")];
  const ofPicture = item.kind === "image" || item.kind === "sticker";
  return [
    item.transcript ? said(transcriptLabel(item.language), item.transcript, item.language) : null,
    item.transcript === "" ? make("p", { class: "quiet" }, "No speech was heard in it") : null,
    item.description ? said("Description", item.description) : null,
    item.text && ofPicture ? said("Text in the picture", item.text) : null,
    item.text && item.kind === "document" && item.name !== "contact" ? firstLines(item.text) : null,
    item.error ? quiet(item.error) : null,
  ];
}

function transcriptLabel(language) {
  try {
    return language ? `Transcript · ${languages.of(language)}` : "Transcript";
  } catch {
    return `Transcript · ${language}`; // Not a tag of a language, but what the recogniser said.
  }
}

/** Short ones are read at once; of a long one the beginning, the rest when asked for. */
function said(label, text, language = null) {
  const of = { dir: "auto", lang: /^[a-z]{2,3}(-[A-Za-z0-9]+)*$/u.test(language ?? "") ? language : null };
  const head = make("span", { class: "label" }, label);
  if (text.length <= SHORT) return make("div", { class: "said" }, head, make("p", { class: "text", ...of }, text));
  const start = `${text.slice(0, 140).replace(/\s\S*$/u, "")}…`;
  return make(
    "details", { class: "said" },
    make("summary", {}, head, make("span", { class: "start", ...of }, start)),
    make("p", { class: "text", ...of }, text),
  );
}

function firstLines(text) {
  const lines = text.split("\n").slice(0, LINES).join("\n").slice(0, LETTERS);
  const more = lines.length < text.length;
  return make(
    "details", { class: "said" },
    make("summary", {}, make("span", { class: "label" }, more ? "First lines" : "Text")),
    make("p", { class: "text", dir: "auto" }, more ? `${lines.trimEnd()}…` : lines),
    more ? make("p", { class: "quiet" }, "The rest is in the file") : null,
  );
}

/** What went wrong, in a line; how to mend it when asked for. */
function quiet(error) {
  const [, first, rest] = /^(.{1,160}?[.!?])\s+(.+)$/su.exec(error) ?? [];
  if (!rest) return make("p", { class: "quiet", dir: "auto" }, error);
  return make("details", { class: "quiet" }, make("summary", {}, first), make("p", {}, rest));
}
