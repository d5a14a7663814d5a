import { describe, expect, it } from "vitest";
import { parse, plain, safeHref, source, type MarkupNode } from "@/features/thread/markup";

/** A generator of its own, so that a failure can be repeated from the seed it names. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const PIECES = [
  "*", "_", "~", "`", "```", " ", "\n", "a", "word", "é", "日本", "👩‍👩‍👧", "https://x.test/a_b_(c)", "www.a.test.",
  "javascript:alert(1)", "me@site.test", "+34 600 123 456", "<b>", "&amp;", "(", ")", "\u202e", ".", "data:text/html,x",
];

function texts(count: number): { seed: number; text: string }[] {
  return Array.from({ length: count }, (_, seed) => {
    const next = random(seed + 1);
    const length = Math.floor(next() * 24);
    const piece = () => PIECES[Math.floor(next() * PIECES.length)] ?? "";
    return { seed, text: Array.from({ length }, piece).join("") };
  });
}

function walk(nodes: MarkupNode[], visit: (node: MarkupNode, styles: string[]) => void, styles: string[] = []) {
  for (const node of nodes) {
    visit(node, styles);
    if ("children" in node) walk(node.children, visit, [...styles, node.type]);
  }
}

describe("WhatsApp's formatting", () => {
  it("keeps every character of any text, in its order", () => {
    for (const { seed, text } of texts(3000)) {
      expect(source(parse(text)), `seed ${seed}`).toBe(text);
      expect(source(parse(text, { styles: false })), `seed ${seed}`).toBe(text);
    }
  });

  it("never links to anything but http, https, mailto and tel", () => {
    for (const { seed, text } of texts(3000)) {
      walk(parse(text), (node) => {
        if (node.type === "link") expect(node.href, `seed ${seed}`).toMatch(/^(https?:|mailto:|tel:)/);
      });
    }
  });

  it("never puts a style within itself, nor an empty one", () => {
    for (const { seed, text } of texts(3000)) {
      walk(parse(text), (node, styles) => {
        if (!("children" in node)) return;
        expect(styles, `seed ${seed}`).not.toContain(node.type);
        expect(source(node.children).trim(), `seed ${seed}`).not.toBe("");
      });
    }
  });

  it.each([
    ["*bold* and _italic_ and ~gone~", ["bold", "italic", "strike"]],
    ["*_both_*", ["bold", "italic"]],
    ["`code *not bold*`", ["code"]],
    ["```two\nlines```", ["code"]],
    ["2*3*4 snake_case_name a~b~c", []],
    ["* not bold*", []],
    ["*not bold *", []],
    ["*no\nend*", []],
    ["**", []],
    ["¡*hola*!", ["bold"]],
    ["see https://a.test/x_y_z and mail me@a.test", ["link", "link"]],
    ["*https://a.test*", ["bold", "link"]],
    ["+34 600 123 456", ["link"]],
    ["file:///etc/passwd javascript:alert(1) vbscript:x", []],
    ["constructor(http://) https://", []],
  ])("reads %j", (text, types) => {
    const found: string[] = [];
    walk(parse(text), (node) => node.type !== "text" && found.push(node.type));
    expect(found).toEqual(types);
  });

  it("leaves a sentence's punctuation out of its link", () => {
    const links: string[] = [];
    const text = "(see https://a.test/b_(c)), https://a.test/d. www.e.test!";
    walk(parse(text), (node) => node.type === "link" && links.push(node.text));
    expect(links).toEqual(["https://a.test/b_(c)", "https://a.test/d", "www.e.test"]);
  });

  it("takes the longest message in a blink, however it is made", () => {
    for (const piece of ["*a ", "`", "```a", "_*~", "+1 ", "a@", "http://", "(("]) {
      const began = performance.now();
      parse(piece.repeat(Math.ceil(65_536 / piece.length)));
      expect(performance.now() - began, piece).toBeLessThan(1500);
    }
  });

  it("gives the words without the marks for announcements", () => {
    expect(plain(parse("*Hello* _you_ `x`"))).toBe("Hello you x");
  });

  it("refuses addresses that a browser would run", () => {
    expect(safeHref("javascript:alert(1)")).toBeNull();
    expect(safeHref(" java\nscript:alert(1)")).toBeNull();
    expect(safeHref("data:text/html,<script>")).toBeNull();
    expect(safeHref("https://a.test/")).toBe("https://a.test/");
  });
});
