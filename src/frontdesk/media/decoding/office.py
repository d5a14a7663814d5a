"""Office documents since 2007: text out of the XML in their archives ([ECMA-376]).

Read here because the three libraries for it build whole documents in memory to be edited, and
bring 17 MB; what is read is a dozen elements.
"""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from frontdesk.media.decoding.limits import MEGABYTE, Limits, Unreadable
from frontdesk.media.decoding.markup import Event, events

MOST_PARTS = 10_000
DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
"""Number formats of dates and times that every spreadsheet knows ([ECMA-376] 18.8.30)."""
DATE_CODE = re.compile(r"[ymdhs]", re.IGNORECASE)
NO_DATE = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
"""What a number format shows as it is, and its colours."""
EPOCH = datetime(1899, 12, 30)
"""Of day numbers; the one of 1904 is a setting of old Macintosh files."""
MOST_COLUMNS = 16_384


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
        for number, (_, part) in enumerate(self._listed("sldId"), 1):
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
        for title, part in self._listed("sheet"):
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
                if within in ("v", "t"):
                    value += name
            elif name == "c":
                column = _column(cell.get("r", ""), len(row))
                row[column] = _shown(cell, value, shared, dates)
            elif name == "row":
                if any(row.values()):
                    yield "\t".join(row.get(at, "") for at in range(max(row) + 1)) + "\n"
                row = {}
            else:
                within = ""

    def _shared(self) -> list[str]:
        found, text, within = list[str](), "", ""
        for mark, name, _ in self._optional("sharedStrings"):
            if mark == "<":
                within = name
                text = "" if name == "si" else text
            elif mark == ">":
                within = ""
                if name == "si":
                    found.append(text)
            elif within == "t":
                text += name
        return found

    def _date_styles(self) -> set[int]:
        formats, found, count, within = set(DATES), set[int](), 0, False
        for mark, name, attributes in self._optional("styles"):
            if name == "cellXfs" and mark:
                within = mark == "<"
            elif mark == "<" and name == "numFmt":
                if DATE_CODE.search(NO_DATE.sub("", attributes.get("formatCode", ""))):
                    formats.add(int(attributes.get("numFmtId", "0")))
            elif mark == "<" and name == "xf" and within:
                if int(attributes.get("numFmtId", "0")) in formats:
                    found.add(count)
                count += 1
        return found

    # Parts --------------------------------------------------------------------------------------

    def _listed(self, element: str) -> list[tuple[str, str]]:
        """Name and part of the sheets or slides that the main part lists, in its order."""
        relations = self._relations(self._main)
        return [
            (attributes.get("name", ""), relations[reference][1])
            for mark, name, attributes in self._events(self._main)
            if mark == "<" and name == element
            if (reference := attributes.get("r:id", "")) in relations
        ]

    def _optional(self, kind: str) -> Iterator[Event]:
        relations = self._relations(self._main).values()
        part = next((target for each, target in relations if each == kind), None)
        return iter(()) if part is None else self._events(part)

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Kind and target, by id."""
        folder, name = posixpath.split(part)
        listed = posixpath.join(folder, "_rels", f"{name}.rels")
        if part and listed not in self._archive.namelist():
            return {}
        return {
            attributes.get("Id", ""): (
                attributes.get("Type", "").rpartition("/")[2],
                posixpath.normpath(
                    posixpath.join("/", folder, attributes.get("Target", ""))
                ).lstrip("/"),
            )
            for mark, name, attributes in self._events(listed)
            if mark == "<" and name == "Relationship"
        }

    def _events(self, part: str) -> Iterator[Event]:
        with self._open(part) as stream:
            try:
                yield from events(stream)
            except (zipfile.BadZipFile, EOFError, OSError, ValueError):
                raise Unreadable("The document cannot be read: a part of it is damaged.") from None

    def _open(self, part: str) -> BinaryIO:
        try:
            # What a part unpacks to is what the archive says of it, or an error: zipfile counts.
            return self._archive.open(part)  # pyright: ignore[reportReturnType] - it is one to read
        except KeyError:
            raise Unreadable("The document cannot be read: a part of it is missing.") from None
        except RuntimeError:
            raise Unreadable("The document asks for a password.") from None
        except (zipfile.BadZipFile, NotImplementedError, OSError):
            raise Unreadable("The document cannot be read: a part of it is damaged.") from None


def _column(reference: str, otherwise: int) -> int:
    """Of `AB12`, from nought."""
    number = 0
    for letter in reference:
        if not letter.isalpha():
            break
        number = number * 26 + ord(letter.upper()) - 64
    return number - 1 if 0 < number <= MOST_COLUMNS else otherwise


def _shown(cell: dict[str, str], value: str, shared: list[str], dates: set[int]) -> str:
    match cell.get("t", "n"):
        case "s":
            return shared[int(value)] if value.isdigit() and int(value) < len(shared) else ""
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
