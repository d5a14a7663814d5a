"""Data directories with and without a database in them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.data_directory import copied, directory_of_our_own, kill_server
from frontdesk.db.embedded import start_server


@pytest.fixture(scope="session")
def fresh() -> Iterator[Path]:
    """A data directory with an empty database, made once; see `data`."""
    with directory_of_our_own() as directory:
        fresh = Path(directory) / "fresh"
        start_server(fresh).stop()
        yield fresh


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory that is ours alone (mode 0700); whatever runs below it at the end is killed."""
    with directory_of_our_own() as directory:
        yield Path(directory)
        kill_server(Path(directory))


@pytest.fixture
def data(fresh: Path) -> Iterator[Path]:
    """A data directory whose database is made, and does not run."""
    with copied(fresh) as data:
        yield data
