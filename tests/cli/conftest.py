"""What commands are run on: the test's own database, or a data directory of their own."""

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


@pytest.fixture
def env(dsn: str, tmp_path: Path) -> dict[str, str]:
    """The installation that the fixtures `app`, `desk` and `web` are, for a process."""
    return {"FRONTDESK_DATABASE_URL": dsn, "FRONTDESK_DATA": str(tmp_path)}
