// Small pieces that everything on the page is made of.

const SVG = "http://www.w3.org/2000/svg";
const PATHS = {
  waiting: ["M8 2.5a5.5 5.5 0 1 1 0 11a5.5 5.5 0 0 1 0-11M8 5v3.2l2 1.3"],
  one: ["M3 8.5 6 11.5 12 4.5"],
  two: ["M1 8.5 4 11.5 10 4.5", "M7.5 11 8 11.5 14.5 4.5"],
  failed: ["M8 3v6M8 12v.5"],
  play: ["M5.5 3.2v9.6l7.6-4.8z"],
  pause: ["M5.5 3.5v9M10.5 3.5v9"],
  document: ["M4.5 1.8h4.8l3.2 3.2v9.2h-8zM9.2 2v3.2h3.2M6.5 8h4M6.5 10.8h4"],
  download: ["M8 2.5v7.2M4.8 6.8 8 10l3.2-3.2M3.2 13.2h9.6"],
  person: ["M8 8.2a2.9 2.9 0 1 0 0-5.8a2.9 2.9 0 0 0 0 5.8M2.8 13.8a5.2 5.2 0 0 1 10.4 0"],
  pin: ["M8 14.2c3.2-3.3 4.8-5.9 4.8-7.8a4.8 4.8 0 0 0-9.6 0c0 1.9 1.6 4.5 4.8 7.8M8 8a1.7 1.7 0 1 0 0-3.4a1.7 1.7 0 0 0 0 3.4"],
  close: ["M4 4l8 8M12 4l-8 8"],
  again: ["M12.8 8a4.8 4.8 0 1 1-1.5-3.5M12.9 2v3h-3"],
  audio: ["M6 12V3.8l6.5-1.3v8.2M6 12a1.9 1.9 0 1 1-3.8 0a1.9 1.9 0 0 1 3.8 0M12.5 10.7a1.9 1.9 0 1 1-3.8 0a1.9 1.9 0 0 1 3.8 0"],
  video: ["M2 4h8.5v8H2zM10.5 7 14 4.8v6.4L10.5 9"],
};

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  for (const d of PATHS[name]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}

export function element(tag, className, ...children) {
  const node = document.createElement(tag);
  node.className = className;
  node.append(...children);
  return node;
}

/** A button with a picture in place of words. */
export function iconButton(className, name, label, act) {
  const button = element("button", className, icon(name));
  button.type = "button";
  button.setAttribute("aria-label", label);
  button.title = label;
  button.addEventListener("click", act);
  return button;
}

export function bytes(size) {
  if (size < 1000) return `${size} B`;
  if (size < 999_500) return `${Math.max(1, Math.round(size / 1000))} kB`;
  return `${(size / 1e6).toFixed(1)} MB`;
}

export function clock(seconds) {
  const whole = Number.isFinite(seconds) ? Math.floor(seconds) : 0;
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
