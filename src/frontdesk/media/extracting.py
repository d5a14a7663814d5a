"""The text of a document, for those who keep the text alone: PDF, office documents, plain text."""

import asyncio
import re
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from frontdesk.kernel.errors import TooLarge, Unprocessable, UnsupportedMedia
from frontdesk.media.decoding.excerpt import CUT
from frontdesk.media.decoding.pool import Decoders
from frontdesk.media.sniffing import HEAD, sniff

MEGABYTE = 1024 * 1024
MOST_BYTES = 25 * MEGABYTE
PLACE = re.compile(r"^\[((?:page|slide|sheet)[^\]\n]*)\]$", re.MULTILINE)
"""How decoders head the parts of a document."""


@dataclass(frozen=True)
class TextExtractor:
    decoders: Decoders

    async def text_of(self, name: str, chunks: AsyncIterator[bytes]) -> str:
        """Markdown: each page, slide or sheet under a heading of its own.

        Raises TooLarge, UnsupportedMedia, Unprocessable.
        """
        with tempfile.TemporaryDirectory(prefix="frontdesk-") as folder:
            path, out = Path(folder, "document"), Path(folder, "made")
            await asyncio.to_thread(out.mkdir)
            head = await _spool(name, chunks, path)
            kind = sniff(head, name)
            if kind is None or kind.kind != "document":
                raise UnsupportedMedia(
                    f"{name[:80]!r} is no document; send Markdown, plain text, PDF, DOC(X), "
                    "XLS(X), PPT(X), CSV or RTF"
                )
            findings = await self.decoders.inspect(path, kind, out)
        text = (findings.text or "").removesuffix(CUT)
        if not text.strip():
            why = findings.error or "There is no text in it: it may be pictures of pages."
            raise Unprocessable(f"{name[:80]!r} has no text that can be read: {why}")
        return PLACE.sub(r"## \1", text)


async def _spool(name: str, chunks: AsyncIterator[bytes], path: Path) -> bytes:
    """Writes what comes to the file; its first bytes."""
    head, size = b"", 0
    with path.open("wb") as file:
        async for chunk in chunks:
            size += len(chunk)
            if size > MOST_BYTES:
                raise TooLarge(f"{name[:80]!r} is over {MOST_BYTES // MEGABYTE} MB")
            head += chunk[: HEAD - len(head)]
            await asyncio.to_thread(file.write, chunk)
    return head
