"""Documents of Office 97: streams in an OLE2 file."""

import struct
from collections.abc import Sequence
from pathlib import Path

from media.samples.making import sample


def _ole(path: Path, streams: dict[str, bytes]) -> None:
    """A compound file of up to three streams; each is filled up to 4096 bytes, so that it lies in
    sectors of its own ([MS-CFB] 2.2).
    """
    sector, free, end = 512, 0xFFFFFFFF, 0xFFFFFFFE
    bodies = [
        body.ljust(max(4096, -(-len(body) // sector) * sector), b"\0") for body in streams.values()
    ]
    table, entries, place = [0xFFFFFFFD, end], [_entry("Root Entry", 5, end, 0, child=1)], 2
    for number, (name, body) in enumerate(zip(streams, bodies, strict=True), 1):
        right = number + 1 if number < len(streams) else free
        entries.append(_entry(name, 2, place, len(body), right=right))
        count = len(body) // sector
        table += [*range(place + 1, place + count), end]
        place += count
    entries += [_entry("", 0, 0, 0)] * (4 - len(entries))
    header = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(24, b"\0")
        + struct.pack(
            "<HHHHH6xIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, end, 0, end, 0, 0
        )
        + struct.pack("<I", free) * 108
    )
    sectors = struct.pack(f"<{len(table)}I", *table).ljust(sector, b"\xff")
    path.write_bytes(header + sectors + b"".join(entries) + b"".join(bodies))


def _entry(
    name: str, kind: int, start: int, size: int, *, right: int = 0xFFFFFFFF, child: int = 0xFFFFFFFF
) -> bytes:
    coded = name.encode("utf-16-le")
    length = len(coded) + 2 if name else 0
    return (
        coded.ljust(64, b"\0")
        + struct.pack("<HBBIII", length, kind, 1, 0xFFFFFFFF, right, child)
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


@sample("prices.xls")
def xls(path: Path) -> None:
    """One sheet, `Prices`: two texts and two numbers ([MS-XLS] BIFF8)."""

    def label(row: int, column: int, text: str) -> bytes:
        return _record(0x0204, struct.pack("<HHHHB", row, column, 0, len(text), 0) + text.encode())

    def number(row: int, column: int, value: float) -> bytes:
        return _record(0x0203, struct.pack("<HHHd", row, column, 0, value))

    def begin(kind: int) -> bytes:
        return _record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 1996, 0, 6))

    end = _record(0x000A, b"")
    sheet = struct.pack("<BBBB", 0, 0, 6, 0) + b"Prices"
    codepage = _record(0x0042, struct.pack("<H", 1200))
    place = len(begin(5)) + len(codepage) + 4 + 4 + len(sheet) + len(end)
    book = begin(5) + codepage + _record(0x0085, struct.pack("<I", place) + sheet) + end
    cells = label(0, 0, "Tea") + number(0, 1, 4.5) + label(1, 0, "Teapot") + number(1, 1, 19)
    _ole(path, {"Workbook": book + begin(0x10) + cells + end})


@sample("letter.doc")
def doc(path: Path, text: str = "Dear Ana,\rthe tea costs 5 €.\r") -> None:
    """A Word 97 file: its text in one piece of UTF-16 ([MS-DOC] 2.4.1)."""
    body, at = text.encode("utf-16-le"), 0x800
    clx = b"\x02" + struct.pack("<I", 4 * 2 + 8) + struct.pack("<II", 0, len(text))
    clx += struct.pack("<HIH", 0, at, 0)
    fib = bytearray(at)
    struct.pack_into("<HH", fib, 0, 0xA5EC, 0x00C1)
    struct.pack_into("<H", fib, 0x0A, 0x0200)
    struct.pack_into("<I", fib, 0x4C, len(text))
    struct.pack_into("<II", fib, 0x01A2, 0, len(clx))
    _ole(path, {"1Table": clx, "WordDocument": bytes(fib) + body})


@sample("talk.ppt")
def ppt(path: Path, slides: Sequence[str] = ("Spring teas", "From 5 €")) -> None:
    """A PowerPoint 97 file: its texts in atoms within containers ([MS-PPT] 2.9.42)."""

    def record(version: int, kind: int, body: bytes) -> bytes:
        return struct.pack("<HHI", version, kind, len(body)) + body

    texts = b"".join(
        record(15, 0x03EE, record(15, 0xF00D, record(0, 0x0FA0, each.encode("utf-16-le"))))
        for each in slides
    )
    _ole(path, {"PowerPoint Document": record(15, 0x03E8, texts)})
