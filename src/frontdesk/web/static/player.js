// A voice note or another sound: played here, with its loudness drawn as bars that lead to a place in it.

import { bytes, clockTime, icon, make } from "./dom.js";

const PLAY = "M5 3.2v9.6l8-4.8z";
const PAUSE = "M5.5 3.5v9M10.5 3.5v9";
export const DOWNLOAD = "M8 2.5v7.5M4.8 7.2L8 10.4l3.2-3.2M3 13.5h10";
const BARS = 48;
const STEP = 4;
const TALL = 28;
const SVG = "http://www.w3.org/2000/svg";

/** Two do not play at once. */
let playing = null;

/** The bars' outline. What has no waveform yet is a row of dots. */
function outline(peaks) {
  const each = (peaks?.length ?? BARS) / BARS;
  let path = "";
  for (let bar = 0; bar < BARS; bar += 1) {
    const from = Math.floor(bar * each);
    const loud = peaks?.length ? Math.max(...peaks.slice(from, Math.max(from + 1, Math.floor((bar + 1) * each)))) : 0;
    const half = Math.max(0.5, (loud / 100) * (TALL / 2 - 2));
    path += `M${bar * STEP + STEP / 2} ${TALL / 2 - half}v${half * 2}`;
  }
  return path;
}

function bars(peaks, name) {
  const svg = document.createElementNS(SVG, "svg");
  const line = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", `0 0 ${BARS * STEP} ${TALL}`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", name);
  line.setAttribute("d", outline(peaks));
  svg.append(line);
  return svg;
}

export class Player {
  constructor(item) {
    this.audio = make("audio", { preload: "none" });
    this.button = make("button", { class: "play", type: "button" });
    this.place = make("input", { type: "range", min: 0, value: 0, "aria-label": `Place in the ${item.name}` });
    this.wave = make("div", { class: "wave" });
    this.time = make("span", { class: "long" });
    this.line = make("p", { class: "line" });
    const save = make("a", { class: "save", href: item.url, download: item.filename, "aria-label": `Download the ${item.name}`, title: "Download" }, icon(DOWNLOAD));
    this.node = make("div", { class: "sound", role: "group" }, make("div", { class: "player" }, this.button, this.wave, this.time, save), this.line, this.audio);
    this.listen();
    this.show(item);
  }

  listen() {
    const { audio } = this;
    this.button.addEventListener("click", () => (audio.paused ? this.play() : audio.pause()));
    this.place.addEventListener("input", () => {
      audio.currentTime = Number(this.place.value);
      this.tick();
    });
    for (const event of ["play", "pause", "ended"]) audio.addEventListener(event, () => this.drawButton());
    for (const event of ["timeupdate", "durationchange", "ended", "seeked"]) audio.addEventListener(event, () => this.tick());
  }

  async play() {
    if (playing !== this.audio) playing?.pause();
    playing = this.audio;
    try {
      await this.audio.play();
      this.time.classList.remove("wrong");
    } catch (error) {
      if (error.name === "AbortError") return; // Paused before it began.
      this.time.textContent = "Cannot be played here";
      this.time.classList.add("wrong");
    }
  }

  /** Shows what is known now; what plays goes on. */
  show(item) {
    this.item = item;
    this.node.setAttribute("aria-label", this.name());
    const sources = [[item.url, item.content_type], [item.wav, "audio/wav"]].filter(([url]) => url);
    const idle = this.audio.paused && !this.audio.currentTime;
    if (idle && this.audio.children.length !== sources.length) {
      this.audio.replaceChildren(...sources.map(([src, type]) => make("source", { src, type })));
      this.audio.load();
    }
    this.played = bars(item.peaks, "played");
    this.wave.replaceChildren(bars(item.peaks, "bars"), this.played, this.place);
    this.line.hidden = item.name === "voice note";
    this.line.textContent = [item.filename, item.size === null ? null : bytes(item.size)].filter(Boolean).join(" · ");
    this.drawButton();
    this.tick();
  }

  name() {
    const long = this.item.duration ? `, ${clockTime(this.item.duration)}` : "";
    return `${this.item.name[0].toUpperCase()}${this.item.name.slice(1)}${long}`;
  }

  drawButton() {
    const { paused } = this.audio;
    this.button.setAttribute("aria-label", `${paused ? "Play" : "Pause"} the ${this.item.name}`);
    this.button.replaceChildren(icon(paused ? PLAY : PAUSE, paused ? "icon solid" : "icon"));
  }

  tick() {
    const { audio, place } = this;
    const whole = Number.isFinite(audio.duration) && audio.duration > 0 ? audio.duration : this.item.duration ?? 0;
    const at = Math.min(audio.currentTime, whole);
    place.disabled = !whole;
    place.max = whole;
    place.step = whole / 50 || 1;
    place.value = at;
    place.setAttribute("aria-valuetext", `${clockTime(at)} of ${clockTime(whole)}`);
    this.played.style.clipPath = `inset(0 ${100 - (whole ? (at / whole) * 100 : 0)}% 0 0)`;
    if (!this.time.classList.contains("wrong")) this.time.textContent = whole ? clockTime(at || whole) : "–:––";
  }
}
