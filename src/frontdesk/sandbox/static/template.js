// What a message from a template has around its words: a heading, a footer, buttons.

import { element } from "./dom.js";

export function heading(template) {
  return element("p", "heading", template.header);
}

export function ending(template) {
  return element("p", "ending", template.footer);
}

/** Buttons below the bubble. A reply is sent by `press`; the others lead where they say. */
export function replies(template, press) {
  const list = element("ul", "replies");
  for (const button of template.buttons) {
    list.append(element("li", "", button.kind === "reply" ? reply(button, press) : link(button)));
  }
  return list;
}

function reply(button, press) {
  const node = element("button", "", button.text);
  node.type = "button";
  node.addEventListener("click", async () => {
    node.disabled = true;
    await press(button);
    node.disabled = false;
  });
  return node;
}

function link(button) {
  const node = element("a", "", button.text);
  const url = button.kind === "phone" ? `tel:${button.phone}` : button.url;
  // A template's address is the business's: nothing but the web and telephones is led to.
  if (/^(https?:|tel:\+?[0-9]+$)/u.test(url)) node.href = url;
  node.rel = "noreferrer noopener";
  node.target = "_blank";
  return node;
}
