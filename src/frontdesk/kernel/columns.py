"""Rows of text laid out in columns by the width at which a fixed-width screen shows them."""

import unicodedata

WIDEST = 32
"""Columns are padded to this at most, so that one long cell does not push the others away."""


def align(rows: list[list[str]], sides: list[str]) -> str:
    """The first row is the header; `sides` says per column `right` or `center`, else left."""
    rows = [[" ".join(cell.split()) for cell in row] for row in rows]
    count = max(map(len, rows), default=0)
    widths = [
        min(WIDEST, max(_width(row[column]) for row in rows if column < len(row)))
        for column in range(count)
    ]
    lines = [
        " | ".join(_pad(cell, widths[at], sides[at]) for at, cell in enumerate(row)).rstrip()
        for row in rows
    ]
    return "\n".join([*lines[:1], "-|-".join("-" * width for width in widths), *lines[1:]])


def _pad(cell: str, width: int, side: str) -> str:
    room = max(0, width - _width(cell))
    if "right" in side:
        return " " * room + cell
    if "center" in side:
        return " " * (room // 2) + cell + " " * (room - room // 2)
    return cell + " " * room


def _width(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(
        0
        if unicodedata.category(char) in ("Mn", "Me", "Cf")
        else 2
        if unicodedata.east_asian_width(char) in "WF"
        else 1
        for char in text
    )
