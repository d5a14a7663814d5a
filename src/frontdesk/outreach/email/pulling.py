"""Reads a mailbox: each message becomes one outreach, or is noted with the reason why not.

A message is taken over in this order: its outreach and the note that it was read commit together;
then it is marked as read in the mailbox; then the mailbox's place moves on. Whatever ends the work
in between, the next pull finds the note and goes on: nothing is sent twice, nothing is left out.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from time import monotonic
from uuid import uuid4

import structlog

from frontdesk.assistants.service import AssistantService
from frontdesk.domains.service import DomainService
from frontdesk.kernel.clock import Clock, utc_now
from frontdesk.kernel.errors import FrontdeskError
from frontdesk.media.incoming import Incoming
from frontdesk.outreach.email import _store
from frontdesk.outreach.email.attaching import attaching_for
from frontdesk.outreach.email.composing import desk_of
from frontdesk.outreach.email.connection import MailboxFailed
from frontdesk.outreach.email.mailbox import Mailbox, Outline, Selected, opened
from frontdesk.outreach.email.model import (
    LONGEST_MAIL,
    Account,
    PullConfig,
    PulledEmail,
)
from frontdesk.outreach.email.taking import Seen, Taking, seen_as
from frontdesk.ports import Carrier
from frontdesk.web.trust import Trust

log = structlog.get_logger()

SEARCHED_AT_ONCE = 50_000
"""UIDs of one search: its answer is one line."""
LOOKED_AT = 200
"""Messages whose headers are read at once."""
READ_TOGETHER = 100
BYTES_TOGETHER = 4 * 1024 * 1024
LONGEST_PULL = 300.0
"""Seconds, after which other mailboxes have their turn; the rest comes at once after them."""
HEARTBEAT = 30.0
LONGEST_PAUSE = timedelta(hours=6)
MOST_AGAIN = 200


class Lost(Exception):
    """Somebody else reads the mailbox now, or its settings changed."""


@dataclass(frozen=True)
class Puller:
    """`claim` a mailbox that is due, then `pull` it."""

    domains: DomainService
    assistants: AssistantService
    trust: Trust
    incoming: Incoming
    carriers: Mapping[str, Carrier]
    clock: Clock = utc_now

    async def claim(self) -> PullConfig | None:
        async with self.domains.db.system_tx(durable=False) as connection:
            return await _store.claim(connection, uuid4())

    async def pull(self, config: PullConfig) -> None:
        """Reads what is new and notes when to come again. Never raises for the mailbox's sake."""
        pause, problem = timedelta(minutes=config.every_minutes), None
        try:
            async with self._alive(config):
                if await _Pull(self, config).run():
                    pause = timedelta(0)
        except Lost:
            return
        except asyncio.CancelledError:
            await asyncio.shield(self._release(config))
            raise
        except MailboxFailed as error:
            problem = error.text
        except FrontdeskError as error:
            problem = error.detail
        except Exception as error:
            log.error("reading a mailbox failed", config=str(config.config_id), exc_info=error)
            problem = f"Frontdesk failed while it read the mailbox ({type(error).__name__})"
        if problem is not None:
            pause = min(pause * 2 ** min(config.failures, 10), LONGEST_PAUSE)
            log.warning("mailbox not read", config=str(config.config_id), problem=problem)
        async with self.domains.db.tenant_tx(config.domain_id) as connection:
            await _store.finish(connection, config, pause, problem)
        self.domains.db.changes.tell_settings(config.domain_id, "email_pulls", config.config_id)

    async def _release(self, config: PullConfig) -> None:
        """Lets another worker go on at once."""
        async with self.domains.db.tenant_tx(config.domain_id) as connection:
            await _store.release(connection, config)

    @asynccontextmanager
    async def _alive(self, config: PullConfig) -> AsyncGenerator[None]:
        """Shows others that the mailbox is being read; ends the work when that right is lost."""
        work = asyncio.current_task()
        lost = False

        async def beat() -> None:
            nonlocal lost
            while True:
                await asyncio.sleep(HEARTBEAT)
                async with self.domains.db.tenant_tx(config.domain_id) as connection:
                    if not await _store.alive(connection, config):
                        lost = True
                        assert work is not None
                        work.cancel()
                        return

        beating = asyncio.create_task(beat())
        try:
            yield
        except asyncio.CancelledError:
            if not lost:
                raise
            assert work is not None
            work.uncancel()
            raise Lost from None
        finally:
            beating.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await beating


