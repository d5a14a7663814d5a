"""Use cases of people who answer: messages with text and files, drafts, another try."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid5

import asyncpg

from frontdesk.conversations import composing
from frontdesk.conversations._store import letters, manual
from frontdesk.conversations.composing import Composed
from frontdesk.db import queue
from frontdesk.db.pool import Connection
from frontdesk.db.tenancy import Database
from frontdesk.kernel.clock import Clock, utc_now
from frontdesk.kernel.errors import Conflict, NotFound, Unprocessable
from frontdesk.kernel.ids import new_id
from frontdesk.media import service as attachments
from frontdesk.media.model import Media
from frontdesk.media.service import MediaService
from frontdesk.ports import Capabilities, Carrier

LONGEST_WAIT = 10.0
"""Seconds in which a caller is told what became of the message; it is sent later all the same."""
FIRST_LOOK = 0.01
LONGEST_LOOK = 0.25
UNDER_WAY = ("queued", "sending")


@dataclass(frozen=True)
class Response:
    """A person's response, as far as it got. `carrier_id` is the first message's."""

    message_ids: list[UUID]
    carrier_id: str | None
    sent: bool
    draft: bool = False


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
            files = await _files(connection, domain_id, conversation_id, media_ids)
            composed = composing.compose(content, files, capabilities, first_id)
            await self._queue(connection, domain_id, conversation_id, place, composed, person_id)
        return [part.message_id for part in composed.parts]

    async def save_draft(
        self,
        domain_id: UUID,
        conversation_id: UUID,
        content: str,
        media_ids: Sequence[UUID] = (),
        *,
        person_id: UUID | None = None,
        key: str | None = None,
    ) -> Response:
        """Keeps a response that is not to be sent yet; under one key, it keeps one."""
        content = composing.check(content, len(media_ids))
        draft_id = _first_id(conversation_id, person_id, key and f"draft {key}")
        async with self.db.tenant_tx(domain_id) as connection:
            place = await self._place(connection, domain_id, conversation_id)
            if await manual.message(connection, domain_id, draft_id) is None:
                files = await _files(connection, domain_id, conversation_id, media_ids)
                draft = composing.draft(draft_id, content, files, self._capabilities(place).source)
                await manual.add_draft(
                    connection, domain_id, conversation_id, place, draft, person_id
                )
                await attachments.attach(
                    connection, domain_id, [file.media_id for file in files], draft_id
                )
        return Response([draft_id], None, sent=False, draft=True)

    async def change_draft(
        self, domain_id: UUID, message_id: UUID, content: str | None, media_ids: list[UUID] | None
    ) -> UUID:
        """Changes what is given; the conversation's id."""
        async with self.db.tenant_tx(domain_id) as connection:
            row, _ = await self._draft(connection, domain_id, message_id)
            conversation_id = row["conversation_id"]
            kept = await attachments.listed(connection, domain_id, _media_ids(row))
            here = [each for each in _media_ids(row) if _is_here(kept.get(each))]
            # Detached, they are no second copy when they come back.
            await attachments.detach(connection, domain_id, message_id)
            wanted = here if media_ids is None else media_ids
            files = await _files(connection, domain_id, conversation_id, wanted)
            text = composing.check(row["content"] if content is None else content, len(files))
            await manual.change_draft(
                connection,
                domain_id,
                message_id,
                text,
                composing.pointers(files),
                files[0].kind if files else "text",
            )
            await attachments.attach(
                connection, domain_id, [file.media_id for file in files], message_id
            )
        return conversation_id

    async def delete_draft(self, domain_id: UUID, message_id: UUID) -> None:
        """Its files stay in the gallery."""
        async with self.db.tenant_tx(domain_id) as connection:
            await self._draft(connection, domain_id, message_id)
            await manual.drop_draft(connection, domain_id, message_id)
            await attachments.detach(connection, domain_id, message_id)

    async def send_draft(self, domain_id: UUID, message_id: UUID) -> list[UUID]:
        """Queues a draft; its first message keeps the draft's id."""
        async with self.db.tenant_tx(domain_id) as connection:
            row, place = await self._draft(connection, domain_id, message_id)
            conversation_id = row["conversation_id"]
            capabilities = self._may_write(place)
            await manual.drop_draft(connection, domain_id, message_id)
            await attachments.detach(connection, domain_id, message_id)
            files = await _files(connection, domain_id, conversation_id, _media_ids(row))
            content = composing.check(row["content"], len(files))
            composed = composing.compose(content, files, capabilities, message_id)
            await self._queue(
                connection, domain_id, conversation_id, place, composed, row["person_id"]
            )
        return [part.message_id for part in composed.parts]

    async def retry(self, domain_id: UUID, message_id: UUID) -> list[UUID]:
        """Sends a failed message once more."""
        async with self.db.tenant_tx(domain_id) as connection:
            row = await _message(connection, domain_id, message_id)
            if row["status"] != "failed" or row["sender"] == "user":
                raise Conflict(f"only a failed message is sent again; this one is {row['status']}")
            self._may_write(await self._place(connection, domain_id, row["conversation_id"]))
        # Apart: a message's row is locked before its conversation's, as everywhere.
        async with self.db.tenant_tx(domain_id) as connection:
            conversation_id = await letters.resend(connection, domain_id, message_id)
            if conversation_id is not None:
                await queue.enqueue(connection, "deliver", domain_id, conversation_id)
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
    ) -> None:
        await manual.people_answer(connection, domain_id, conversation_id)
        idle = await manual.append(
            connection, domain_id, conversation_id, place, composed.parts, person_id
        )
        for message_id, media_ids in composed.files.items():
            await attachments.attach(connection, domain_id, media_ids, message_id)
        if idle:
            await queue.enqueue(connection, "deliver", domain_id, conversation_id)

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
        if row["status"] != "draft":
            raise Conflict(f"only a draft can be changed or sent; this message is {row['status']}")
        return row, place

    def _capabilities(self, place: asyncpg.Record) -> Capabilities:
        return self.carriers[place["carrier"]].capabilities[place["kind"]]

    def _may_write(self, place: asyncpg.Record) -> Capabilities:
        """Raises Conflict when the channel or the customer takes no free text now.

        It is judged again when the message is sent.
        """
        capabilities = self._capabilities(place)
        if place["state"] != "active":
            raise Conflict(
                f"the channel is {place['state']}: {place['state_reason'] or 'no reason'}"
            )
        if place["opted_out"]:
            raise Conflict("the customer has opted out of messages on this channel")
        hours, opened = capabilities.window_hours, place["last_inbound_at"]
        if hours is not None and (opened is None or self.clock() - opened > timedelta(hours=hours)):
            raise Conflict(
                f"the customer last wrote more than {hours} hours ago: outside this window "
                "WhatsApp takes approved templates only, and this channel has none; wait until "
                "the customer writes"
            )
        return capabilities


