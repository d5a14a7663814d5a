"""Office documents since 2007: text out of the XML in their archives ([ECMA-376]).

Read here because the three libraries for it build whole documents in memory to be edited, and
bring 17 MB; what is read is a dozen elements.
"""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import IO, BinaryIO, cast

from frontdesk.media.decoding.limits import MEGABYTE, Limits, Unreadable
from frontdesk.media.decoding.markup import Event, events

MOST_PARTS = 10_000
MOST_LISTED = 500
"""Sheets or slides that are read."""
MOST_STRINGS = 200_000
"""Of a spreadsheet's shared ones; with text in them, `Limits.characters` comes first."""
LONGEST_TARGET = 4_096
LONGEST_FORMAT = 255
DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
"""Number formats of dates and times that every spreadsheet knows ([ECMA-376] 18.8.30)."""
DATE_CODE = re.compile(r"[ymdhs]", re.IGNORECASE)
NO_DATE = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
"""What a number format shows as it is, and its colours."""
EPOCH = datetime(1899, 12, 30)
"""Of day numbers; the one of 1904 is a setting of old Macintosh files."""
MOST_COLUMNS = 16_384
BEYOND = "…"
"""Shown for a shared string that comes after those that were kept."""
COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Those of the standard. Python unpacks the others without a bound on what a piece grows to."""


class _Metered:
    """A part that is read until a budget, which all parts of its package share, is used up."""

    def __init__(self, stream: IO[bytes], budget: "_Budget") -> None:
        self._stream = stream
        self._budget = budget

    def read(self, size: int) -> bytes:
        chunk = self._stream.read(size)
        self._budget.use(len(chunk))
        return chunk


class _Budget:
    """What may still be read of a package. A part may be named, and so read, any number of times,
    so that sizes in the archive tell nothing of it.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._bytes = limits.xml_bytes
        self._marks = limits.xml_marks

    def use(self, size: int) -> None:
        self._bytes -= size
        if self._bytes < 0:
            raise Unreadable(
                "The document is too large: the first "
                f"{self._limits.xml_bytes / MEGABYTE:,.0f} MB of its parts are read."
            )

    def spend(self, marks: Iterator[Event]) -> Iterator[Event]:
        for event in marks:
            self._marks -= 1 + len(event[2])
            if self._marks < 0:
                raise Unreadable(
                    "The document is too large: the first "
                    f"{self._limits.xml_marks:,} tags, attributes and texts in it are read."
                )
            yield event


