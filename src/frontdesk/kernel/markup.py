"""Markdown, as models write it, turned into what a phone shows: WhatsApp's marks or plain text.

Every word survives. Where Markdown throws text away (surplus table cells, link definitions,
titles, nesting beyond a parser's limit, HTML) it is shown as text instead. The one exception is the
name of a well-known language after a code fence, which is no part of the text.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.table import escapedSplit
from markdown_it.rules_block.table import table as gfm_table
from markdown_it.token import Token

from frontdesk.kernel.columns import align

LONGEST: Final = 50_000
"""Characters beyond which a text is passed on as it is: parsing is not linear on hostile input."""

_DEEPEST: Final = 30  # levels of quotes and lists (a list item counts two) before the rest is text


@dataclass(frozen=True, slots=True)
class _Style:
    strong: str
    emphasis: str
    strike: str
    code: str
    fence: str
    bullet: str
    rule: str


_WHATSAPP = _Style("*", "_", "~", "`", "```", "•", "———")
# SMS keeps to the GSM 7-bit alphabet: one "•" would cut a segment from 160 characters to 70.
_PLAIN = _Style("", "", "", "", "", "-", "---")

# What may start markup. Anything else is passed through: most replies in a chat are plain.
_MAYBE_MARKUP = re.compile(r"[*_~`\[<\\#|>\r\0]|^[ \t]*(?:[-+=]|[0-9]{1,9}[.)])", re.MULTILINE)

_LANGUAGE = re.compile(
    r"bash|c|c#|c\+\+|cpp|csharp|css|csv|diff|dockerfile|go|graphql|html|http|ini|java|javascript|js"
    r"|json|jsx|kotlin|lua|makefile|markdown|md|php|plain|plaintext|powershell|py|python|rb|ruby"
    r"|rust|sh|shell|sql|swift|text|toml|ts|tsx|txt|typescript|xml|ya?ml|zsh",
    re.IGNORECASE,
)


def to_whatsapp(markdown: str) -> str:
    """WhatsApp's formatting: https://faq.whatsapp.com/539178204879377."""
    return _convert(markdown, _WHATSAPP)


def to_plain(markdown: str) -> str:
    """Text without marks, for SMS."""
    return _convert(markdown, _PLAIN)


def _convert(text: str, style: _Style) -> str:
    if len(text) > LONGEST or not _MAYBE_MARKUP.search(text):
        return text
    source = text.replace("\r\n", "\n").replace("\r", "\n")
    rendered = _Renderer(style, source.split("\n")).render(_PARSER.parse(source))
    return rendered if rendered.strip() else text.strip()


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """GFM drops the cells that a row has beyond its header; they are kept in the last one."""
    first = len(state.tokens)
    if not gfm_table(state, start, end, silent):
        return False
    surplus = ""
    width = 0
    for index, token in enumerate(state.tokens[first:], first):
        if token.type == "th_open":
            width += 1
        elif token.type == "tr_open" and token.map:
            line = token.map[0]
            source = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
            cells = escapedSplit(source.strip().removeprefix("|"))
            surplus = " | ".join(filter(None, map(str.strip, cells[width:]))) if width else ""
        elif token.type == "tr_close" and surplus:
            last = state.tokens[index - 2]
            last.content = f"{last.content} | {surplus}"
    return True