def _media_ids(row: asyncpg.Record) -> list[UUID]:
    return [UUID(item["media_id"]) for item in (row["structured"] or {}).get("media", ())]


def _is_here(media: Media | None) -> bool:
    return media is not None and media.state == "stored"


def _first_id(conversation_id: UUID, person_id: UUID | None, key: str | None) -> UUID:
    """The id of a response's first message: under one key always the same."""
    return new_id() if key is None else uuid5(conversation_id, f"{person_id} {key}")


async def _message(connection: Connection, domain_id: UUID, message_id: UUID) -> asyncpg.Record:
    row = await manual.message(connection, domain_id, message_id)
    if row is None:
        raise NotFound(f"message {message_id} does not exist")
    return row


async def _files(
    connection: Connection, domain_id: UUID, conversation_id: UUID, media_ids: Sequence[UUID]
) -> list[Media]:
    """The files, each in no other message: what is sent again gets a place of its own.

    Inside the transaction that stores the message, so that a failure leaves no copies.
    """
    if len(set(media_ids)) != len(media_ids):
        raise Unprocessable("media_ids names a file twice")
    if not media_ids:
        return []
    found = await attachments.listed(connection, domain_id, media_ids)
    files: list[Media] = []
    for media_id in media_ids:
        media = found.get(media_id)
        if media is None or not _is_here(media):
            raise Unprocessable(f"media {media_id} does not exist, or is not here any more")
        if media.message_id is not None or media.conversation_id != conversation_id:
            media = await attachments.copied(connection, media, conversation_id)
        files.append(media)
    return files
