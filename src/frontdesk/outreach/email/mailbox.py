"""One mailbox, opened: folders, search, headers, messages. Each call waits in a thread of its own.

imap-tools does the commands; its client is our guarded connection.
"""

import asyncio
import imaplib
import re
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from imap_tools.errors import ImapToolsError, MailboxLoginError, UnexpectedCommandStatusError
from imap_tools.mailbox import BaseMailBox
from imap_tools.utils import encode_folder

from frontdesk.outreach.email.connection import (
    Connection,
    Line,
    MailboxFailed,
    Route,
    explained,
    routes_to,
    said,
)
from frontdesk.outreach.email.model import Account
from frontdesk.outreach.email.reading import key_of
from frontdesk.web.trust import Trust

OPEN_SECONDS = 40.0
CALL_SECONDS = 120.0
MOST_FOLDERS = 1_000
HEADERS = "(UID RFC822.SIZE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])"
WHOLE = "(UID BODY.PEEK[])"

_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_MESSAGE_ID = re.compile(rb"^message-id:[ \t]*((?:.|\r?\n[ \t])*)", re.IGNORECASE | re.MULTILINE)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Selected:
    """A folder as it is now. Its UIDs mean something as long as `uid_validity` stays."""

    uid_validity: int
    uid_next: int | None
    exists: int


@dataclass(frozen=True, slots=True)
class Outline:
    """A message, as far as it is known without its words."""

    uid: int
    size: int
    key: str | None
    """None: it has no Message-ID, so that all of it must be read to know it again."""


class _Client(BaseMailBox):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        super().__init__()

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        return self._connection