class _Pull:
    """One reading of one mailbox."""

    def __init__(self, puller: Puller, config: PullConfig) -> None:
        self._puller = puller
        self._db = puller.domains.db
        self._config = config
        self._until = monotonic() + LONGEST_PULL

    async def run(self) -> bool:
        """Whether there is more to read than the time allowed."""
        config = self._config
        secret = self._puller.domains.cipher.open(config.sealed_password, config.password_context)
        account = Account(config.host, config.port, config.security, config.username, secret)
        desk = await desk_of(self._puller.domains, config)
        puller = self._puller
        attaching = await attaching_for(puller.incoming, puller.carriers, self._db, config)
        self._taking = Taking(self._db, puller.assistants, puller.clock, config, desk, attaching)
        async with opened(account, self._puller.trust) as mailbox:
            folder = await mailbox.select(config.folder, read_only=not config.mark_seen)
            await self._again(mailbox, folder)
            return await self._onwards(mailbox, folder)

    async def _onwards(self, mailbox: Mailbox, folder: Selected) -> bool:
        """Reads from where the last pull came to, a bounded number of messages at a time."""
        same = self._config.uid_validity == folder.uid_validity
        last = self._config.last_uid if same else 0
        top = None if folder.uid_next is None else folder.uid_next - 1
        window = SEARCHED_AT_ONCE
        while top is None or last < top:
            few = folder.exists <= SEARCHED_AT_ONCE
            high = top if few or top is None else min(top, last + window)
            found = await mailbox.search(self._config.search, last + 1, high)
            # Where there is nothing the next search covers more: ids may be far apart.
            window = SEARCHED_AT_ONCE if found else window * 2
            for start in range(0, len(found), LOOKED_AT):
                if monotonic() > self._until:
                    return True
                uids = found[start : start + LOOKED_AT]
                await self._take(mailbox, folder, await mailbox.outlines(uids))
                await self._reached(folder, uids[-1])
            if high is None:
                return False
            last = high
            await self._reached(folder, last)
        return False

    async def _reached(self, folder: Selected, uid: int) -> None:
        async with self._db.tenant_tx(self._config.domain_id, durable=False) as connection:
            if not await _store.reached(connection, self._config, folder.uid_validity, uid):
                raise Lost

    async def _again(self, mailbox: Mailbox, folder: Selected) -> None:
        """Reads once more what people asked for."""
        config = self._config
        async with self._db.tenant_tx(config.domain_id) as connection:
            asked = await _store.waiting(connection, config.domain_id, config.config_id, MOST_AGAIN)
        for email in asked:
            uids = await self._find(mailbox, folder, email)
            outlines = await mailbox.outlines(uids) if uids else []
            if outlines:
                outline = replace(outlines[0], key=email.message_key)
                await self._take(mailbox, folder, [outline], again=True)
            else:
                await self._taking.note(
                    replace(email, status="failed", reason="It is not there any more")
                )

    async def _find(self, mailbox: Mailbox, folder: Selected, email: PulledEmail) -> list[int]:
        if email.uid is not None and email.uid_validity == folder.uid_validity:
            return [email.uid]
        if email.message_key.startswith("sha256:") or not email.message_key.isascii():
            return []
        text = email.message_key.replace("\\", "\\\\").replace('"', '\\"')
        return await mailbox.search(f'HEADER Message-ID "{text}"', 1, None)

    # Messages ---------------------------------------------------------------------------------

    async def _take(
        self, mailbox: Mailbox, folder: Selected, outlines: Sequence[Outline], again: bool = False
    ) -> None:
        config = self._config
        keys = [each.key for each in outlines if each.key]
        async with self._db.tenant_tx(config.domain_id) as connection:
            known = await _store.settled(connection, config.domain_id, config.config_id, keys)
        # What was done before may not be marked as read yet: the pull may have ended in between.
        seen = [each.uid for each in outlines if known.get(each.key or "") == "done"]
        await self._mark(mailbox, seen)
        new = [each for each in outlines if again or (each.key or "") not in known]
        for together in _portions(new):
            found = await self._read(mailbox, folder, together)
            await self._mark(mailbox, await self._taking.over(folder, found))

    async def _mark(self, mailbox: Mailbox, uids: list[int]) -> None:
        if self._config.mark_seen and uids:
            await mailbox.mark_seen(uids)

    async def _read(
        self, mailbox: Mailbox, folder: Selected, outlines: Sequence[Outline]
    ) -> list[Seen]:
        keys = {each.uid: each.key for each in outlines}
        whole = [each for each in outlines if each.size <= LONGEST_MAIL]
        raw = await mailbox.messages([each.uid for each in whole]) if whole else {}
        read_one = [
            Seen(
                each.uid,
                each.key or f"uid:{folder.uid_validity}:{each.uid}",
                None,
                f"It has {each.size / 2**20:.0f} MB; mails of up to {LONGEST_MAIL // 2**20} MB "
                "are read",
            )
            for each in outlines
            if each.size > LONGEST_MAIL
        ]
        # Parsing 25 MB takes a second.
        read_one += await asyncio.to_thread(
            lambda: [seen_as(uid, content, keys.get(uid)) for uid, content in raw.items()]
        )
        return sorted(read_one, key=lambda each: each.uid)


def _portions(outlines: Sequence[Outline]) -> Iterator[list[Outline]]:
    """Together no more than fits into memory, however large the mails are."""
    together: list[Outline] = []
    size = 0
    for each in outlines:
        if together and (len(together) >= READ_TOGETHER or size + each.size > BYTES_TOGETHER):
            yield together
            together, size = [], 0
        together.append(each)
        size += each.size
    if together:
        yield together
