"""Text files in whatever characters they were written, and two formats that are text beneath."""

from collections.abc import Iterator
from pathlib import Path

from charset_normalizer import from_bytes
from striprtf.striprtf import rtf_to_text

from frontdesk.media.decoding.limits import MEGABYTE, Unreadable

BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
SAMPLE = 32 * 1024
"""Bytes that tell the character set."""
RICH_BYTES = 20 * MEGABYTE
SHOWN_FIELDS = {"FN", "ORG", "TITLE", "TEL", "EMAIL", "URL", "ADR", "NOTE"}


def text(path: Path, most: int) -> Iterator[str]:
    with path.open("rb") as file:
        body = file.read(most * 4 + 4)
    yield decoded(body)


def decoded(body: bytes) -> str:
    for mark, encoding in BOMS:
        if body.startswith(mark):
            return body.decode(encoding, "replace").removeprefix("\ufeff")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start > len(body) - 4:  # the last character is cut
            return body[: error.start].decode("utf-8")
    nul = body[:SAMPLE].count(0) * 4 > len(body[:SAMPLE])
    if nul:
        even = body[:SAMPLE:2].count(0) > body[1:SAMPLE:2].count(0)
        return body.decode("utf-16-be" if even else "utf-16-le", "replace")
    return body.decode(_charset(body[:SAMPLE]), "replace")


def _charset(sample: bytes) -> str:
    """Windows' Western set, unless the text reads as another script."""
    best = from_bytes(sample).best()
    scripts = set(best.alphabets) if best else set[str]()
    foreign = any(not each.startswith(("Basic Latin", "Latin", "General")) for each in scripts)
    return best.encoding if best and foreign else "cp1252"


def rich(path: Path, most: int) -> Iterator[str]:
    if path.stat().st_size > RICH_BYTES:
        raise Unreadable(
            f"The document has {path.stat().st_size / MEGABYTE:.0f} MB; "
            f"of its kind at most {RICH_BYTES // MEGABYTE} MB are read."
        )
    yield str(rtf_to_text(path.read_bytes().decode("latin-1"), errors="replace"))


def card(path: Path, most: int) -> Iterator[str]:
    """Names, numbers and addresses of contacts (RFC 6350)."""
    unfolded = "".join(text(path, most)).replace("\r\n", "\n")
    for line in unfolded.replace("\n ", "").replace("\n\t", "").split("\n"):
        head, _, value = line.partition(":")
        name = head.partition(";")[0].rpartition(".")[2].upper()
        if name == "BEGIN":
            yield "\n"
        elif name in SHOWN_FIELDS and value:
            parts = [each for each in _unescaped(value).split(";") if each.strip()]
            yield ", ".join(parts) + "\n"


def _unescaped(value: str) -> str:
    for coded, plain in (("\\n", "\n"), ("\\N", "\n"), ("\\,", ","), ("\\;", ","), ("\\\\", "\\")):
        value = value.replace(coded, plain)
    return value
