"""The text of a document as far as it is kept, fit for a database and a screen."""

import re

CUT = "[… cut]"
UNWANTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""Control characters, and halves of characters, which no database takes."""
BEFORE_TAB = re.compile(r"(?<! ) +(?=\t)")
"""From a run's beginning only: from each of its spaces on, a long run would take for ever."""


class Excerpt:
    """Text that is added to until there is enough of it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._pieces = list[str]()
        self._length = 0
        self._cut = False

    def add(self, piece: str) -> bool:
        """Whether more is wanted."""
        left = self._most - self._length
        piece = clean(piece[: left + 1])
        if len(piece) > left:
            piece, self._cut = piece[:left], True
        self._pieces.append(piece)
        self._length += len(piece)
        return not self._cut

    def cut(self) -> None:
        """Notes that there is more than was added."""
        self._cut = True

    def text(self) -> str:
        lines = list[str]()
        for line in BEFORE_TAB.sub("", "".join(self._pieces)).split("\n"):
            line = line.rstrip()
            if line or (lines and lines[-1]):  # of several blank lines one
                lines.append(line)
        whole = "\n".join(lines).strip()
        return f"{whole}\n{CUT}" if self._cut else whole


def clean(text: str) -> str:
    return UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
