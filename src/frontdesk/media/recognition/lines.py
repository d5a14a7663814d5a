"""Pieces of text on a picture, put in the order in which people read them."""

from collections.abc import Iterable
from dataclasses import dataclass

LEAST_SCORE = 0.6
LEAST_SCORE_OF_ONE = 0.85
"""Single characters are what textures, logos and eyes are mistaken for."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Text in a box of the picture; coordinates in pixels, `score` from 0 to 1."""

    text: str
    score: float
    left: float
    top: float
    bottom: float


def joined(pieces: Iterable[Piece]) -> str:
    """The text, line by line from the top; pieces beside each other are one line."""
    rows: list[list[Piece]] = []
    for piece in sorted(filter(_is_text, pieces), key=lambda each: each.top + each.bottom):
        if rows and _beside(rows[-1][0], piece):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return "\n".join(
        " ".join(piece.text.strip() for piece in sorted(row, key=lambda each: each.left))
        for row in rows
    )


def _is_text(piece: Piece) -> bool:
    text = piece.text.strip()
    if not any(character.isalnum() for character in text):
        return False
    return piece.score >= (LEAST_SCORE_OF_ONE if len(text) == 1 else LEAST_SCORE)


def _beside(first: Piece, other: Piece) -> bool:
    """Whether the middle of one is within the other, both being of about one height."""
    middle = (other.top + other.bottom) / 2
    height, others = first.bottom - first.top, other.bottom - other.top
    return first.top <= middle <= first.bottom and max(height, others) <= 2 * min(height, others)
