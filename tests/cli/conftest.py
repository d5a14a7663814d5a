"""A data directory for commands that bring up their own PostgreSQL."""

import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def data() -> Generator[Path]:
    # Where the account that PostgreSQL runs as can come to, if the tests run as root.
    path = Path(tempfile.mkdtemp(prefix="frontdesk-cli-"))
    yield path / "data"
    shutil.rmtree(path)
