"""Reads CSV files record by record, from any place that was reached before, in flat memory.

A record that cannot be read becomes a problem, and the reading goes on with the next line: a quote
that is never closed costs its own line, not the rest of the file. Lines are counted as an editor
counts them; a record has the number of its first.

All of it blocks: call it in a thread. https://www.rfc-editor.org/rfc/rfc4180
"""

import csv
import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from frontdesk.kernel.errors import Unprocessable
from frontdesk.outreach.csv_formats import SAMPLE, as_utf8, delimiter_of

LONGEST_RECORD = 1 << 16
"""Bytes; longer ones are skipped without being kept."""
MOST_SKIPPED = 1 << 26
"""Bytes in which the closing quote of a record that is too long is looked for."""
MOST_COLUMNS = 200
LONGEST_COLUMN = 200
BATCH_BYTES = 2 << 20
HEAD = 1 << 18
"""Bytes in which the header, and the rows to show of a file, are looked for."""
CHUNK = 1 << 16
BLANK = re.compile(rb"(?:\0*(?:\r\0*)?\n)+")
"""Zero bytes are left out wherever they are."""

TOO_LONG = f"the row has more than {LONGEST_RECORD // 1024} KiB"
UNCLOSED = "a quote in this row is never closed, or stands inside a quoted cell"


@dataclass(frozen=True, slots=True)
class Place:
    """Between two records: bytes before it in the text as UTF-8, and lines before it."""

    offset: int = 0
    line: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    line: int
    cells: list[str]
    problem: str | None = None
    """Why the record cannot be used; it has no cells then."""


class _TooLong(Exception):
    pass


@contextmanager
def open_csv(path: Path) -> Generator["CsvFile"]:
    """Raises Unprocessable for what is no CSV with a header."""
    with as_utf8(path) as (file, begins):
        yield CsvFile(file, begins)


class CsvFile:
    """An open file: its columns, and the records after any place."""

    columns: list[str]
    """Each name once; one that came before has `_2` and so on behind it."""
    size: int
    """Bytes of its text as UTF-8: what places are measured in."""

    def __init__(self, file: BufferedReader, begins: int) -> None:
        self._file = file
        self.size = file.seek(0, 2)
        file.seek(begins)
        head = file.read(SAMPLE).decode("utf-8", "replace")
        self.delimiter, told = delimiter_of(head)
        place = Place(begins + told, 1 if told else 0)
        records = Records(file, self.delimiter, place)
        header = next((each for each in records.head() if each.problem or any(each.cells)), None)
        if header is None:
            raise Unprocessable("the file has no header: name the columns in its first row")
        if header.problem:
            raise Unprocessable(f"the header cannot be read: {header.problem}")
        self.columns = _names(header.cells)
        self.first = records.place

    def records(self, place: Place | None = None) -> "Records":
        """From a place that was reached before; else from behind the header."""
        found = place if place is not None and place.offset >= self.first.offset else self.first
        return Records(self._file, self.delimiter, found)


