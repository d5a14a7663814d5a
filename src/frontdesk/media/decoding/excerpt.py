"""The text of a document as far as it is kept, fit for a database and a screen."""

import re

CUT = "[… cut]"
UNWANTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""Control characters, and halves of characters, which no database takes."""
TRAILING = re.compile(r"[ \t]+(?=\n)| +(?=\t)")
BLANK_LINES = re.compile(r"\n\s*\n\s*\n+")


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
        whole = TRAILING.sub("", "".join(self._pieces))
        whole = BLANK_LINES.sub("\n\n", whole).strip()
        return f"{whole}\n{CUT}" if self._cut else whole


def clean(text: str) -> str:
    return UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
