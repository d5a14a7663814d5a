"""Use cases of people who answer: messages with text and files, drafts, another try."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypedDict
from uuid import UUID, uuid5

import asyncpg
import structlog

from frontdesk.conversations import composing
from frontdesk.conversations._store import letters, manual
from frontdesk.conversations.attaching import files_for, is_here, media_ids_of
from frontdesk.conversations.composing import Composed
from frontdesk.conversations.desk import take_over
from frontdesk.db import queue
from frontdesk.db.pool import Connection
from frontdesk.db.tenancy import Database
from frontdesk.kernel.clock import Clock, utc_now
from frontdesk.kernel.errors import Conflict, FrontdeskError, NotFound, Unprocessable
from frontdesk.kernel.ids import new_id
from frontdesk.media import service as attachments
from frontdesk.media.service import MediaService
from frontdesk.ports import Capabilities, Carrier
from frontdesk.web.failures import DATABASE_AWAY

log = structlog.get_logger()

LONGEST_WAIT = 10.0
"""Seconds in which a caller is told what became of the message; it is sent later all the same."""
FIRST_LOOK = 0.01
LONGEST_LOOK = 0.25
LONGEST_AHEAD = timedelta(days=90)
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
    clock: Clock = utc_now

    async def known(
        self, domain_id: UUID, conversation_id: UUID, content: str, person_id: UUID, key: str | None
    ) -> list[UUID]:
        """What was queued before under this key. Raises what `send` raises without any file.

        For a caller who has something slow to do before it sends.
        """
        composing.check_length(content)
        async with self.db.tenant_tx(domain_id) as connection:
            place = await self._place(connection, domain_id, conversation_id)
            first_id = _first_id(conversation_id, person_id, key)
            found = await manual.of_trace(connection, domain_id, first_id)
            if not found:
                self._may_write(place)
        return found

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
        first_id = _first_id(conversation_id, person_id, key)
        async with self.db.tenant_tx(domain_id) as connection:
            place = await self._place(connection, domain_id, conversation_id)
            if known := await manual.of_trace(connection, domain_id, first_id):
                return known
            capabilities = self._may_write(place)
            quoted = await _quoted(connection, domain_id, conversation_id, reply_to)
            files = await files_for(connection, domain_id, conversation_id, media_ids)
            composed = composing.compose(content, files, capabilities, first_id, quoted)
            more = await self._queue(
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
        self._check_time(send_at)
        # A header has no line breaks: no key of a response that is sent is this one.
        draft_id = _first_id(conversation_id, person_id, key and f"draft\n{key}")
        async with self.db.tenant_tx(domain_id) as connection:
            place = await self._place(connection, domain_id, conversation_id)
            if await manual.message(connection, domain_id, draft_id) is None:
                if send_at is not None:
                    self._may_ever_write(place)
                quoted = await _quoted(connection, domain_id, conversation_id, reply_to)
                files = await files_for(connection, domain_id, conversation_id, media_ids)
                source = self._capabilities(place).source
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
        self._check_time(change.get("scheduled_at"))
        async with self.db.tenant_tx(domain_id) as connection:
            row, _ = await self._draft(connection, domain_id, message_id)
            conversation_id = row["conversation_id"]
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
            return (await _message(connection, domain_id, message_id))["kind"] == "note"

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
            capabilities = self._may_write(place)
            await manual.drop_draft(connection, domain_id, message_id)
            await attachments.detach(connection, domain_id, message_id)
            files = await files_for(connection, domain_id, conversation_id, media_ids_of(row))
            content = composing.check(row["content"], len(files))
            composed = composing.compose(content, files, capabilities, message_id, row["reply_to"])
            more = await self._queue(
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
            row = await _message(connection, domain_id, message_id)
            if row["status"] != "failed" or row["sender"] == "user":
                raise Conflict(f"only a failed message is sent again; this one is {row['status']}")
            self._may_write(await self._place(connection, domain_id, row["conversation_id"]))
        if _was_scheduled(row):
            return await self.send_draft(domain_id, message_id)
        # Apart: a message's row is locked before its conversation's, as everywhere.
        async with self.db.tenant_tx(domain_id) as connection:
            conversation_id = await letters.resend(connection, domain_id, message_id)
            if conversation_id is not None:
                await queue.enqueue(connection, "deliver", domain_id, conversation_id)
        self.db.changes.tell(domain_id, row["conversation_id"], message_id)
        return [message_id]

    async def outcome(self, domain_id: UUID, message_ids: Sequence[UUID]) -> Response:
        """Waits until the carrier has the messages, for a while. Raises Conflict when it refused.

        What is refused stays in the thread as failed, to be tried again.
        """
        deadline = asyncio.get_running_loop().time() + LONGEST_WAIT
        pause = FIRST_LOOK
        while True:
            async with self.db.tenant_tx(domain_id, durable=False) as connection:
                rows = await manual.sent_state(connection, domain_id, message_ids)
            failed = next((row for row in rows if row["status"] == "failed"), None)
            if failed is not None:
                raise Conflict(
                    f"{failed['error']} (message {failed['message_id']} is kept as failed)"
                )
            done = all(row["status"] not in UNDER_WAY for row in rows)
            if done or asyncio.get_running_loop().time() > deadline:
                first = rows[0]["carrier_id"] if rows else None
                return Response(list(message_ids), first, sent=done)
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, LONGEST_LOOK)

    # Parts ------------------------------------------------------------------------------------

    async def _queue(
        self,
        connection: Connection,
        domain_id: UUID,
        conversation_id: UUID,
        place: asyncpg.Record,
        composed: Composed,
        person_id: UUID | None,
    ) -> list[UUID]:
        """Puts the messages into the lane; what else changed in the thread, as people took over."""
        more = await take_over(connection, domain_id, conversation_id, person_id)
        if more:
            place = await self._place(connection, domain_id, conversation_id)
        idle = await manual.append(
            connection, domain_id, conversation_id, place, composed.parts, person_id
        )
        for message_id, media_ids in composed.files.items():
            await attachments.attach(connection, domain_id, media_ids, message_id)
        if idle:
            await queue.enqueue(connection, "deliver", domain_id, conversation_id)
        return more

    async def _place(
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
        row = await _message(connection, domain_id, message_id)
        place = await self._place(connection, domain_id, row["conversation_id"])
        row = await _message(connection, domain_id, message_id)
        if row["status"] not in ("draft", "scheduled") and not _was_scheduled(row):
            raise Conflict(
                "only a draft or a scheduled message can be changed or sent; "
                f"this message is {row['status']}"
            )
        return row, place

    def _capabilities(self, place: asyncpg.Record) -> Capabilities:
        return self.carriers[place["carrier"]].capabilities[place["kind"]]

    def _may_write(self, place: asyncpg.Record) -> Capabilities:
        """Raises Conflict when the channel or the customer takes no free text now.

        It is judged again when the message is sent.
        """
        capabilities = self._may_ever_write(place)
        hours, opened = capabilities.window_hours, place["last_inbound_at"]
        if hours is not None and (opened is None or self.clock() - opened > timedelta(hours=hours)):
            raise Conflict(
                f"the customer last wrote more than {hours} hours ago: outside this window "
                "WhatsApp takes approved templates only, and this channel has none; wait until "
                "the customer writes"
            )
        return capabilities

    def _may_ever_write(self, place: asyncpg.Record) -> Capabilities:
        """The same without the window, which the customer opens by writing."""
        if place["state"] != "active":
            raise Conflict(
                f"the channel is {place['state']}: {place['state_reason'] or 'no reason'}"
            )
        if place["blocked"]:
            raise Conflict("the contact is blocked; unblock the contact to write to them")
        if place["opted_out"]:
            raise Conflict("the customer has opted out of messages on this channel")
        return self._capabilities(place)

    def _check_time(self, send_at: datetime | None) -> None:
        if send_at is None:
            return
        now = self.clock()
        if send_at.tzinfo is None or not now < send_at <= now + LONGEST_AHEAD:
            raise Unprocessable(
                f"the message is to be sent at {send_at.isoformat()}; use a moment with its time "
                f"zone within the next {LONGEST_AHEAD.days} days"
            )


def _was_scheduled(row: asyncpg.Record) -> bool:
    """Whether it failed when its time had come: it is still as it was written."""
    never_queued = row["queued_at"] is None and row["scheduled_at"] is not None
    return row["status"] == "failed" and never_queued


def _first_id(conversation_id: UUID, person_id: UUID | None, key: str | None) -> UUID:
    """The id of a response's first message: under one key always the same."""
    return new_id() if key is None else uuid5(conversation_id, f"{person_id} {key}")


async def _message(connection: Connection, domain_id: UUID, message_id: UUID) -> asyncpg.Record:
    row = await manual.message(connection, domain_id, message_id)
    if row is None:
        raise NotFound(f"message {message_id} does not exist")
    return row


async def _quoted(
    connection: Connection, domain_id: UUID, conversation_id: UUID, reply_to: UUID | None
) -> str | None:
    """The carrier's id of a message that is replied to. Raises Unprocessable."""
    if reply_to is None:
        return None
    row = await manual.message(connection, domain_id, reply_to)
    if row is None or row["conversation_id"] != conversation_id:
        raise Unprocessable(f"reply_to is {reply_to}; use a message of this conversation")
    if row["carrier_id"] is None:
        raise Unprocessable(f"reply_to is {reply_to}, which the customer does not have")
    return row["carrier_id"]