class Records(Iterator[Record]):
    """The records from a place on; `place` is behind the last one that was given out."""

    def __init__(self, file: BufferedReader, delimiter: str, place: Place) -> None:
        self.place = place
        self._file = file
        self._delimiter = delimiter.encode()
        self._offset, self._line = place.offset, place.line
        file.seek(place.offset)
        self._rows = csv.reader(_Lines(self), delimiter=delimiter, strict=True)

    def batch(self, most: int) -> list[Record] | None:
        """The next records, as many as fit into a bounded memory; None at the end.

        It takes bounded time, too, whatever the file has: blank lines alone make an empty batch.
        """
        found: list[Record] = []
        began = self.place.offset
        for _ in range(most):
            try:
                record = self._read()
            except StopIteration:
                return found or (None if self.place.offset == began else [])
            if record is not None:
                found.append(record)
            if self.place.offset - began >= BATCH_BYTES:
                break
        return found

    def head(self, most: int = HEAD) -> Generator[Record]:
        """The records that begin in the next bytes."""
        end = self.place.offset + most
        while self.place.offset < end:
            try:
                record = self._read()
            except StopIteration:
                return
            if record is not None:
                yield record

    def __next__(self) -> Record:
        while (record := self._read()) is None:
            pass
        return record

    def _read(self) -> Record | None:
        """The next record; None: there were blank lines. Raises StopIteration."""
        began = self.place
        try:
            cells = next(self._rows)
        except _TooLong:
            return self._skipped(began)
        except UnicodeDecodeError:
            return self._broken(began, "the row has bytes that are not UTF-8")
        except csv.Error as error:
            return self._broken(began, _reason(error))
        self.place = Place(self._offset, self._line)
        if cells:
            return Record(began.line + 1, cells)
        self._pass_blank()
        return None

    def _pass_blank(self) -> None:
        """Where one line is blank there may be millions: those that are in memory, at once."""
        if blank := BLANK.match(self._file.peek()):
            lines = self._file.read(blank.end()).count(b"\n")
            self._offset += blank.end()
            self._line += lines
            self.place = Place(self._offset, self._line)

    def line(self) -> str:
        """The next line, for the parser."""
        room = LONGEST_RECORD - (self._offset - self.place.offset)
        raw = self._file.readline(room + 1)
        if len(raw) > room:
            raise _TooLong
        if not raw:
            raise StopIteration
        self._offset += len(raw)
        self._line += 1
        return raw.decode().replace("\0", "")

    def _broken(self, began: Place, why: str) -> Record:
        """What is wrong with a record costs its first line; the next may be a record."""
        self._file.seek(began.offset)
        offset = began.offset
        while piece := self._file.readline(CHUNK):
            offset += len(piece)
            if piece.endswith(b"\n"):
                break
        self._go_on(Place(offset, began.line + 1))
        return Record(began.line + 1, [], why)

    def _skipped(self, began: Place) -> Record:
        end = self._end_of_long(began)
        if end is None:
            return self._broken(began, UNCLOSED)
        self._go_on(end)
        return Record(began.line + 1, [], TOO_LONG)

    def _go_on(self, place: Place) -> None:
        self.place = place
        self._offset, self._line = place.offset, place.line
        self._file.seek(place.offset)

    def _end_of_long(self, began: Place) -> Place | None:
        """Behind a record that is too long to be kept; None: it is not well formed."""
        end = _End(self._delimiter)
        self._file.seek(began.offset)
        offset = began.offset
        while offset - began.offset < MOST_SKIPPED and (chunk := self._file.read(CHUNK)):
            found = end.after(chunk)
            if end.is_broken:
                return None
            if found is not None:
                return Place(offset + found, began.line + end.lines)
            offset += len(chunk)
        whole = end.state != "quoted" and offset - began.offset < MOST_SKIPPED
        return Place(offset, began.line + end.lines + 1) if whole else None


class _Lines(Iterator[str]):
    """What the parser reads from. Unlike a generator, it can go on after it raised."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def __next__(self) -> str:
        return self._records.line()


class _End:
    """Looks for the end of one record in chunks, without keeping any."""

    def __init__(self, delimiter: bytes) -> None:
        self.state = "start"
        self.lines = 0
        self.is_broken = False
        self._delimiter = delimiter
        self._token = re.compile(b'["\n' + re.escape(delimiter) + b"]")

    def after(self, chunk: bytes) -> int | None:
        """Where the record ends in the chunk, if it does."""
        at = 0
        for match in self._token.finditer(chunk):
            self._plain(chunk[at : match.start()])
            if self.is_broken:
                return None
            at = match.end()
            if self._takes(match[0]):
                return at
        self._plain(chunk[at:])
        return None

    def _plain(self, between: bytes) -> None:
        if not between:
            return
        if self.state == "start":
            self.state = "plain"
        # Behind a closing quote only the cell's or the line's end may be.
        elif self.state == "closing" and between != b"\r":
            self.is_broken = True

    def _takes(self, token: bytes) -> bool:
        """True when the token ends the record."""
        if token == b'"':
            after = {"start": "quoted", "quoted": "closing", "closing": "quoted"}
            self.state = after.get(self.state, self.state)
            return False
        self.lines += token == b"\n"
        if self.state == "quoted":
            return False
        self.state = "start"
        return token == b"\n"


def _names(cells: list[str]) -> list[str]:
    while cells and not cells[-1].strip():
        cells = cells[:-1]
    if len(cells) > MOST_COLUMNS:
        raise Unprocessable(f"the file has {len(cells)} columns; use {MOST_COLUMNS} at most")
    names: dict[str, None] = {}
    for number, cell in enumerate(cells, 1):
        given = " ".join(cell.split())[:LONGEST_COLUMN] or f"column_{number}"
        name, again = given, 1
        while name in names:
            again += 1
            name = f"{given}_{again}"
        names[name] = None
    return list(names)


def _reason(error: csv.Error) -> str:
    text = str(error)
    if "expected after" in text or "unexpected end of data" in text:
        return UNCLOSED
    if "new-line character" in text:
        return "a carriage return stands inside a cell without quotes"
    return f"the row cannot be read: {text}"
