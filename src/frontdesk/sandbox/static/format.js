// WhatsApp's text formatting as DOM nodes. Content only ever becomes text nodes.

const INLINE = [
  { open: "`", tag: "code", raw: true },
  { open: "*", tag: "strong" },
  { open: "_", tag: "em" },
  { open: "~", tag: "s" },
];
const URL_PATTERN = /https?:\/\/[^\s<>"']+/gu;
const WORD = /[\p{L}\p{N}]/u;

/** A fragment for a whole message. SMS has no formatting, only links. */
export function render(text, channel) {
  const fragment = document.createDocumentFragment();
  if (channel === "sms") {
    appendLines(fragment, text, linked);
    return fragment;
  }
  text.split(/```([\s\S]+?)```/u).forEach((part, index) => {
    if (index % 2) {
      const block = document.createElement("pre");
      block.textContent = part.replace(/^\n|\n$/gu, "");
      fragment.append(block);
    } else if (part) {
      blocks(fragment, part);
    }
  });
  return fragment;
}

function blocks(parent, text) {
  let list = null;
  let run = [];
  const flush = () => {
    const joined = run.join("\n").replace(/^\n+|\n+$/gu, "");
    if (joined) {
      const paragraph = document.createElement("p");
      appendLines(paragraph, joined, inline);
      parent.append(paragraph);
    }
    run = [];
  };
  for (const line of text.split("\n")) {
    const item = /^\s*(?:([•\-*])|(\d{1,3})\.)\s+(.*)$/u.exec(line);
    const quote = /^>\s?(.*)$/u.exec(line);
    if (!item && !quote) {
      list = null;
      run.push(line);
      continue;
    }
    flush();
    if (quote) {
      list = null;
      const block = document.createElement("blockquote");
      inline(block, quote[1]);
      parent.append(block);
      continue;
    }
    const tag = item[2] ? "OL" : "UL";
    if (!list || list.tagName !== tag) {
      list = document.createElement(tag);
      if (item[2]) list.start = Number(item[2]);
      parent.append(list);
    }
    const entry = document.createElement("li");
    inline(entry, item[3]);
    list.append(entry);
  }
  flush();
}

function appendLines(parent, text, append) {
  text.split("\n").forEach((line, index) => {
    if (index) parent.append(document.createElement("br"));
    append(parent, line);
  });
}

function inline(parent, text) {
  for (let at = 0; at < text.length; at += 1) {
    const url = /^https?:\/\/[^\s<>"']+/u.exec(text.slice(at));
    if (url) {
      inline(parent, text.slice(0, at));
      linked(parent, url[0]);
      inline(parent, text.slice(at + url[0].length));
      return;
    }
    const mark = INLINE.find((rule) => rule.open === text[at]);
    const end = mark ? closing(text, at, mark) : -1;
    if (end < 0) continue;
    linked(parent, text.slice(0, at));
    const node = document.createElement(mark.tag);
    const inner = text.slice(at + 1, end);
    if (mark.raw) node.textContent = inner;
    else inline(node, inner);
    parent.append(node);
    inline(parent, text.slice(end + 1));
    return;
  }
  linked(parent, text);
}

/** Where the mark at `at` closes; -1 if it is no mark: 2*3*4 and snake_case stay as they are. */
function closing(text, at, mark) {
  if (at > 0 && WORD.test(text[at - 1])) return -1;
  if (!text[at + 1] || /\s/u.test(text[at + 1])) return -1;
  for (let end = text.indexOf(mark.open, at + 2); end > 0; end = text.indexOf(mark.open, end + 1)) {
    const after = text[end + 1];
    if (!/\s/u.test(text[end - 1]) && !(after && WORD.test(after))) return end;
  }
  return -1;
}

function linked(parent, text) {
  let last = 0;
  for (const found of text.matchAll(URL_PATTERN)) {
    const address = found[0].replace(/[.,;:!?)\]]+$/u, "");
    if (!URL.canParse(address)) continue;
    parent.append(text.slice(last, found.index));
    const link = document.createElement("a");
    link.href = address;
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    link.textContent = address;
    parent.append(link);
    last = found.index + address.length;
  }
  if (last < text.length) parent.append(text.slice(last));
}
