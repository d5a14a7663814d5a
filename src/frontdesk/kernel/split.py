"""A reply cut into messages that a carrier takes, at the places where a reader would cut it.

Places, best first: between paragraphs; after a line or a sentence; between words; between
graphemes. A link, a code span and a fenced block stay whole when they fit into one part; a
*formatted* run is only cut when nothing outside it will do. A fenced block longer than a part
becomes several fenced blocks. Inside a grapheme is the last resort, for one longer than the limit.
White space at a cut is dropped; nothing else is.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

import regex

Unit = Literal["character", "utf16"]
"""What a carrier's limit counts: code points, or UTF-16 code units, where an emoji is two or more.

Twilio documents 1600 "characters" but says that emoji count as several
(https://www.twilio.com/docs/api/errors/21617), so `utf16` is the safe reading there: what fits in
it fits in characters, too.
"""

_ASTRAL = regex.compile(r"[\U00010000-\U0010FFFF]")

_FENCE = regex.compile(r"```(?P<first>[^\n`]*\n)?(?P<body>.*?)```", regex.DOTALL)
_WHOLE = regex.compile(
    r"```.*?```"
    r"|``[^`\n]++(?:`[^`\n]++)*+``"
    r"|`[^`\n]++`"
    r"""|(?:https?://|www\.|mailto:|tel:)[^\s<>"`。！？，、；：「」『』（）【】]++""",
    regex.DOTALL | regex.IGNORECASE,
)
_FORMATTED = tuple(
    regex.compile(
        rf"(?<![\w{mark}]){mark}(?=[^\s{mark}])(?:[^{mark}\n]|(?<=\w){mark}(?=\w))++{mark}(?!\w)"
    )
    for mark in (r"\*", "_", "~")
)

# White space that holds a line together is no place for a cut, nor is any that a grapheme is
# made of (a combining mark on a space, a prepended mark before it).
_SPACE = r"[^\S\u00a0\u202f\u2007]"
_JOINS = r"(?![\p{GCB=Extend}\p{GCB=SpacingMark}\p{GCB=ZWJ}])"
_GAP = regex.compile(
    rf"(?P<gap>(?<!\p{{GCB=Prepend}}){_SPACE}++){_JOINS}"
    rf"|(?P<sentence>[。！？｡]++[」』）】”’*_~]*+){_JOINS}"
    rf"|[，、；：]{_JOINS}"
)
# Pairs of regional indicators (flags) are named, as \X counts back through all of a run of them.
_GRAPHEME = regex.compile(r"\p{GCB=RI}{2}[\p{GCB=Extend}\p{GCB=SpacingMark}\p{GCB=ZWJ}]*+|\X")
_APART = regex.compile(_JOINS)
_CLOSERS: Final = "\"'”’»)]}*_~`"
_TERMINATOR = regex.compile(r"[\p{SB=ATerm}\p{SB=STerm}…]")
_LIST_NUMBER = regex.compile(r"(?:.*\n)?\s{0,8}\d{1,4}\.", regex.DOTALL)

_FENCED_LIMIT: Final = 24  # below this a part has no room for fences around anything readable


def split(text: str, limit: int, *, unit: Unit = "character") -> list[str]:
    """Parts of at most `limit`, in order, none of them blank. Blank text has none."""
    least = 2 if unit == "utf16" else 1
    if limit < least:
        raise ValueError(f"limit is {limit}; a part holds at least {least} ({unit})")
    text = text.strip()
    ruler = _Ruler(limit, unit)
    if ruler.fits(text):
        return [text] if text else []
    runs = _cut_fences(text, ruler) if limit >= _FENCED_LIMIT else (text,)
    return [part for run in runs for part in _cut(run, ruler)]


@dataclass(frozen=True, slots=True)
class _Ruler:
    limit: int
    unit: Unit

    def length(self, text: str) -> int:
        if self.unit == "character" or text.isascii():
            return len(text)
        return len(text) + sum(1 for _ in _ASTRAL.finditer(text))

    def fits(self, text: str) -> bool:
        return len(text) <= self.limit and self.length(text) <= self.limit

    def reach(self, text: str, start: int, limit: int | None = None) -> int:
        """The furthest end of a part that starts at `start`."""
        room = self.limit if limit is None else limit
        if self.unit == "character":
            return min(len(text), start + room)
        window = text[start : start + room]
        if window.isascii():
            return start + len(window)
        for index, char in enumerate(window):
            room -= 2 if char > "\uffff" else 1
            if room < 0:
                return start + index
        return start + len(window)


@dataclass(slots=True)
class _Cuts:
    """Places of one rank: where a part may stop, and where the next one then starts."""

    stops: list[int] = field(default_factory=list[int])
    resumes: list[int] = field(default_factory=list[int])

    def add(self, stop: int, resume: int) -> None:
        self.stops.append(stop)
        self.resumes.append(resume)

    def last(self, start: int, end: int) -> tuple[int, int] | None:
        index = bisect_right(self.stops, end) - 1
        if index < 0 or self.stops[index] <= start:
            return None
        return self.stops[index], self.resumes[index]


class _Spans:
    """Stretches of a text, in order, asked about with rising or falling positions."""

    def __init__(self, spans: list[tuple[int, int]]) -> None:
        self._spans = spans
        self._starts = [start for start, _ in spans]

    def around(self, position: int) -> tuple[int, int] | None:
        """The span that a cut at `position` would break."""
        index = bisect_right(self._starts, position) - 1
        if index < 0:
            return None
        start, end = self._spans[index]
        return (start, end) if start < position < end else None


def _cut(text: str, ruler: _Ruler) -> Iterator[str]:
    whole = _Spans([match.span() for match in _WHOLE.finditer(text)])
    ranks = _rank(text, whole)
    start, size = 0, len(text)
    while start < size:
        end = ruler.reach(text, start)
        if end == size:
            stop, resume = size, size
        else:
            found = (cuts.last(start, end) for cuts in ranks)
            stop, resume = next(filter(None, found), None) or _between_graphemes(
                text, start, end, whole
            )
        part = text[start:stop].strip()
        if part:
            yield part
        start = resume


def _rank(text: str, whole: _Spans) -> tuple[_Cuts, ...]:
    """All places for a cut, best rank first."""
    paragraphs, sentences, words, inner_sentences, inner_words = (_Cuts() for _ in range(5))
    formatted = _Spans(_merge(match.span() for mark in _FORMATTED for match in mark.finditer(text)))
    for match in _GAP.finditer(text):
        stop, resume = match.span()
        gap = text[stop:resume] if match.lastgroup == "gap" else ""
        stop = stop if gap else resume
        if whole.around(stop):
            continue
        inside = formatted.around(stop) is not None
        if gap.count("\n") > 1:
            paragraphs.add(stop, resume)
        elif match.lastgroup == "sentence" or "\n" in gap or (gap and _ends_sentence(text, stop)):
            (inner_sentences if inside else sentences).add(stop, resume)
        else:
            (inner_words if inside else words).add(stop, resume)
    return paragraphs, sentences, words, inner_sentences, inner_words


def _ends_sentence(text: str, end: int) -> bool:
    if text[end - 1 : end].isalnum():  # nearly all of the time
        return False
    before = text[max(0, end - 16) : end].rstrip(_CLOSERS)
    return _TERMINATOR.match(before[-1:]) is not None and not _LIST_NUMBER.fullmatch(before)


def _merge(spans: Iterator[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _between_graphemes(text: str, start: int, end: int, whole: _Spans) -> tuple[int, int]:
    span = whole.around(end)
    if span and span[0] > start:
        stop = _grapheme_floor(text, start, span[0])
        if stop > start:
            return stop, stop
    stop = _grapheme_floor(text, start, end)
    if stop == start:
        # One grapheme longer than a part: each part begins with something to see, where it can.
        visible = (at for at in range(end, start, -1) if _APART.match(text, at))
        stop = next(visible, end)
    return stop, stop


def _grapheme_floor(text: str, start: int, end: int) -> int:
    """The last boundary up to `end`, or `start`. Looks one past `end`, never further."""
    stop, room = 0, end - start
    for match in _GRAPHEME.finditer(text[start : end + 1]):
        if match.end() > room:
            break
        stop = match.end()
    return start + stop


def _cut_fences(text: str, ruler: _Ruler) -> Iterator[str]:
    """The text in stretches that end where a long fenced block is closed and reopened."""
    run: list[str] = []
    done = 0
    for match in _FENCE.finditer(text):
        if ruler.fits(match[0]):
            continue
        run.append(text[done : match.start()])
        for index, block in enumerate(_blocks(match, ruler)):
            if index:
                yield "".join(run).strip()
                run.clear()
            run.append(block)
        done = match.end()
    yield "".join([*run, text[done:]]).strip()


def _blocks(fence: "regex.Match[str]", ruler: _Ruler) -> Iterator[str]:
    """The fenced block as several, each within the limit with its own fences."""
    first, body = fence["first"], fence["body"]
    if first is None:
        opening, closing = "```", "```"
    elif ruler.length(first) <= ruler.limit // 4:
        opening, closing = f"```{first}", "\n```"
    else:
        opening, closing, body = "```\n", "\n```", first + body
    room = ruler.limit - ruler.length(opening) - len(closing)
    start, size = 0, len(body)
    while start < size:
        end = ruler.reach(body, start, room)
        stop = size if end == size else _line_floor(body, start, end)
        code = body[start:stop].strip("\n")
        if code.strip():
            yield f"{opening}{code}{closing}"
        start = stop


def _line_floor(code: str, start: int, end: int) -> int:
    """The best cut in code: after a line, else after a space, else between graphemes."""
    for mark in ("\n", " "):
        found = code.rfind(mark, start, end)
        if found > start and _APART.match(code, found + 1):
            return found + 1
    stop = _grapheme_floor(code, start, end)
    return stop if stop > start else end
