"""A mailbox of the test's own, and a domain that reads it."""

from collections.abc import Generator

import pytest

from outreach.email.imap_server import ABSENT, ImapServer, imap_server, is_here
from outreach.email.reader import Reader
from pipeline.desk import Desk


@pytest.fixture
def imap() -> Generator[ImapServer]:
    if not is_here():
        pytest.skip(ABSENT)
    with imap_server() as server:
        yield server


@pytest.fixture
async def reader(web: Desk, imap: ImapServer) -> Reader:
    return Reader(web, imap)