def _too_deep(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """The parser drops what lies beyond its `maxNesting`; this takes it as text before that."""
    if silent or state.level < _DEEPEST:
        return False
    state.push("paragraph_open", "p", 1).map = [start, end]
    inline = state.push("inline", "", 0)
    inline.content = state.getLines(start, end, state.blkIndent, False).strip()
    inline.map = [start, end]
    inline.children = []
    state.push("paragraph_close", "p", -1)
    state.line = end
    return True


class _Parser(MarkdownIt):
    """Addresses stay as they were written: no percent-encoding, no punycode."""

    def normalizeLink(self, url: str) -> str:  # noqa: N802 -- the library's name
        return url

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802 -- the library's name
        return link


def _parser() -> MarkdownIt:
    """CommonMark, tables and ~~strikethrough~~, less the rules that guess wrong in a chat.

    Indented code and HTML are text; `&copy;` and `[name]: url` stay as they were written.
    """
    parser = _Parser("commonmark", {"html": False, "maxNesting": 2 * _DEEPEST})
    parser.enable(["table", "strikethrough"])
    parser.disable(["code", "html_block", "html_inline", "entity", "reference"])
    parser.block.ruler.at("table", _table, RuleOptionsType(alt=["paragraph", "reference"]))
    parser.block.ruler.before("table", "too_deep", _too_deep)
    return parser


_PARSER = _parser()


class _Inline:
    """One run of text with its marks, which WhatsApp does not carry over a line break."""

    def __init__(self, style: _Style) -> None:
        self._style = style
        self._out: list[str] = []
        self._open: list[str] = []

    def render(self, children: list[Token], *, strong: bool = False) -> str:
        if strong:
            self._begin(self._style.strong)
        links: list[tuple[int, Token]] = []
        for token in children:
            match token.type:
                case "strong_open":
                    self._begin(self._style.strong)
                case "em_open":
                    self._begin(self._style.emphasis)
                case "s_open":
                    self._begin(self._style.strike)
                case "strong_close" | "em_close" | "s_close":
                    self._out.append(self._open.pop())
                case "softbreak" | "hardbreak":
                    self._out += [*reversed(self._open), "\n", *self._open]
                case "code_inline":
                    self._out.append(self._code(token.content))
                case "link_open":
                    links.append((len(self._out), token))
                case "link_close":
                    self._link(*links.pop())
                case "image":
                    alt = _Inline(_PLAIN).render(token.children or [])
                    self._out.append(_reference(alt, token, "src"))
                case _:
                    self._out.append(token.content)
        return "".join([*self._out, *reversed(self._open)])

    def _begin(self, mark: str) -> None:
        mark = "" if mark in self._open else mark  # bold within bold is bold
        self._open.append(mark)
        self._out.append(mark)

    def _link(self, start: int, token: Token) -> None:
        label = "".join(self._out[start:])
        self._out[start:] = [_reference(label, token, "href")]

    def _code(self, code: str) -> str:
        if "```" in code:
            return code  # WhatsApp has no way to escape it
        mark = self._style.fence if "`" in code else self._style.code
        return f"{mark}{code}{mark}"


def _reference(label: str, token: Token, attribute: str) -> str:
    url = str(token.attrGet(attribute) or "")
    title = token.attrGet("title")
    bare = label.strip("*_~`")
    target = " ".join(filter(None, (url, f'"{title}"' if title else "")))
    if not title and bare and bare in (url, url.removeprefix("mailto:"), url.split("://")[-1]):
        return url.removeprefix("mailto:")
    if not label.strip():
        return target or ("![]()" if attribute == "src" else "[]()")
    return f"{label} ({target})" if target else label


@dataclass(slots=True)
class _Frame:
    """An open block: what its children came to, each with the line break before it."""

    token: Token | None = None
    text: list[str] = field(default_factory=list[str])
    items: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    rows: list[list[str]] = field(default_factory=list[list[str]])
    sides: list[str] = field(default_factory=list[str])


class _Renderer:
    """Walks the tokens with a stack of open blocks; keeps blank lines where the source has them."""

    def __init__(self, style: _Style, lines: list[str]) -> None:
        self._style = style
        self._lines = lines
        self._stack = [_Frame()]

    def render(self, tokens: list[Token]) -> str:
        for token in tokens:
            match token.type:
                case "bullet_list_open" | "ordered_list_open" | "list_item_open":
                    self._stack.append(_Frame(token))
                case "blockquote_open" | "table_open" | "heading_open" | "paragraph_open":
                    self._stack.append(_Frame(token))
                case "inline":
                    self._inline(token)
                case "fence":
                    self._append(self._fence(token), token)
                case "hr":
                    self._append(self._style.rule, token)
                case "tr_open":
                    self._stack[-1].rows.append([])
                case "th_open":
                    self._stack[-1].sides.append(str(token.attrGet("style") or ""))
                case "list_item_close":
                    self._list_item()
                case _ if token.type.endswith("_close") and token.tag not in _TABLE_PARTS:
                    self._close()
                case _:
                    pass
        return "".join(self._stack[0].text)

    def _inline(self, token: Token) -> None:
        frame = self._stack[-1]
        children = token.children or []
        if frame.rows:
            frame.rows[-1].append(_Inline(_PLAIN).render(children))
            return
        strong = frame.token is not None and frame.token.type == "heading_open" and bool(children)
        frame.text.append(_Inline(self._style).render(children, strong=strong))

    def _close(self) -> None:
        frame = self._stack.pop()
        token = frame.token
        if token is None:
            raise AssertionError("a block was closed that was never opened")
        text = "".join(frame.text)
        match token.type:
            case "heading_open":
                text = text or token.markup
            case "blockquote_open":
                text = "\n".join(f"> {line}".rstrip() for line in text.split("\n"))
            case "table_open":
                text = self._preformatted(align(frame.rows, frame.sides))
            case "bullet_list_open" | "ordered_list_open":
                text = _list(frame.items)
            case _:
                pass
        self._append(text, token)

    def _append(self, text: str, token: Token) -> None:
        frame = self._stack[-1]
        if frame.text:
            frame.text.append(self._gap(token))
        frame.text.append(text)

    def _gap(self, token: Token) -> str:
        line = token.map[0] if token.map else 0
        return "\n\n" if line and not self._lines[line - 1].strip(" \t>") else "\n"

    def _list_item(self) -> None:
        item = self._stack.pop()
        token = item.token
        if token is None:
            raise AssertionError("a list item was closed that was never opened")
        parent = self._stack[-1]
        gap = self._gap(token) if parent.items else ""
        marker = f"{token.info}{token.markup}" if token.info else self._style.bullet
        parent.items.append((gap, marker, "".join(item.text)))

    def _fence(self, token: Token) -> str:
        code = token.content.removesuffix("\n")
        language = token.info.strip()
        if language and not _LANGUAGE.fullmatch(language):
            code = f"{language}\n{code}"
        return self._preformatted(code)

    def _preformatted(self, text: str) -> str:
        fence = self._style.fence
        return text if not fence or "```" in text else f"{fence}\n{text}\n{fence}"


_TABLE_PARTS = frozenset(("thead", "tbody", "tr", "th", "td"))


def _list(items: list[tuple[str, str, str]]) -> str:
    """Numbers stay as written, unless all are the same ("1. 1. 1."), which asks for counting."""
    markers = [marker for _, marker, _ in items]
    if len(items) > 1 and len(set(markers)) == 1 and markers[0][:-1].isdecimal():
        first, mark = int(markers[0][:-1]), markers[0][-1]
        markers = [f"{first + index}{mark}" for index in range(len(items))]
    out: list[str] = []
    for (gap, _, body), marker in zip(items, markers, strict=True):
        indent = "\n" + " " * (len(marker) + 1)
        text = f"{marker} {body}".rstrip().replace("\n", indent)
        out += [gap, text.replace(indent + "\n", "\n\n")]
    return "".join(out)
