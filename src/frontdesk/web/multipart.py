"""One file out of a form, as it comes in: never whole in memory, never on a disk of ours."""

import re
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.requests import ClientDisconnect, Request

from frontdesk.kernel.errors import Invalid, TooLarge, Unprocessable, UnsupportedMedia

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

MOST_BEFORE = 1024 * 1024
"""Bytes of other fields before the file."""
MOST_HEADERS = 16
LONGEST_HEADER = 8192

_PARAMETER = re.compile(r';\s*([\w-]+\*?)\s*=\s*(?:"((?:\\.|[^"\\])*)"(?=\s*(?:;|$))|([^;]*))')
_ESCAPED = re.compile(r'\\(["\\])')
_BROWSERS_ESCAPE = (("%22", '"'), ("%0D", "\r"), ("%0A", "\n"))


@dataclass
class FilePart:
    """A file of a form. What the sender says of its name and type may be wrong."""

    filename: str
    content_type: str
    chunks: AsyncIterator[bytes]
    """Raises Invalid when the form ends before the file, or is broken off."""


async def file_part(request: Request, name: str) -> FilePart:
    """The first part of that name; the request has been read as far as its first bytes.

    Raises UnsupportedMedia when it is no form, Unprocessable when it has no such part, Invalid
    when it is broken, TooLarge when too much comes before the part.
    """
    header = request.headers.get("content-type", "")
    kind, options = parse_options_header(header)
    if kind != b"multipart/form-data":
        raise UnsupportedMedia(
            f"the content type is {header[:100]!r}; send multipart/form-data with a file {name!r}"
        )
    if not (boundary := options.get(b"boundary")):
        raise Invalid("the content type multipart/form-data names no boundary")
    try:
        form = _Form(name, boundary)
    except FormParserError as error:
        raise Invalid(f"the form's boundary is not valid: {error}") from error
    received = _received(request)
    while form.filename is None:
        chunk = await anext(received, None)
        if chunk is None:
            if not form.is_complete:
                raise Invalid(f"the form ended before there was a file {name!r}")
            raise Unprocessable(f"the form has no file {name!r}")
        form.write(chunk)
    return FilePart(form.filename, form.content_type, _chunks(form, received))


async def _received(request: Request) -> AsyncGenerator[bytes]:
    try:
        async for chunk in request.stream():
            yield chunk
    except ClientDisconnect as error:
        raise Invalid("the upload was broken off") from error


async def _chunks(form: "_Form", received: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    while True:
        if content := form.taken():
            yield content
        if form.is_over:
            return
        chunk = await anext(received, None)
        if chunk is None:
            raise Invalid("the form ended before its file did")
        form.write(chunk)


@dataclass
class _Form:
    """What the parser has seen so far."""

    name: str
    boundary: bytes
    filename: str | None = None
    """None until the wanted part begins."""
    content_type: str = ""
    is_over: bool = False
    """Whether the wanted part has ended."""
    is_complete: bool = False
    _content: list[bytes] = field(default_factory=list[bytes])
    _skipped: int = 0
    _label: bytes = b""
    _value: bytes = b""
    _headers: dict[bytes, bytes] = field(default_factory=dict[bytes, bytes])

    def __post_init__(self) -> None:
        callbacks: MultipartCallbacks = {
            "on_part_begin": self._headers.clear,
            "on_header_begin": self._begin_header,
            "on_header_field": self._add_label,
            "on_header_value": self._add_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._begin_content,
            "on_part_data": self._add_content,
            "on_part_end": self._end_part,
            "on_end": self._end,
        }
        self._parser = MultipartParser(
            self.boundary,
            callbacks,
            max_header_count=MOST_HEADERS,
            max_header_size=LONGEST_HEADER,
        )

    def write(self, chunk: bytes) -> None:
        """Raises Invalid, TooLarge."""
        if self.filename is None:
            self._skipped += len(chunk)
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise Invalid(f"the form is broken: {error}") from error
        if self.filename is None and self._skipped > MOST_BEFORE:
            raise TooLarge(f"more than 1 MB comes before the file {self.name!r}; send it first")

    def taken(self) -> bytes:
        """What of the file has come since the last time."""
        content = b"".join(self._content)
        self._content.clear()
        return content

    def _begin_header(self) -> None:
        self._label = self._value = b""

    def _add_label(self, data: bytes, start: int, end: int) -> None:
        self._label += data[start:end]

    def _add_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        self._headers[self._label.lower()] = self._value

    def _begin_content(self) -> None:
        parameters = _parameters(_text(self._headers.get(b"content-disposition", b"")))
        if self.filename is None and parameters.get("name") == self.name:
            self.filename = parameters.get("filename", "")
            self.content_type = _text(self._headers.get(b"content-type", b"")).strip()

    def _add_content(self, data: bytes, start: int, end: int) -> None:
        if self.filename is not None and not self.is_over:
            self._content.append(data[start:end])

    def _end_part(self) -> None:
        self.is_over = self.filename is not None

    def _end(self) -> None:
        self.is_complete = True


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _parameters(header: str) -> dict[str, str]:
    """Those of a content disposition, as browsers write them; `filename*` goes first."""
    found: dict[str, str] = {}
    extended: dict[str, str] = {}
    for label, quoted, plain in _PARAMETER.findall(header):
        label = label.lower()
        if label.endswith("*"):
            charset, _, value = (quoted or plain).strip().partition("'")
            charset = "utf-8" if charset.lower() == "utf-8" else "latin-1"
            extended[label[:-1]] = unquote(value.partition("'")[2], charset)
            continue
        value = _ESCAPED.sub(r"\1", quoted) if quoted else plain.strip().strip('"')
        for escaped, character in _BROWSERS_ESCAPE:
            value = value.replace(escaped, character)
        found.setdefault(label, value)
    return found | extended