@dataclass
class Mailbox:
    """Opened by `opened`."""

    account: Account
    _threads: ThreadPoolExecutor = field(repr=False)
    _line: Line = field(default_factory=Line, repr=False)
    _connection: Connection | None = field(default=None, repr=False)
    _client: _Client | None = field(default=None, repr=False)

    async def _call(self, work: Callable[[], T], seconds: float = CALL_SECONDS) -> T:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(seconds):
                return await loop.run_in_executor(self._threads, work)
        except MailboxFailed:
            raise
        except UnexpectedCommandStatusError as error:
            raise MailboxFailed(f"{self.account.host} refuses{said(_told(error))}") from None
        except (TimeoutError, OSError, EOFError, imaplib.IMAP4.error, ImapToolsError) as error:
            raise MailboxFailed(explained(error, self.account)) from None
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            # What imaplib does with answers that are not IMAP.
            raise MailboxFailed(
                f"{self.account.host} does not speak IMAP ({type(error).__name__})"
            ) from None

    def close(self) -> None:
        """Ends whatever the thread waits for; the thread then closes the connection."""
        self._line.give_up()

        def work() -> None:
            if self._connection is not None:
                self._connection.shutdown()
            elif self._line.sock is not None:
                self._line.sock.close()

        self._threads.submit(work)
        self._threads.shutdown(wait=False)

    async def sign_in(self, routes: list[Route]) -> None:
        def work() -> None:
            account = self.account
            self._connection = Connection(account, routes, self._line)
            client = _Client(self._connection)
            plain = (account.username + account.password).isascii()
            sign_in = client.login if plain else client.login_utf8
            try:
                sign_in(account.username, account.password, initial_folder=None)
            except MailboxLoginError as error:
                raise MailboxFailed(
                    f"{account.host} refuses the user name or the password{said(_told(error))}"
                ) from None
            except imaplib.IMAP4.abort:
                raise
            except imaplib.IMAP4.error as error:
                raise MailboxFailed(
                    f"{account.host} refuses the user name or the password"
                    f"{said(str(error).encode())}"
                ) from None
            self._client = client

        await self._call(work, OPEN_SECONDS)

    @property
    def _imap(self) -> imaplib.IMAP4:
        assert self._client is not None
        return self._client.client

    async def folders(self) -> list[str]:
        def work() -> list[str]:
            assert self._client is not None
            listed = self._client.folder.list()
            return sorted(each.name for each in listed if "\\Noselect" not in each.flags)

        return (await self._call(work))[:MOST_FOLDERS]

    async def select(self, folder: str, *, read_only: bool) -> Selected:
        """Raises MailboxFailed when there is no such folder."""

        def work() -> Selected:
            imap = self._imap
            status, answer = imap.select(encode_folder(folder).decode("ascii"), readonly=read_only)
            if status != "OK":
                told = answer[0] if answer and isinstance(answer[0], bytes) else b""
                raise MailboxFailed(f"the folder {folder[:80]!r} cannot be opened{said(told)}")
            validity, following = _number(imap, "UIDVALIDITY"), _number(imap, "UIDNEXT")
            if validity is None:
                raise MailboxFailed(f"{self.account.host} does not keep the ids of its messages")
            exists = answer[0] or b"0"
            return Selected(validity, following, int(exists))

        return await self._call(work)

    async def search(self, criteria: str, low: int, high: int | None) -> list[int]:
        """The UIDs from `low` to `high` (None: the last) that match, in order."""

        def work() -> list[int]:
            assert self._client is not None
            last = "*" if high is None else str(high)
            found = self._client.uids(f"UID {low}:{last} {criteria}", charset=None)
            # "5:*" has the last message, whatever its number.
            return sorted(uid for uid in map(int, found) if uid >= low)

        return await self._call(work)

    async def count(self, criteria: str) -> int:
        """How many messages of the folder match."""
        return len(await self.search(criteria, 1, None))

    async def outlines(self, uids: Sequence[int]) -> list[Outline]:
        """Those of the messages that are still there."""

        def work() -> list[Outline]:
            found: list[Outline] = []
            for head, content in self._fetched(uids, HEADERS):
                uid, size = _UID.search(head), _SIZE.search(head)
                if uid is not None:
                    told = _MESSAGE_ID.search(content)
                    key = key_of(_unfolded(told[1])) if told else None
                    found.append(Outline(int(uid[1]), int(size[1]) if size else 0, key))
            return found

        return await self._call(work)

    async def messages(self, uids: Sequence[int]) -> dict[int, bytes]:
        def work() -> dict[int, bytes]:
            found: dict[int, bytes] = {}
            for head, content in self._fetched(uids, WHOLE):
                uid = _UID.search(head)
                if uid is not None:
                    found[int(uid[1])] = content
            return found

        return await self._call(work)

    def _fetched(self, uids: Sequence[int], what: str) -> Iterable[tuple[bytes, bytes]]:
        """What was said around each literal, and the literal."""
        status, answer = self._imap.uid("FETCH", ",".join(map(str, uids)), what)
        if status != "OK":
            raise MailboxFailed(f"{self.account.host} does not give its messages")
        head: bytes | None = None
        content = b""
        for item in answer:
            if isinstance(item, tuple):
                if head is not None:
                    yield head, content
                head, content = item[0], item[1]
            elif head is not None and isinstance(item, bytes):
                head += b" " + item
        if head is not None:
            yield head, content

    async def mark_seen(self, uids: Sequence[int]) -> None:
        def work() -> None:
            status, _ = self._imap.uid(
                "STORE", ",".join(map(str, uids)), "+FLAGS.SILENT", "(\\Seen)"
            )
            if status != "OK":
                raise MailboxFailed("the messages cannot be marked as read")

        if uids:
            await self._call(work)

    async def sign_out(self) -> None:
        def work() -> None:
            with suppress(Exception):
                self._imap.logout()

        with suppress(MailboxFailed):
            await self._call(work, 5.0)


@asynccontextmanager
async def opened(account: Account, trust: Trust) -> AsyncGenerator[Mailbox]:
    """Signs in. Raises Blocked, MailboxFailed."""
    routes = await routes_to(account, trust)
    threads = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mailbox")
    mailbox = Mailbox(account, threads)
    try:
        await mailbox.sign_in(routes)
        yield mailbox
        await mailbox.sign_out()
    finally:
        mailbox.close()


def _told(error: UnexpectedCommandStatusError) -> bytes:
    status: Any = error.command_result
    try:
        return bytes(status[1][0])
    except (TypeError, IndexError):
        return b""


def _number(imap: imaplib.IMAP4, name: str) -> int | None:
    _, values = imap.response(name)
    value = values[-1] if values else None
    return int(value) if isinstance(value, bytes) and value.isdigit() else None


def _unfolded(value: bytes) -> str:
    return re.sub(rb"\r?\n[ \t]+", b" ", value).decode("utf-8", "replace")
