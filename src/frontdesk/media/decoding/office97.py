"""Office documents before 2007: text out of the streams of their compound files.

The text of Word and PowerPoint is read as far as it is stored as text; where it is not found, that
is said.
"""

import os
import struct
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import olefile
import xlrd
from xlrd.xldate import xldate_as_datetime

from frontdesk.media.decoding.limits import MEGABYTE, Unreadable

MOST_BYTES = 50 * MEGABYTE
DAMAGED = "The document cannot be read: it is damaged or incomplete."
NOT_FOUND = "The text of this old document was not found; saved anew as DOCX or PPTX it is read."

WORD_MAGIC, WORD_97 = 0xA5EC, 0x00C1
ENCRYPTED, SECOND_TABLE = 0x0100, 0x0200
FIELDS = str.maketrans({"\x07": "\t", "\x0b": "\n", "\x0c": "\n", "\x1e": "-", "\x1f": ""})
TEXT_CHARS, TEXT_BYTES, SLIDE = 0x0FA0, 0x0FA8, 0x03EE
MOST_DEPTH = 20


def _streams(path: Path, *names: str) -> Iterator[bytes]:
    if path.stat().st_size > MOST_BYTES:
        raise Unreadable(
            f"The document has {path.stat().st_size / MEGABYTE:.0f} MB; "
            f"of its kind at most {MOST_BYTES // MEGABYTE} MB are read."
        )
    try:
        with closing(olefile.OleFileIO(str(path))) as file:
            for name in names:
                yield file.openstream(name).read() if file.exists(name) else b""
    except (OSError, struct.error, IndexError, ValueError):
        raise Unreadable(DAMAGED) from None


def word(path: Path) -> Iterator[str]:
    """The pieces of text that the table stream lists ([MS-DOC] 2.4.1)."""
    main, *tables = _streams(path, "WordDocument", "0Table", "1Table")
    try:
        magic, version = struct.unpack_from("<HH", main)
        flags = struct.unpack_from("<H", main, 0x0A)[0]
        if flags & ENCRYPTED:
            raise Unreadable("The document asks for a password.")
        if magic != WORD_MAGIC or version < WORD_97:
            raise Unreadable(NOT_FOUND)
        begin, length = struct.unpack_from("<II", main, 0x01A2)
        clx = tables[bool(flags & SECOND_TABLE)][begin : begin + length]
        yield from _without_fields("".join(_pieces(main, clx)).translate(FIELDS))
    except struct.error:
        raise Unreadable(DAMAGED) from None


def _pieces(main: bytes, clx: bytes) -> Iterator[str]:
    at = 0
    while clx[at : at + 1] == b"\x01":  # formatting, which is passed over
        at += 3 + struct.unpack_from("<H", clx, at + 1)[0]
    if clx[at : at + 1] != b"\x02":
        raise Unreadable(NOT_FOUND)
    size = struct.unpack_from("<I", clx, at + 1)[0]
    count, table = (size - 4) // 12, at + 5
    ends = struct.unpack_from(f"<{count + 1}I", clx, table)
    for number in range(count):
        place = struct.unpack_from("<I", clx, table + 4 * (count + 1) + 8 * number + 2)[0]
        length = ends[number + 1] - ends[number]
        if place & 0x40000000:  # one byte a character
            begin = (place & 0x3FFFFFFF) // 2
            yield main[begin : begin + length].decode("cp1252", "replace")
        else:
            yield main[place : place + 2 * length].decode("utf-16-le", "replace")


def _without_fields(text: str) -> Iterator[str]:
    """A field is its code, then what it shows: `\\x13 code \\x14 shown \\x15`."""
    for number, part in enumerate(text.split("\x13")):
        if not number:
            yield part
            continue
        code_and_shown, _, behind = part.partition("\x15")
        yield code_and_shown.partition("\x14")[2] + behind.replace("\x15", "")


def slides(path: Path) -> Iterator[str]:
    """The text atoms of slides, in the order of the file ([MS-PPT] 2.9.42)."""
    (stream,) = _streams(path, "PowerPoint Document")
    number, found = 0, False
    for kind, text in _atoms(stream, 0, len(stream), 0):
        if kind == SLIDE:
            number += 1
            yield f"\n[slide {number}]\n"
        else:
            found = True
            yield f"{text}\n"
    if not found:
        raise Unreadable(NOT_FOUND)


def _atoms(stream: bytes, at: int, end: int, depth: int) -> Iterator[tuple[int, str]]:
    while at + 8 <= end and depth < MOST_DEPTH:
        version, kind, length = struct.unpack_from("<HHI", stream, at)
        at += 8
        body_end = min(at + length, end)
        if kind == SLIDE:
            yield SLIDE, ""
        if version & 0xF == 0xF:
            yield from _atoms(stream, at, body_end, depth + 1)
        elif kind == TEXT_CHARS:
            yield kind, stream[at:body_end].decode("utf-16-le", "replace")
        elif kind == TEXT_BYTES:
            yield kind, stream[at:body_end].decode("latin-1")
        at = body_end


def sheets(path: Path) -> Iterator[str]:
    if path.stat().st_size > MOST_BYTES:
        raise Unreadable(f"The table is larger than {MOST_BYTES // MEGABYTE} MB.")
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - a device
        try:
            book = xlrd.open_workbook(str(path), logfile=nowhere, on_demand=True)
        except Exception as error:  # it raises what comes along
            protected = "ncrypted" in str(error)
            raise Unreadable(
                "The document asks for a password." if protected else DAMAGED
            ) from None
        for name in book.sheet_names():
            yield f"\n[sheet {name}]\n"
            sheet = book.sheet_by_name(name)
            for row in range(sheet.nrows):
                cells = [_cell(each, book.datemode) for each in sheet.row(row)]
                if any(cells):
                    yield "\t".join(cells).rstrip("\t") + "\n"
            book.unload_sheet(name)


def _cell(cell: "xlrd.sheet.Cell", datemode: int) -> str:
    value = cell.value
    if cell.ctype == xlrd.XL_CELL_DATE and isinstance(value, float):
        try:
            moment = xldate_as_datetime(value, 1 if datemode else 0)
        except (ValueError, OverflowError, xlrd.xldate.XLDateError):
            return str(value)
        return moment.strftime("%Y-%m-%d %H:%M").removesuffix(" 00:00")
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return "TRUE" if value else "FALSE"
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return "#ERROR"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
