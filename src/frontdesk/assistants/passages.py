"""Documents cut into passages: pieces short enough to be quoted whole in a chat."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

TARGET = 800
"""Characters of a passage: half of the shortest channel limit, and a screenful on a phone."""

BETWEEN = " › "
"""Stands between the headings of a path."""

_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.+?)[ \t]*#*[ \t]*$")
_FENCE = re.compile(r"^ {0,3}(```|~~~)")
_SENTENCE = re.compile(r"(?<=[.!?…。！？])\s+|\n")


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document. `heading` is the path to it: `Title › Section`."""

    heading: str
    content: str

    @property
    def title(self) -> str:
        """Its own heading."""
        return self.heading.rpartition(BETWEEN)[2]

    @property
    def above(self) -> str:
        """The headings above its own."""
        return self.heading.rpartition(BETWEEN)[0]


def split(text: str) -> list[Passage]:
    """Cuts Markdown or plain text at headings, then paragraphs, then sentences, then words.

    Every word of the text is in exactly one passage; a heading with nothing under it is in the
    heading of the passages below it, or is a passage of its own.
    """
    passages: list[Passage] = []
    path: list[tuple[int, str]] = []
    used = True
    for heading, paragraphs in _sections(text):
        if heading:
            level, title = heading
            if not used and path and level <= path[-1][0]:
                passages.append(Passage(_joined(path[:-1]), path[-1][1]))
            path = [(depth, name) for depth, name in path if depth < level] + [(level, title)]
            used = False
        for content in _packed(paragraphs):
            passages.append(Passage(_joined(path), content))
            used = True
    if not used:
        passages.append(Passage(_joined(path[:-1]), path[-1][1]))
    return passages


def _joined(path: list[tuple[int, str]]) -> str:
    return BETWEEN.join(title for _, title in path)


def _sections(text: str) -> Iterator[tuple[tuple[int, str] | None, list[str]]]:
    """Headings with the paragraphs below them; code blocks are paragraphs of their own."""
    heading: tuple[int, str] | None = None
    paragraphs: list[str] = []
    lines: list[str] = []
    fence: str | None = None

    def close() -> None:
        if any(line.strip() for line in lines):
            paragraphs.append("\n".join(lines).strip("\n"))
        lines.clear()

    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        mark = _FENCE.match(line)
        found = None if fence else _HEADING.match(line)
        if mark and fence in (None, mark[1]):
            fence = None if fence else mark[1]
            lines.append(line)
        elif found:
            close()
            yield heading, paragraphs
            heading, paragraphs = (len(found[1]), found[2]), []
        elif not line.strip() and not fence:
            close()
        else:
            lines.append(line.rstrip())
    close()
    yield heading, paragraphs


def _packed(paragraphs: list[str]) -> Iterator[str]:
    """Joins short paragraphs and cuts long ones, so that pieces come near the target length."""
    packed = ""
    for piece in (piece for paragraph in paragraphs for piece in _pieces(paragraph)):
        if packed and len(packed) + len(piece) + 2 > TARGET:
            yield packed
            packed = ""
        packed = f"{packed}\n\n{piece}" if packed else piece
    if packed:
        yield packed


def _pieces(paragraph: str) -> Iterator[str]:
    if len(paragraph) <= TARGET:
        yield paragraph
        return
    packed = ""
    for sentence in filter(None, _SENTENCE.split(paragraph)):
        for part in _words(sentence):
            if packed and len(packed) + len(part) + 1 > TARGET:
                yield packed
                packed = ""
            packed = f"{packed} {part}" if packed else part
    if packed:
        yield packed


def _words(sentence: str) -> Iterator[str]:
    while len(sentence) > TARGET:
        at = sentence.rfind(" ", 1, TARGET)
        at = at if at > 0 else TARGET
        yield sentence[:at]
        sentence = sentence[at:].lstrip()
    yield sentence
