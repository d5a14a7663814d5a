"""Decoders that end with their test."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from frontdesk.media.decoding.pool import Decoders
from media.decoding.workbench import Workbench


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncGenerator[Workbench]:
    files, out = tmp_path / "files", tmp_path / "out"
    files.mkdir()
    out.mkdir()
    decoders = Decoders(processes=1)
    yield Workbench(decoders, files, out)
    await decoders.close()
