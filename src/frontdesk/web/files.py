"""A stored file as an answer: ranges, conditions, and headers that keep its content harmless."""

import re
import unicodedata
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from urllib.parse import quote

import structlog
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Send

log = structlog.get_logger()

Read = Callable[[int, int], AsyncIterator[bytes]]
"""The bytes from the first up to and without the second place."""

_SANDBOX = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'"
_RANGE = re.compile(r"bytes=\s*(\d*)-(\d*)\s*", re.ASCII)
_NOT_ASCII_SAFE = re.compile(r"[^A-Za-z0-9._ +\-]+")
_LONGEST_NUMBER = 18


def serve(
    request: Request,
    *,
    read: Read,
    size: int,
    content_type: str,
    filename: str,
    etag: str,
    modified: datetime | None,
    inline: bool,
    cache: str,
) -> Response:
    """The file, a part of it, or that it has not changed, as the request asks for.

    What `read` raises before its first bytes is raised; afterwards the connection breaks.
    """
    etag = etag if etag.startswith('"') else f'"{etag}"'
    headers = {
        "ETag": etag,
        "Cache-Control": cache,
        "Accept-Ranges": "bytes",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": _policy(content_type),
        "Cross-Origin-Resource-Policy": "same-site",
    }
    if modified is not None:
        modified = modified.astimezone(UTC).replace(microsecond=0)
        headers["Last-Modified"] = format_datetime(modified, usegmt=True)
    if _is_unchanged(request, etag, modified):
        return Response(status_code=304, headers=headers)
    if content_type.startswith("text/") and "charset" not in content_type:
        content_type += "; charset=utf-8"
    headers["Content-Type"] = content_type
    headers["Content-Disposition"] = content_disposition(filename, inline=inline)
    start, end, status = 0, size, 200
    if asked := _range(request, size, etag, modified):
        start, end = asked
        if start >= end:
            headers["Content-Range"] = f"bytes */{size}"
            del headers["Content-Type"], headers["Content-Disposition"]
            return Response(status_code=416, headers=headers)
        status = 206
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    headers["Content-Length"] = str(end - start)
    if request.method == "HEAD" or start == end:
        return Response(status_code=status, headers=headers)
    return _Part(read, start, end, status, headers)


def content_disposition(filename: str, *, inline: bool) -> str:
    """The header (RFC 6266): the name in UTF-8 and, for old readers, in ASCII."""
    filename = filename.encode("utf-8", "replace").decode()
    letters = unicodedata.normalize("NFKD", filename).encode("ascii", "ignore").decode()
    plain = _NOT_ASCII_SAFE.sub("_", letters)
    value = f'{"inline" if inline else "attachment"}; filename="{plain}"'
    return value if plain == filename else f"{value}; filename*=UTF-8''{quote(filename, safe='')}"


def _policy(content_type: str) -> str:
    # Chrome shows no PDF in a sandbox; scripts in a PDF do not reach the site.
    return _SANDBOX if content_type == "application/pdf" else f"{_SANDBOX}; sandbox"


def _is_unchanged(request: Request, etag: str, modified: datetime | None) -> bool:
    """Whether the caller has it already."""
    if (known := request.headers.get("if-none-match")) is not None:
        tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
        return "*" in tags or etag in tags
    since = _date(request.headers.get("if-modified-since"))
    return since is not None and modified is not None and modified <= since


def _range(
    request: Request, size: int, etag: str, modified: datetime | None
) -> tuple[int, int] | None:
    """Start and end of the one range that is asked for, empty when it is not in the file.

    None for the whole: also when several are asked for, or the caller's part is of another file.
    """
    match = _RANGE.fullmatch(request.headers.get("range", ""))
    if match is None or request.method != "GET":
        return None
    known = request.headers.get("if-range")
    if known is not None and known != etag and (modified is None or _date(known) != modified):
        return None
    first, last = match.groups()
    if not (first or last) or max(len(first), len(last)) > _LONGEST_NUMBER:
        return None
    if not first:
        return max(0, size - int(last)), size
    end = size if not last else min(size, int(last) + 1)
    if last and int(last) < int(first):
        return None
    return int(first), end


def _date(value: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value) if value else None
    except ValueError:
        return None
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)


class _Part(StreamingResponse):
    """Bytes of a file, which ends as broken when the store breaks."""

    def __init__(
        self, read: Read, start: int, end: int, status: int, headers: dict[str, str]
    ) -> None:
        self._left = end - start
        super().__init__(read(start, end), status, headers)

    async def stream_response(self, send: Send) -> None:
        chunks = aiter(self.body_iterator)
        try:
            await self._send(chunks, send)
        finally:
            if isinstance(chunks, AsyncGenerator):
                await chunks.aclose()

    async def _send(self, chunks: AsyncIterator[Any], send: Send) -> None:
        chunk = await anext(chunks, None)  # a store that is away is an error page
        await send(
            {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        )
        try:
            while chunk is not None and self._left > 0:
                chunk = chunk[: self._left]
                self._left -= len(chunk)
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
                chunk = await anext(chunks, None)
        except Exception as error:
            log.warning("file broken off", left=self._left, error=repr(error)[:300])
            return
        if self._left:
            log.warning("file broken off", left=self._left, error="the store has too few bytes")
            return
        await send({"type": "http.response.body", "body": b"", "more_body": False})
