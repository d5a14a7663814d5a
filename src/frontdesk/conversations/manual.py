"""Use cases of people who answer: messages with text and files, drafts, another try."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

import asyncpg
import structlog

from frontdesk.billing.ledger import LedgerService
from frontdesk.billing.model import NOTHING
from frontdesk.conversations import composing
from frontdesk.conversations._store import letters, manual
from frontdesk.conversations.attaching import files_for, is_here, media_ids_of
from frontdesk.conversations.composing import Composed
from frontdesk.conversations.desk import take_over
from frontdesk.conversations.paying import NO_CREDIT, price_of, refund_canceled
from frontdesk.conversations.responses import (
    check_time,
    check_window,
    check_writable,
    first_id,
    message_row,
    was_scheduled,
)
from frontdesk.conversations.responses import quoted as find_quoted
from frontdesk.conversations.template_parts import again, is_template, moved
from frontdesk.db import queue
from frontdesk.db.crossing import again_when_crossed
from frontdesk.db.pool import Connection
from frontdesk.db.tenancy import Database
from frontdesk.kernel.clock import Clock, utc_now
from frontdesk.kernel.errors import Conflict, FrontdeskError, NotFound, PaymentRequired
from frontdesk.media import service as attachments
from frontdesk.media.service import MediaService
from frontdesk.ports import Capabilities, Carrier
from frontdesk.web.failures import DATABASE_AWAY

log = structlog.get_logger()

LONGEST_WAIT = 10.0
"""Seconds in which a caller is told what became of the message; it is sent later all the same."""
FIRST_LOOK = 0.01
LONGEST_LOOK = 0.25
DUE_BATCH = 100
UNDER_WAY = ("queued", "sending")


@dataclass(frozen=True)
class Response:
    """A person's response, as far as it got. `carrier_id` is the first message's."""

    message_ids: list[UUID]
    carrier_id: str | None
    sent: bool
    draft: bool = False
    scheduled: bool = False


class DraftChange(TypedDict, total=False):
    """What of a draft is to be different; what is not there stays."""

    content: str
    media_ids: list[UUID]
    scheduled_at: datetime | None
    """None: it waits for a person to send it."""


@dataclass(frozen=True)
class ManualService:
    db: Database
    media: MediaService
    carriers: Mapping[str, Carrier]
    ledger: LedgerService
    clock: Clock = utc_now

    async def known(
        self, domain_id: UUID, conversation_id: UUID, content: str, person_id: UUID, key: str | None
    ) -> list[UUID]:
        """What was queued before under this key. Raises what `send` raises without any file.

        For a caller who has something slow to do before it sends.
        """
        composing.check_length(content)
        async with self.db.tenant_tx(domain_id) as connection:
            place = await self.place(connection, domain_id, conversation_id)
            response_id = first_id(conversation_id, person_id, key)
            found = await manual.of_trace(connection, domain_id, response_id)
            if not found:
                self.may_write(place)
                await self._check_credit(connection, domain_id, place, [None])
        return found

    @again_when_crossed
    async def send(
        self,
        domain_id: UUID,
        conversation_id: UUID,
        content: str,
        media_ids: Sequence[UUID] = (),
        *,
        person_id: UUID | None = None,
        key: str | None = None,
        reply_to: UUID | None = None,
    ) -> list[UUID]:
        """Queues what a person answers, and gives the conversation to people; the messages' ids.

        `key` names the response for a caller who may repeat the request: it is sent once.
        """
        content = composing.check(content, len(media_ids))
        response_id = first_id(conversation_id, person_id, key)
        async with self.db.tenant_tx(domain_id) as connection:
            place = await self.place(connection, domain_id, conversation_id)
            if known := await manual.of_trace(connection, domain_id, response_id):
                return known
            capabilities = self.may_write(place)
            quoted = await find_quoted(connection, domain_id, conversation_id, reply_to)
            files = await files_for(connection, domain_id, conversation_id, media_ids)
            composed = composing.compose(content, files, capabilities, response_id, quoted)
            more = await self.queue(
                connection, domain_id, conversation_id, place, composed, person_id
            )
        message_ids = [part.message_id for part in composed.parts]
        self.db.changes.tell(domain_id, conversation_id, *message_ids, *more)
        return message_ids

    async def save_draft(
        self,
        domain_id: UUID,
        conversation_id: UUID,
        content: str,
        media_ids: Sequence[UUID] = (),
        *,
        person_id: UUID | None = None,
        key: str | None = None,
        reply_to: UUID | None = None,
        send_at: datetime | None = None,
    ) -> Response:
        """Keeps a response that is not to be sent yet; under one key, it keeps one."""
        content = composing.check(content, len(media_ids))
        check_time(send_at, self.clock())
        # A header has no line breaks: no key of a response that is sent is this one.
        draft_id = first_id(conversation_id, person_id, key and f"draft\n{key}")
        async with self.db.tenant_tx(domain_id) as connection:
            place = await self.place(connection, domain_id, conversation_id)
            if await manual.message(connection, domain_id, draft_id) is None:
                if send_at is not None:
                    self._may_ever_write(place)
                quoted = await find_quoted(connection, domain_id, conversation_id, reply_to)
                files = await files_for(connection, domain_id, conversation_id, media_ids)
                source = self.capabilities(place).source
                draft = composing.draft(draft_id, content, files, source, quoted)
                await manual.add_draft(
                    connection, domain_id, conversation_id, place, draft, person_id, send_at
                )
                await attachments.attach(
                    connection, domain_id, [file.media_id for file in files], draft_id
                )
        self.db.changes.tell(domain_id, conversation_id, draft_id)
        scheduled = send_at is not None
        return Response([draft_id], None, sent=False, draft=not scheduled, scheduled=scheduled)

    async def change_draft(self, domain_id: UUID, message_id: UUID, change: DraftChange) -> None:
        """Changes a draft or a scheduled message."""
        check_time(change.get("scheduled_at"), self.clock())
        async with self.db.tenant_tx(domain_id) as connection:
            row, _ = await self._draft(connection, domain_id, message_id)
            conversation_id = row["conversation_id"]
            if is_template(row["structured"]):
                await moved(connection, domain_id, row, dict(change))
                self.db.changes.tell(domain_id, conversation_id, message_id)
                return
            kept = await attachments.listed(connection, domain_id, media_ids_of(row))
            here = [each for each in media_ids_of(row) if is_here(kept.get(each))]
            # Detached, they are no second copy when they come back.
            await attachments.detach(connection, domain_id, message_id)
            wanted = change.get("media_ids", here)
            files = await files_for(connection, domain_id, conversation_id, wanted)
            text = composing.check(change.get("content", row["content"]), len(files))
            await manual.change_draft(
                connection,
                domain_id,
                message_id,
                text,
                composing.pointers(files),
                files[0].kind if files else "text",
                change.get("scheduled_at", row["scheduled_at"]),
            )
            await attachments.attach(
                connection, domain_id, [file.media_id for file in files], message_id
            )
        self.db.changes.tell(domain_id, conversation_id, message_id)

    async def is_note(self, domain_id: UUID, message_id: UUID) -> bool:
        """Whether the message is among people only."""
        async with self.db.tenant_tx(domain_id) as connection:
            return (await message_row(connection, domain_id, message_id))["kind"] == "note"

    async def delete_draft(self, domain_id: UUID, message_id: UUID) -> None:
        """Its files stay in the gallery."""
        async with self.db.tenant_tx(domain_id) as connection:
            row, _ = await self._draft(connection, domain_id, message_id)
            await manual.drop_draft(connection, domain_id, message_id)
            await attachments.detach(connection, domain_id, message_id)
        self.db.changes.tell_removed(domain_id, row["conversation_id"], message_id)

    async def send_draft(
        self, domain_id: UUID, message_id: UUID, *, due: bool = False
    ) -> list[UUID]:
        """Queues a draft, or what is scheduled; its first message keeps the draft's id.

        `due`: only a message whose time has come, and that nobody else is sending.
        """
        async with self.db.tenant_tx(domain_id) as connection:
            if due and not await manual.claim_due(connection, domain_id, message_id):
                return []
            row, place = await self._draft(connection, domain_id, message_id)
            conversation_id, person_id = row["conversation_id"], row["person_id"]
            capabilities = self.may_write(place, row["structured"])
            await manual.drop_draft(connection, domain_id, message_id)
            await attachments.detach(connection, domain_id, message_id)
            if is_template(row["structured"]):
                composed = await again(connection, domain_id, row, place)
            else:
                files = await files_for(connection, domain_id, conversation_id, media_ids_of(row))
                content = composing.check(row["content"], len(files))
                composed = composing.compose(
                    content, files, capabilities, message_id, row["reply_to"]
                )
            more = await self.queue(
                connection, domain_id, conversation_id, place, composed, person_id
            )
        message_ids = [part.message_id for part in composed.parts]
        self.db.changes.tell(domain_id, conversation_id, *message_ids, *more)
        return message_ids

    async def send_due(self) -> int:
        """Queues the scheduled messages whose time has come, each once; how many were looked at.

        What cannot be sent any more fails with the reason, where people see it.
        """
        async with self.db.system_tx() as connection:
            due = await manual.due(connection, DUE_BATCH)
        for domain_id, message_id in due:
            try:
                await self.send_draft(domain_id, message_id, due=True)
            except FrontdeskError as error:
                await self._fail_due(domain_id, message_id, error.detail)
            except DATABASE_AWAY:
                raise
            except Exception as error:  # whatever it is, the others are due all the same
                log.error("a scheduled message waits", message_id=str(message_id), exc_info=error)
        return len(due)

    async def _fail_due(self, domain_id: UUID, message_id: UUID, reason: str) -> None:
        async with self.db.tenant_tx(domain_id) as connection:
            conversation_id = await manual.fail_due(connection, domain_id, message_id, reason)
        if conversation_id is not None:
            self.db.changes.tell(domain_id, conversation_id, message_id)

    async def retry(self, domain_id: UUID, message_id: UUID) -> list[UUID]:
        """Sends a failed message once more."""
        async with self.db.tenant_tx(domain_id) as connection:
            row = await message_row(connection, domain_id, message_id)
            if row["status"] != "failed" or row["sender"] == "user":
                raise Conflict(f"only a failed message is sent again; this one is {row['status']}")
            place = await self.place(connection, domain_id, row["conversation_id"])
            self.may_write(place, row["structured"])
            await self._check_credit(connection, domain_id, place, [row["structured"]])
        if was_scheduled(row):
            return await self.send_draft(domain_id, message_id)
        # Apart: a message's row is locked before its conversation's, as everywhere.
        async with self.db.tenant_tx(domain_id) as connection:
            conversation_id = await letters.resend(connection, domain_id, message_id)
            if conversation_id is not None:
                await queue.enqueue(connection, "deliver", domain_id, conversation_id)
        self.db.changes.tell(domain_id, row["conversation_id"], message_id)
        return [message_id]

    async def outcome(self, domain_id: UUID, message_ids: Sequence[UUID]) -> Response:
        """Waits until the carrier has the messages, for a while. Raises Conflict when it refused,
        and PaymentRequired when the balance did not cover them.

        What is refused stays in the thread as failed, to be tried again.
        """
        deadline = asyncio.get_running_loop().time() + LONGEST_WAIT
        pause = FIRST_LOOK
        while True:
            async with self.db.tenant_tx(domain_id, durable=False) as connection:
                rows = await manual.sent_state(connection, domain_id, message_ids)
            failed = next((row for row in rows if row["status"] == "failed"), None)
            if failed is not None:
                refused = PaymentRequired if failed["error_code"] == NO_CREDIT else Conflict
                raise refused(
                    f"{failed['error']} (message {failed['message_id']} is kept as failed)"
                )
            done = all(row["status"] not in UNDER_WAY for row in rows)
            if done or asyncio.get_running_loop().time() > deadline:
                first = rows[0]["carrier_id"] if rows else None
                return Response(list(message_ids), first, sent=done)
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, LONGEST_LOOK)

    # Parts ------------------------------------------------------------------------------------

    async def queue(
        self,
        connection: Connection,
        domain_id: UUID,
        conversation_id: UUID,
        place: asyncpg.Record,
        composed: Composed,
        person_id: UUID | None,
    ) -> list[UUID]:
        """Puts the messages into the lane; what else changed in the thread, as people took over.

        Raises PaymentRequired when the balance does not cover them.
        """
        structured = [part.structured for part in composed.parts]
        await self._check_credit(connection, domain_id, place, structured)
        more = await take_over(connection, domain_id, conversation_id, person_id)
        if more:
            place = await self.place(connection, domain_id, conversation_id)
        idle = await manual.append(
            connection, domain_id, conversation_id, place, composed.parts, person_id
        )
        for message_id, media_ids in composed.files.items():
            await attachments.attach(connection, domain_id, media_ids, message_id)
        if idle:
            await queue.enqueue(connection, "deliver", domain_id, conversation_id)
        await refund_canceled(connection, domain_id, more)
        return more

    async def _check_credit(
        self,
        connection: Connection,
        domain_id: UUID,
        place: asyncpg.Record,
        messages: Sequence[Mapping[str, Any] | None],
    ) -> None:
        """Raises PaymentRequired when the balance does not cover the messages, of which each is
        what it has of `structured`. They are paid for when they are handed over."""
        prices = await self.ledger.prices_of(connection, domain_id)
        if prices is not None:
            needed = sum(
                (price_of(prices, place["kind"], place["address"], each) for each in messages),
                NOTHING,
            )
            await self.ledger.require(connection, domain_id, needed)

    async def place(
        self, connection: Connection, domain_id: UUID, conversation_id: UUID
    ) -> asyncpg.Record:
        place = await manual.lock(connection, domain_id, conversation_id)
        if place is None:
            raise NotFound(f"conversation {conversation_id} does not exist")
        return place

    async def _draft(
        self, connection: Connection, domain_id: UUID, message_id: UUID
    ) -> tuple[asyncpg.Record, asyncpg.Record]:
        """The draft and its conversation, locked: one caller at a time changes or sends it."""
        row = await message_row(connection, domain_id, message_id)
        place = await self.place(connection, domain_id, row["conversation_id"])
        row = await message_row(connection, domain_id, message_id)
        if row["status"] not in ("draft", "scheduled") and not was_scheduled(row):
            raise Conflict(
                "only a draft or a scheduled message can be changed or sent; "
                f"this message is {row['status']}"
            )
        return row, place

    def capabilities(self, place: asyncpg.Record) -> Capabilities:
        return self.carriers[place["carrier"]].capabilities[place["kind"]]

    def may_write(
        self, place: asyncpg.Record, structured: Mapping[str, Any] | None = None
    ) -> Capabilities:
        """Raises Conflict when the channel or the customer does not take the message now.

        It is judged again when the message is sent.
        """
        capabilities = self._may_ever_write(place)
        if not (capabilities.templates and is_template(structured)):
            check_window(place, capabilities, self.clock())
        return capabilities

    def _may_ever_write(self, place: asyncpg.Record) -> Capabilities:
        """The same without the window, which the customer opens by writing."""
        check_writable(place)
        return self.capabilities(place)
