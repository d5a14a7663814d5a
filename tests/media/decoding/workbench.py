"""Where the tests put files before decoders."""

from dataclasses import dataclass
from pathlib import Path

from frontdesk.media.decoding.pool import Decoders
from frontdesk.media.model import FileType, Findings, Made
from frontdesk.ports import MediaKind, MediaLimit


@dataclass
class Workbench:
    """A directory with files in it, another for what is made of them, and decoders."""

    decoders: Decoders
    files: Path
    out: Path

    async def inspect(
        self, path: Path, kind: MediaKind, content_type: str = "application/octet-stream"
    ) -> Findings:
        return await self.decoders.inspect(
            path, FileType(kind, content_type, path.suffix), self.out
        )

    async def convert(
        self, path: Path, kind: MediaKind, content_type: str, max_bytes: int, *to: str
    ) -> Made:
        file = FileType(kind, content_type, path.suffix)
        return await self.decoders.convert(path, file, MediaLimit(max_bytes, to), self.out)
