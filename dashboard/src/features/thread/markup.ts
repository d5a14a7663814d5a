/** WhatsApp's text formatting as a tree: bold, italic, strike, code and links, nothing else.
 *  Every character of the text stands in the tree, so `source(parse(text)) === text`. */

export type MarkupNode =
  | { type: "text"; text: string }
  | { type: "link"; text: string; href: string }
  | { type: "code"; text: string; fence: "`" | "```" }
  | { type: "bold" | "italic" | "strike"; children: MarkupNode[] };

type Style = "bold" | "italic" | "strike";
type Mark = "*" | "_" | "~";

const STYLES: Record<Mark, Style> = { "*": "bold", _: "italic", "~": "strike" };
const MARKS: Record<Style, Mark> = { bold: "*", italic: "_", strike: "~" };

const WORD = /[\p{L}\p{N}]/u;
const LINK = /(?:https?:\/\/|www\.)[^\s<>"`]+|mailto:[^\s<>"`]+|tel:\+?[\d().-]{5,}/iuy;
const EMAIL = /[\w.+-]{1,64}@(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24}/uy;
const PHONE = /\+\d[\d ()-]{6,20}\d/uy;
const SAFE = new Set(["http:", "https:", "mailto:", "tel:"]);
const TRAILING = /[.,;:!?'"*_~…]$/u;

/** The address if it is one that may be followed, else null. */
export function safeHref(address: string): string | null {
  try {
    const url = new URL(address);
    return SAFE.has(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

interface Open {
  mark: Mark;
  nodes: MarkupNode[];
}

export function parse(text: string, options: { styles?: boolean } = {}): MarkupNode[] {
  return new Parser(text, options.styles ?? true).run();
}

class Parser {
  private at = 0;
  private plainFrom = 0;
  private readonly root: MarkupNode[] = [];
  private open: Open[] = [];
  /** Fences that have no end after here: not looked for again, which would be quadratic. */
  private readonly unclosed = new Set<string>();

  private readonly text: string;
  private readonly styles: boolean;

  constructor(text: string, styles: boolean) {
    this.text = text;
    this.styles = styles;
  }

  run(): MarkupNode[] {
    while (this.at < this.text.length) {
      const char = this.text.charAt(this.at);
      if (char === "\n") {
        // Styles end with the line.
        this.giveUp(0);
        this.at += 1;
      } else if (this.styles && char === "`") {
        this.code();
      } else if (this.styles && (char === "*" || char === "_" || char === "~")) {
        this.mark(char);
      } else if (!this.link()) {
        this.at += 1;
      }
    }
    this.flush();
    this.giveUp(0);
    return this.root;
  }

  private get target(): MarkupNode[] {
    return this.open.at(-1)?.nodes ?? this.root;
  }

  private flush(): void {
    if (this.plainFrom < this.at) addText(this.target, this.text.slice(this.plainFrom, this.at));
    this.plainFrom = this.at;
  }

  private take(node: MarkupNode, length: number): void {
    this.flush();
    this.target.push(node);
    this.at += length;
    this.plainFrom = this.at;
  }

  /** Marks above `depth` that found no end were only characters. */
  private giveUp(depth: number): void {
    if (this.open.length <= depth) return;
    this.flush();
    while (this.open.length > depth) {
      const { mark, nodes } = this.open.pop() as Open;
      addText(this.target, mark);
      for (const node of nodes) {
        if (node.type === "text") addText(this.target, node.text);
        else this.target.push(node);
      }
    }
  }

  private mark(mark: Mark): void {
    const before = this.text.charAt(this.at - 1);
    const after = this.text.charAt(this.at + 1);
    const depth = this.open.findIndex((open) => open.mark === mark);
    const isFull = depth >= 0 && (this.plainFrom < this.at || depth < this.open.length - 1
      || (this.open[depth]?.nodes.length ?? 0) > 0);
    if (isFull && before.trim() !== "" && !WORD.test(after)) {
      this.giveUp(depth + 1);
      this.flush();
      const { nodes } = this.open.pop() as Open;
      this.target.push({ type: STYLES[mark], children: nodes });
      this.at += 1;
      this.plainFrom = this.at;
    } else if (depth < 0 && after.trim() !== "" && after !== mark && !WORD.test(before)) {
      this.flush();
      this.open.push({ mark, nodes: [] });
      this.at += 1;
      this.plainFrom = this.at;
    } else {
      this.at += 1;
    }
  }

  private code(): void {
    const fence = this.text.startsWith("```", this.at) ? "```" : "`";
    const from = this.at + fence.length;
    const end = this.unclosed.has(fence) ? -1 : this.text.indexOf(fence, from);
    if (end < 0) this.unclosed.add(fence);
    const inside = end < 0 ? "" : this.text.slice(from, end);
    if (inside.trim() === "" || (fence === "`" && inside.includes("\n"))) {
      this.at += fence.length;
    } else {
      this.take({ type: "code", text: inside, fence }, inside.length + 2 * fence.length);
    }
  }

  private link(): boolean {
    const char = this.text.charAt(this.at);
    const before = this.text.charAt(this.at - 1);
    if (!/[\p{L}\p{N}+]/u.test(char) || WORD.test(before) || /[@+.&-]/.test(before)) return false;
    const found = this.match(LINK, trimmed) ?? this.match(EMAIL) ?? this.match(PHONE);
    if (found === null) return false;
    const href = safeHref(addressOf(found));
    if (href === null) {
      this.at += found.length;
      return true;
    }
    this.take({ type: "link", text: found, href }, found.length);
    return true;
  }

  private match(pattern: RegExp, clean: (found: string) => string = (found) => found): string | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    return found === undefined ? null : clean(found);
  }
}

function addressOf(text: string): string {
  if (/^www\./iu.test(text)) return `https://${text}`;
  if (text.startsWith("+")) return `tel:${text.replace(/[^+\d]/g, "")}`;
  return /^[a-z]+:/iu.test(text) ? text : `mailto:${text}`;
}

/** A sentence's punctuation after a link is not the link's; a closing parenthesis is if it was opened. */
function trimmed(link: string): string {
  let end = link.length;
  let surplus = count(link, ")") - count(link, "(");
  for (;;) {
    const last = link.charAt(end - 1);
    if (last === ")" && surplus > 0) surplus -= 1;
    else if (last !== "]" && last !== "}" && !TRAILING.test(last)) break;
    end -= 1;
  }
  return link.slice(0, end);
}

function count(text: string, char: string): number {
  return text.split(char).length - 1;
}

function addText(nodes: MarkupNode[], text: string): void {
  const last = nodes.at(-1);
  if (last?.type === "text") last.text += text;
  else nodes.push({ type: "text", text });
}

/** The text that a tree was made of. */
export function source(nodes: MarkupNode[]): string {
  return nodes
    .map((node) => {
      if (node.type === "text" || node.type === "link") return node.text;
      if (node.type === "code") return node.fence + node.text + node.fence;
      const mark = MARKS[node.type];
      return mark + source(node.children) + mark;
    })
    .join("");
}

/** The words alone, for announcements and previews. */
export function plain(nodes: MarkupNode[]): string {
  return nodes.map((node) => ("children" in node ? plain(node.children) : node.text)).join("");
}
