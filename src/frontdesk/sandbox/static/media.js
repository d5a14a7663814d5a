// What is in a message besides its words: photos, sounds, films, files, people and places.

import { bytes, clock, element, icon, iconButton } from "./dom.js";

const NAMES = {
  "application/pdf": "PDF",
  "application/msword": "Word",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel",
  "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PowerPoint",
  "text/plain": "Text",
  "text/csv": "CSV",
};

export function attachment(item, message) {
  if (!item.url) return waiting(message);
  switch (item.kind) {
    case "image": return photo(item);
    case "sticker": return sticker(item);
    case "voice": return player(item, "voice note");
    case "audio": return player(item, "audio");
    case "video": return video(item);
    case "contact": return contact(item);
    default: return file(item);
  }
}

/** What the business sends is on its way until the carrier has fetched it. */
function waiting(message) {
  const failed = message.status === "failed" || message.status === "undelivered";
  const here = message.direction === "in";
  return element("p", "file-note", here ? "Attachment elsewhere" : failed ? "File not fetched" : "Fetching the file…");
}

function picture(item, className, alt) {
  const img = element("img", className);
  img.alt = alt;
  img.decoding = "async";
  img.src = item.url;
  return img;
}

function photo(item) {
  const button = element("button", "photo", picture(item, "", "Photo"));
  button.type = "button";
  button.setAttribute("aria-label", "Open the photo");
  button.addEventListener("click", () => enlarge(item));
  return button;
}

function sticker(item) {
  return picture(item, "sticker", "Sticker");
}

function enlarge(item) {
  const dialog = element("dialog", "light");
  dialog.setAttribute("aria-label", "Photo");
  const close = iconButton("light-close", "close", "Close the photo", () => dialog.close());
  dialog.append(picture(item, "", "Photo, large"), close);
  dialog.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function video(item) {
  const film = element("video", "film");
  film.controls = true;
  film.playsInline = true;
  film.preload = "metadata";
  film.src = item.url;
  film.setAttribute("aria-label", "Video");
  return film;
}

function player(item, what) {
  const audio = new Audio(item.url);
  audio.preload = "metadata";
  const time = element("span", "player-time", "0:00");
  const place = element("input", "player-place");
  place.type = "range";
  place.min = 0;
  place.max = 1000;
  place.value = 0;
  place.setAttribute("aria-label", `Position in the ${what}`);
  const play = iconButton("player-play", "play", `Play the ${what}`, () => (audio.paused ? audio.play() : audio.pause()));
  const show = () => {
    const label = `${audio.paused ? "Play" : "Pause"} the ${what}`;
    play.replaceChildren(icon(audio.paused ? "play" : "pause"));
    play.setAttribute("aria-label", label);
    play.title = label;
  };
  const tick = () => {
    const whole = Number.isFinite(audio.duration) ? audio.duration : 0;
    place.value = whole ? (audio.currentTime / whole) * 1000 : 0;
    time.textContent = clock(audio.currentTime || Math.round(whole * 10) / 10);
  };
  for (const name of ["play", "pause", "ended"]) audio.addEventListener(name, show);
  for (const name of ["loadedmetadata", "durationchange", "timeupdate", "ended"]) audio.addEventListener(name, tick);
  audio.addEventListener("error", () => (time.textContent = "Cannot be played"));
  place.addEventListener("input", () => {
    if (Number.isFinite(audio.duration)) audio.currentTime = (place.value / 1000) * audio.duration;
  });
  return element("div", "player", play, place, time);
}

function file(item) {
  const kind = NAMES[item.content_type] ?? item.content_type.split("/").pop().slice(0, 12).toUpperCase();
  const name = item.filename || `${kind} document`;
  const link = element(
    "a", "card",
    element("span", "card-icon", icon("document")),
    element("span", "card-text", element("b", "", name), element("small", "", `${kind} · ${bytes(item.size)}`)),
    element("span", "card-act", icon("download")),
  );
  link.href = item.url;
  link.download = item.filename || "document";
  link.setAttribute("aria-label", `Download ${name}, ${kind}, ${bytes(item.size)}`);
  return link;
}

function contact(item) {
  const name = element("b", "", "Contact");
  const numbers = element("small", "", bytes(item.size));
  const link = element(
    "a", "card",
    element("span", "card-icon", icon("person")),
    element("span", "card-text", name, numbers),
    element("span", "card-act", icon("download")),
  );
  link.href = item.url;
  link.download = item.filename || "contact.vcf";
  link.setAttribute("aria-label", "Download the contact");
  fetch(item.url).then((answer) => answer.text()).then((text) => {
    const values = (field) => [...text.matchAll(new RegExp(`^(?:item\\d+\\.)?${field}(?:;[^:\\r\\n]*)?:(.+)$`, "gimu"))].map((found) => found[1].trim());
    const found = values("FN");
    if (found.length) name.textContent = found.slice(0, 3).join(", ");
    const tel = values("TEL").map((value) => value.replace(/^tel:/iu, ""));
    if (tel.length) numbers.textContent = tel.slice(0, 3).join(", ");
    link.setAttribute("aria-label", `Download the contact ${name.textContent}`);
  }).catch(() => {});
  return link;
}

export function place({ latitude, longitude, label, address }) {
  const round = (text) => Number(text).toFixed(5).replace(/\.?0+$/u, "");
  const where = `${round(latitude)}, ${round(longitude)}`;
  const text = element("span", "card-text", element("b", "", label || "Location"));
  if (address) text.append(element("small", "", address));
  text.append(element("small", "", where));
  const link = element("a", "card place", element("span", "card-icon", icon("pin")), text);
  link.href = `geo:${round(latitude)},${round(longitude)}`;
  link.setAttribute("aria-label", `Open the location ${label || where} in a map`);
  return link;
}
