// Photos, stickers and films. Their size is known before they load, so that nothing jumps.

import { bytes, clockTime, icon, make } from "./dom.js";

const WIDEST = 360;
const HIGHEST = 300;
const NARROWEST = 72;
const STICKER = 128;
const UNKNOWN = [280, 210];
const CLOSE = "M4 4l8 8M12 4l-8 8";
const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** Width and height on the screen: never larger than the picture, never too thin to be hit. */
function fitted({ width, height }) {
  if (!width || !height) return UNKNOWN;
  const scale = Math.min(1, WIDEST / width, HIGHEST / height);
  return [Math.max(NARROWEST, Math.round(width * scale)), Math.max(NARROWEST, Math.round(height * scale))];
}

export function photo(item, instead) {
  const [width, height] = fitted(item);
  const alt = item.description || item.text || "";
  const image = make("img", { src: item.thumbnail ?? item.url, alt: "", width, height, loading: "lazy", decoding: "async" });
  image.style.aspectRatio = `${width} / ${height}`; // The thumbnail's own is a fraction of a pixel off.
  const moving = item.content_type === "image/gif";
  const label = `Open the ${moving ? "GIF" : "photo"}${alt ? `: ${alt.slice(0, 200)}` : ""}`;
  const button = make("button", { class: "photo", type: "button", "aria-label": label }, image, moving ? make("span", { class: "badge" }, "GIF") : null);
  image.addEventListener("error", () => button.replaceWith(instead(item, `This ${item.name} could not be loaded`)));
  button.addEventListener("click", () => enlarge(item, alt || "Photo"));
  return button;
}

export function sticker(item, instead) {
  const scale = Math.min(1, STICKER / Math.max(item.width || STICKER, item.height || STICKER));
  const image = make("img", {
    class: "sticker", src: (calm.matches && item.thumbnail) || item.url, alt: item.description || "Sticker", loading: "lazy",
    width: Math.round((item.width || STICKER) * scale), height: Math.round((item.height || STICKER) * scale),
  });
  image.addEventListener("error", () => image.replaceWith(instead(item, "This sticker could not be loaded")));
  return image;
}

/** The whole picture over the page; Escape and a click beside it close it. */
function enlarge(item, alt) {
  const close = make("button", { type: "button", "aria-label": "Close" }, icon(CLOSE));
  const dialog = make(
    "dialog", { class: "large", "aria-label": "Photo" },
    make("div", { class: "tools" }, make("a", { href: item.url, target: "_blank", rel: "noopener" }, "Open in a new tab"), close),
    make("img", { src: item.url, alt: alt.slice(0, 500), width: item.width, height: item.height }),
  );
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  close.focus();
}

/** A film that goes on playing when more becomes known of it. */
export function video(item, instead) {
  const film = make("video", { controls: true, playsinline: true, src: item.url });
  const line = make("p", { class: "line" });
  const node = make("div", { class: "film" }, film, line);
  film.addEventListener("error", () => film.replaceWith(instead(item, "This browser cannot play the video")));
  const show = (now) => {
    const [width, height] = fitted(now);
    film.width = width;
    film.height = height;
    film.preload = now.thumbnail || now.status === "processing" ? "none" : "metadata";
    if (now.thumbnail) film.poster = now.thumbnail;
    const long = now.duration ? clockTime(now.duration) : null;
    film.setAttribute("aria-label", ["Video", long].filter(Boolean).join(", "));
    const facts = [long, now.size === null ? null : bytes(now.size)].filter(Boolean).join(" · ");
    line.replaceChildren(facts && `${facts} · `, make("a", { href: now.url, download: now.filename, "aria-label": "Download the video" }, "Download"));
  };
  show(item);
  return { node, show };
}
