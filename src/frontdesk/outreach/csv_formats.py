"""What a CSV file is written in: its encoding, its delimiter, the ends of its lines.

Nothing in the file says so. UTF-8 is what fits the whole file or all of it before the first byte
that does not fit; UTF-16 is known by its mark or by its zeros; the rest is guessed.
"""

import codecs
import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, cast

from frontdesk.kernel.errors import Unprocessable

CHUNK = 1 << 20
SAMPLE = 1 << 16
"""Bytes that a guess is made from."""
DELIMITERS = ",;\t|"
COMPARED = 10
"""Lines that a delimiter is found by."""
# What spreadsheets of the world write. More would make each guess worse.
GUESSED = (
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp874",
    "shift_jis", "gb18030", "big5", "euc_kr",
)  # fmt: skip
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins as UTF-16's mark does
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# https://www.iana.org/assignments/media-types/application/zip, and the first bytes of OLE files
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
WESTERN = frozenset(
    "áàâäãåæçéèêëíìîïñóòôöõøœúùûüýÿßÁÀÂÄÃÅÆÇÉÈÊËÍÌÎÏÑÓÒÔÖÕØŒÚÙÛÜÝªº°€£¿¡«»’‘“”–—…·\xa0"
)
"""What beside ASCII is in texts of western Europe and the Americas."""
QUOTED = re.compile(r'"(?:[^"]|"")*"')
TOLD = f"{DELIMITERS}:"
"""What a file may say of itself that it uses."""
SEPARATOR_LINE = re.compile(rf"sep=([{TOLD}])(?:\r?\n|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Format:
    encoding: str
    """A codec's name; the file's mark is not part of the text."""
    begins: int
    """Where the text begins: after the mark."""
    bare_returns: bool
    """Lines end in a carriage return alone, as old spreadsheets of the Mac end them."""


@contextmanager
def as_utf8(path: Path) -> Generator[tuple[BufferedReader, int]]:
    """The file as UTF-8 with lines that end in LF, and where its text begins.

    One that is not is copied into a file without a name, which is gone when it is closed.
    Raises Unprocessable for what is no text.
    """
    with path.open("rb") as file:
        found = _format(file)
        if found.encoding == "utf-8" and not found.bare_returns:
            yield file, found.begins
            return
        with TemporaryFile() as copy:
            _transcode(file, found, copy)
            yield cast("BufferedReader", copy), 0


def delimiter_of(head: str) -> tuple[str, int]:
    """What separates cells, and how many bytes say so before the header."""
    if told := SEPARATOR_LINE.match(head):
        return told[1], told.end()
    lines = [line for line in QUOTED.sub("", head).splitlines() if line.strip(" ")][:COMPARED]
    if not lines:
        return DELIMITERS[0], 0

    def fits(delimiter: str) -> tuple[int, int]:
        """In how many lines it stands as often as in the header, and how often that is."""
        wanted = lines[0].count(delimiter)
        return sum(line.count(delimiter) == wanted for line in lines) if wanted else 0, wanted

    return max(DELIMITERS, key=fits), 0


def _format(file: BufferedReader) -> Format:
    head = file.read(SAMPLE)
    if head.startswith(WORKBOOKS):
        raise Unprocessable("the file is a workbook or an archive; save the sheet as CSV")
    encoding, begins = _encoding(file, head)
    text = head[begins:].decode(encoding, "replace")
    if not text.strip("\0 \t\r\n"):
        raise Unprocessable("the file is empty")
    control = sum(char < " " and char not in "\t\r\n\x1a" for char in text)
    if control > max(8, len(text) // 10):
        raise Unprocessable("the file is no text; send a CSV")
    return Format(encoding, begins, "\r" in text[:-1] and "\n" not in text)


def _encoding(file: BufferedReader, head: bytes) -> tuple[str, int]:
    for mark, encoding in MARKS:
        if head.startswith(mark):
            return encoding, len(mark)
    zeros = head[: len(head) // 2 * 2]
    if zeros[1::2].count(0) > len(zeros) // 5:
        return "utf-16-le", 0
    if zeros[::2].count(0) > len(zeros) // 5:
        return "utf-16-be", 0
    wrong = _first_wrong(file)
    if wrong is None:
        return "utf-8", 0
    around = _guessed_from(file, wrong)
    # Text that fits before makes it UTF-8 with a broken place; plain ASCII before says nothing.
    return ("utf-8", 0) if around is None else (_guess(around), 0)


def _first_wrong(file: BufferedReader) -> int | None:
    """Where the first byte is that is not UTF-8; the file is read through to know."""
    file.seek(0)
    decoder, at = codecs.getincrementaldecoder("utf-8")(), 0
    while chunk := file.read(CHUNK):
        try:
            decoder.decode(chunk)
        except UnicodeDecodeError as error:
            # The decoder may hold up to three bytes of the chunk before.
            return max(0, at + error.start - 3)
        at += len(chunk)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return max(0, at - 3)
    return None


def _guessed_from(file: BufferedReader, wrong: int) -> bytes | None:
    """The sample around a byte that is not UTF-8; None: what is before it says UTF-8."""
    file.seek(max(0, wrong - SAMPLE))
    before = file.read(wrong - file.tell())
    # A character may be cut at the start of the sample.
    if not before.decode("utf-8", "ignore").isascii():
        return None
    return before[-SAMPLE // 2 :] + file.read(SAMPLE // 2)


def _guess(sample: bytes) -> str:
    from charset_normalizer import from_bytes  # 30 ms, for the few files that need a guess

    # The lines that have such a byte: the plain ones around would all but hide it.
    telling = b"\n".join(line for line in sample.splitlines() if not line.isascii()) or sample
    text = telling.decode("cp1252", "replace")
    beyond = [char for char in text if not char.isascii()]
    letters = sum(map(str.isalpha, text))
    # Few accents among plain letters, each of them usual. The detector takes some of these for
    # Polish or Czech, whose texts have signs here that no western one has.
    if all(char in WESTERN for char in beyond) and len(beyond) <= letters // 3:
        return "cp1252"
    best = from_bytes(telling, cp_isolation=list(GUESSED)).best()
    return best.encoding if best is not None else "cp1252"


def _transcode(file: BufferedReader, found: Format, copy: IO[bytes]) -> None:
    file.seek(found.begins)
    decoder = codecs.getincrementaldecoder(found.encoding)("replace")
    while True:
        chunk = file.read(CHUNK)
        text = decoder.decode(chunk, final=not chunk)
        if found.bare_returns:
            text = text.replace("\r", "\n")
        copy.write(text.encode("utf-8", "replace"))
        if not chunk:
            break
    copy.seek(0)
