"""The text of a mail that came as HTML, and where its links lead.

A scanner of its own, which takes time in proportion to the text whatever it is: the standard
library's parser needs minutes for 100 KB of `<a <a <a`. What is no tag is text.
"""

import html
import re

LONGEST = 500_000
MOST_LINKS = 200
BLOCKS = frozenset(
    {
        *("address", "article", "blockquote", "br", "dd", "div", "dl", "dt", "footer", "form"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p"),
        *("pre", "section", "table", "tbody", "tfoot", "thead", "tr", "ul"),
    }
)
CELLS = frozenset(("td", "th"))
HIDDEN = ("script", "style", "title", "template")

# Ends before the next "<", so that each character is looked at by one attempt.
_TAG = re.compile(
    r"""<(/?)([a-zA-Z!?][\w:.-]{0,60})((?:[^<>"']|"[^"<]{0,4000}"|'[^'<]{0,4000}')*+)>"""
)
_HREF = re.compile(r"""(?:^|\s)href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_ENDS = {name: re.compile(rf"</{name}\b[^<>]*>", re.IGNORECASE) for name in HIDDEN}


def text_of(source: str) -> tuple[str, list[str]]:
    """The text and the addresses of the links."""
    source = source[:LONGEST]
    parts: list[str] = []
    links: list[str] = []
    open_ended: set[str] = set()
    at = 0
    while at < len(source):
        start = source.find("<", at)
        if start < 0:
            start = len(source)
        parts.append(_plain(source[at:start]))
        if start == len(source):
            break
        at = _after(source, start, parts, links, open_ended)
    return "".join(parts), links


def _plain(text: str) -> str:
    # Line ends of the source are spaces; the elements make the lines.
    return re.sub(r"\s+", " ", html.unescape(text))


def _after(
    source: str, start: int, parts: list[str], links: list[str], open_ended: set[str]
) -> int:
    """Where the text goes on behind what begins with a "<"."""
    if source.startswith("<!--", start):
        end = source.find("-->", start)
        return len(source) if end < 0 else end + 3
    match = _TAG.match(source, start)
    if match is None:
        parts.append("<")
        return start + 1
    closing, name, attributes = match[1], match[2].lower(), match[3]
    if name in _ENDS and not closing and name not in open_ended:
        end = _ENDS[name].search(source, match.end())
        if end is not None:
            return end.end()
        open_ended.add(name)
    elif name in BLOCKS:
        parts.append("\n")
    elif name in CELLS and not closing:
        parts.append(" ")
    elif name == "a" and len(links) < MOST_LINKS and (href := _HREF.search(attributes)):
        links.append(html.unescape(href[1] or href[2] or href[3] or "")[:500])
    return match.end()
