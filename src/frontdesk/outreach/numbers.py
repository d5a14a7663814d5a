"""Phone numbers as files have them: fast for those that need no thought, exact for the others."""

import re

from frontdesk.kernel.errors import FrontdeskError
from frontdesk.kernel.phone import normalize, variants

_CLEAN = re.compile(r"\+[1-9][0-9]{6,14}")
# A zero behind the country code (https://www.itu.int/pub/T-SP-E.164D) may be a trunk prefix.
_MAYBE_TRUNK = re.compile(
    r"\+(?:[17]|20|27|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|[0-9]{3})0"
)
_ROUNDED = re.compile(r"[0-9][.,]?[0-9]*E\+?[0-9]+", re.IGNORECASE)
# What keeps spreadsheets from taking a number for a number.
_AS_TEXT = re.compile(r'="?([^"]*)"?|\'(.*)')
_SPACING = str.maketrans("", "", " \u00a0\u202f-./")
LONGEST = 60


def spellings_of(address: str) -> list[str] | None:
    """All spellings of a line that has several, the same one first for each of them."""
    others = variants(address)
    # The shortest has nothing that a country's custom puts in.
    return sorted((address, *others), key=len) if others else None


def number_of(cell: str, country: str | None) -> str:
    """E.164, or a WhatsApp user id. Raises FrontdeskError that says what is wrong.

    `country` (ISO 3166) is where numbers without `+` or `00` are dialled.
    """
    text = cell.translate(_SPACING)
    if text.startswith("00"):
        text = f"+{text[2:]}"
    if _CLEAN.fullmatch(text) and not _MAYBE_TRUNK.match(text):
        return text
    return _looked_at(cell.strip(), country)


def _looked_at(cell: str, country: str | None) -> str:
    if not cell:
        raise FrontdeskError("there is no phone number")
    if len(cell) > LONGEST:
        raise FrontdeskError(f"{cell[:20]!r}… has {len(cell)} characters: no phone number has")
    if kept := _AS_TEXT.fullmatch(cell):
        cell = (kept[1] if kept[1] is not None else kept[2]).strip()
    if _ROUNDED.fullmatch(cell):
        raise FrontdeskError(
            f"{cell!r} was rounded by a spreadsheet; format the column as text and save it again"
        )
    return normalize(cell, country)
