"""The bytes of attachments: a file for each, beside the journal, or gone with the process."""

import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

UNFINISHED = ".part"


class MediaFiles:
    """Files are named by the attachments' sids, which the sandbox makes itself."""

    def __init__(self, journal: Path | None) -> None:
        self._home = journal and journal.parent / "sandbox-media"
        self._temporary = journal is None
        self._ready: Path | None = None

    def path(self, sid: str) -> Path:
        return self._directory() / sid

    @contextmanager
    def writing(self, sid: str) -> Generator[BinaryIO]:
        """The file is there once the block has ended well, whole; else nothing is left of it."""
        final = self.path(sid)
        unfinished = final.with_name(sid + UNFINISHED)
        descriptor = os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(descriptor, "w+b") as file:
                yield file
            unfinished.replace(final)
        finally:
            unfinished.unlink(missing_ok=True)

    def put(self, sid: str, content: bytes) -> None:
        with self.writing(sid) as file:
            file.write(content)

    def drop(self, sid: str) -> None:
        if self._ready is not None or not self._temporary:
            self.path(sid).unlink(missing_ok=True)

    def close(self) -> None:
        if self._temporary and self._ready is not None:
            shutil.rmtree(self._ready, ignore_errors=True)
        self._ready = None

    def _directory(self) -> Path:
        if self._ready is None:
            if self._home is None:
                self._ready = Path(tempfile.mkdtemp(prefix="frontdesk-sandbox-"))
            else:
                self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
                for left in self._home.glob(f"*{UNFINISHED}"):
                    left.unlink(missing_ok=True)
                self._ready = self._home
        return self._ready