class Package:
    """An archive of parts that refer to each other."""

    def __init__(self, path: Path, limits: Limits) -> None:
        try:
            self._archive = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError):
            raise Unreadable("The document cannot be read: it is damaged or incomplete.") from None
        parts = self._archive.infolist()
        size = sum(each.file_size for each in parts)
        if size > limits.unpacked_bytes or len(parts) > MOST_PARTS:
            raise Unreadable(
                f"The document unpacks to {size / MEGABYTE:,.0f} MB in {len(parts):,} parts; at "
                f"most {limits.unpacked_bytes / MEGABYTE:,.0f} MB in {MOST_PARTS:,} are read."
            )
        self._characters = limits.characters
        self._budget = _Budget(limits)
        self._known_relations = dict[str, dict[str, tuple[str, str]]]()
        self._known_listed = dict[str, dict[str, str]]()
        root = self._relations("")
        self._main = next(
            (target for kind, target in root.values() if kind == "officeDocument"), ""
        )

    # Word ---------------------------------------------------------------------------------------

    def paragraphs(self) -> Iterator[str]:
        within, skipped, cells = "", 0, 0
        for mark, name, _ in self._events(self._main):
            if name == "Fallback" and mark:  # the same once more, for older programs
                skipped += 1 if mark == "<" else -1
            elif skipped:
                continue
            elif mark == "<":
                within = name
                cells += name == "tc"
                if name in ("tab", "br", "cr"):
                    yield "\t" if name == "tab" else "\n"
            elif mark == ">":
                within = ""
                if name == "tc":
                    cells -= 1
                    yield "\t"
                elif name in ("p", "tr"):
                    yield " " if name == "p" and cells else "\n"
            elif within == "t":
                yield name

    # PowerPoint ---------------------------------------------------------------------------------

    def slide_count(self) -> int:
        return len(self._listed("sldId"))

    def slides(self) -> Iterator[str]:
        for number, (part, _) in enumerate(self._first("sldId", "slides"), 1):
            yield f"\n[slide {number}]\n"
            within = ""
            for mark, name, _ in self._events(part):
                within = name if mark == "<" else "" if mark else within
                if (mark == ">" and name == "p") or (mark == "<" and name == "br"):
                    yield "\n"
                elif not mark and within == "t":
                    yield name

    # Excel --------------------------------------------------------------------------------------

    def sheets(self) -> Iterator[str]:
        shared, dates = self._shared(), self._date_styles()
        for part, title in self._first("sheet", "sheets"):
            yield f"\n[sheet {title}]\n"
            yield from self._rows(part, shared, dates)

    def _rows(self, part: str, shared: list[str], dates: set[int]) -> Iterator[str]:
        row, cell, value, within = dict[int, str](), dict[str, str](), "", ""
        for mark, name, attributes in self._events(part):
            if mark == "<":
                within = name
                if name == "c":
                    cell, value = dict(attributes), ""
            elif not mark:
                if within in ("v", "t") and len(value) <= self._characters:
                    value += name
            elif name == "c":
                column = _column(cell.get("r", ""), len(row))
                row[column] = _shown(cell, value, shared, dates)
            elif name == "row":
                if any(row.values()):
                    yield row.get(0, "")
                    # Cell by cell: a row may show one long shared string any number of times.
                    yield from (f"\t{row.get(at, '')}" for at in range(1, max(row) + 1))
                    yield "\n"
                row = {}
            else:
                within = ""

    def _shared(self) -> list[str]:
        """As many as can be shown."""
        found, text, within, left = list[str](), "", "", self._characters
        for mark, name, _ in self._optional("sharedStrings"):
            if mark == "<":
                within = name
                text = "" if name == "si" else text
            elif mark == ">":
                within = ""
                if name == "si":
                    found.append(text)
                    if len(found) > MOST_STRINGS:
                        raise Unreadable(
                            f"The document has more than {MOST_STRINGS:,} shared texts."
                        )
            elif within == "t":
                text += name
                left -= len(name)
                if left < 0:
                    return [*found, text]
        return found

    def _date_styles(self) -> set[int]:
        formats, found, count, within = set(DATES), set[int](), 0, False
        for mark, name, attributes in self._optional("styles"):
            if name == "cellXfs" and mark:
                within = mark == "<"
            elif mark == "<" and name == "numFmt":
                if DATE_CODE.search(
                    NO_DATE.sub("", attributes.get("formatCode", "")[:LONGEST_FORMAT])
                ):
                    formats.add(int(attributes.get("numFmtId", "0")))
            elif mark == "<" and name == "xf" and within:
                if int(attributes.get("numFmtId", "0")) in formats:
                    found.add(count)
                count += 1
        return found

    # Parts --------------------------------------------------------------------------------------

    def _first(self, element: str, noun: str) -> Iterator[tuple[str, str]]:
        """Part and name of as many as are read."""
        listed = self._listed(element)
        yield from islice(listed.items(), MOST_LISTED)
        if len(listed) > MOST_LISTED:
            raise Unreadable(
                f"The document has {len(listed):,} {noun}; the first {MOST_LISTED} are read."
            )

    def _listed(self, element: str) -> dict[str, str]:
        """Name by part of the sheets or slides that the main part lists, in its order.

        One that is listed again is the same, and left out.
        """
        if element not in self._known_listed:
            relations, listed = self._relations(self._main), dict[str, str]()
            for mark, name, attributes in self._events(self._main):
                if mark == "<" and name == element:
                    reference = attributes.get("r:id", "")
                    if reference in relations:
                        listed.setdefault(relations[reference][1], attributes.get("name", ""))
            self._known_listed[element] = listed
        return self._known_listed[element]

    def _optional(self, kind: str) -> Iterator[Event]:
        relations = self._relations(self._main).values()
        part = next((target for each, target in relations if each == kind), None)
        return iter(()) if part is None else self._events(part)

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Kind and target, by id."""
        if part not in self._known_relations:
            self._known_relations[part] = self._read_relations(part)
        return self._known_relations[part]

    def _read_relations(self, part: str) -> dict[str, tuple[str, str]]:
        folder, name = posixpath.split(part)
        listed = posixpath.join(folder, "_rels", f"{name}.rels")
        if part and listed not in self._archive.namelist():
            return {}
        return {
            attributes.get("Id", ""): (
                attributes.get("Type", "").rpartition("/")[2],
                posixpath.normpath(
                    posixpath.join("/", folder, attributes.get("Target", "")[:LONGEST_TARGET])
                ).lstrip("/"),
            )
            for mark, name, attributes in self._events(listed)
            if mark == "<" and name == "Relationship"
        }

    def _events(self, part: str) -> Iterator[Event]:
        with self._open(part) as stream:
            metered = cast(BinaryIO, _Metered(stream, self._budget))  # `read` is all that is used
            try:
                yield from self._budget.spend(events(metered))
            except (zipfile.BadZipFile, EOFError, OSError, ValueError):
                raise Unreadable("The document cannot be read: a part of it is damaged.") from None

    def _open(self, part: str) -> IO[bytes]:
        try:
            known = self._archive.getinfo(part).compress_type in COMPRESSIONS
            opened = self._archive.open(part) if known else None
        except KeyError:
            raise Unreadable("The document cannot be read: a part of it is missing.") from None
        except (zipfile.BadZipFile, NotImplementedError, OSError):
            raise Unreadable("The document cannot be read: a part of it is damaged.") from None
        except RuntimeError:  # NotImplementedError is one, too
            raise Unreadable("The document asks for a password.") from None
        if opened is None:
            raise Unreadable("The document cannot be read: a part of it is packed in an odd way.")
        return opened


def _column(reference: str, otherwise: int) -> int:
    """Of `AB12`, from nought."""
    number = 0
    for letter in reference[:4]:  # the last column is XFD
        if not letter.isalpha():
            break
        number = number * 26 + ord(letter.upper()) - 64
    return number - 1 if 0 < number <= MOST_COLUMNS else otherwise


def _shown(cell: dict[str, str], value: str, shared: list[str], dates: set[int]) -> str:
    match cell.get("t", "n"):
        case "s":
            if not value.isdigit():
                return ""
            return shared[int(value)] if int(value) < len(shared) else BEYOND
        case "b":
            return "TRUE" if value == "1" else "FALSE"
        case "n" if value and int(cell.get("s", "0")) in dates:
            return _date(value)
        case _:
            return value


def _date(value: str) -> str:
    try:
        moment = EPOCH + timedelta(days=float(value))
    except (ValueError, OverflowError):
        return value
    if moment.year < 1900:  # a time of day
        return moment.strftime("%H:%M:%S")
    return moment.strftime("%Y-%m-%d" if float(value).is_integer() else "%Y-%m-%d %H:%M")
