"""Use cases of people who talk about a conversation: private notes, mentions, reactions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict
from uuid import UUID

import asyncpg

from frontdesk.conversations import composing
from frontdesk.conversations._store import desk, manual, notes, reads
from frontdesk.conversations.attaching import files_for, is_here, media_ids_of
from frontdesk.conversations.responses import first_id
from frontdesk.db.pool import Connection
from frontdesk.db.tenancy import Database
from frontdesk.kernel.errors import Conflict, Forbidden, NotFound, Unprocessable
from frontdesk.media import service as attachments
from frontdesk.ports import Carrier

LONGEST_EMOJI = 32


class NoteChange(TypedDict, total=False):
    """What of a note is to be different; what is not there stays."""

    content: str
    media_ids: list[UUID]
    mentions: list[UUID]


@dataclass(frozen=True)
class NoteService:
    db: Database
    carriers: Mapping[str, Carrier]

    async def add(
        self,
        domain_id: UUID,
        conversation_id: UUID,
        person_id: UUID,
        content: str,
        *,
        mentions: Sequence[UUID] = (),
        media_ids: Sequence[UUID] = (),
        key: str | None = None,
    ) -> UUID:
        """Writes a note, under one key once; whoever it mentions has an unread mention."""
        content = composing.check(content, len(media_ids))
        # A header has no line breaks: no key of a response to the customer is this one.
        note_id = first_id(conversation_id, person_id, key and f"note\n{key}")
        async with self.db.tenant_tx(domain_id) as connection:
            if key is not None:
                await notes.hold(connection, domain_id, conversation_id)
                if await manual.message(connection, domain_id, note_id) is not None:
                    return note_id
            await _check_members(connection, domain_id, mentions)
            files = await files_for(connection, domain_id, conversation_id, media_ids)
            structured = composing.pointers(files)
            added = await notes.add(
                connection, domain_id, conversation_id, note_id, content, structured, person_id
            )
            if not added:
                raise NotFound(f"conversation {conversation_id} does not exist")
            await attachments.attach(
                connection, domain_id, [file.media_id for file in files], note_id
            )
            await notes.mention(
                connection, domain_id, conversation_id, note_id, mentions, person_id
            )
        self.db.changes.tell(domain_id, conversation_id, note_id)
        return note_id

    async def change(
        self, domain_id: UUID, note_id: UUID, person_id: UUID, change: NoteChange
    ) -> None:
        """Changes a person's own note. Raises Forbidden for others'."""
        async with self.db.tenant_tx(domain_id) as connection:
            row = await _note(connection, domain_id, note_id)
            if row["person_id"] != person_id:
                raise Forbidden("only who wrote a note can change it")
            conversation_id = row["conversation_id"]
            kept = await attachments.listed(connection, domain_id, media_ids_of(row))
            here = [each for each in media_ids_of(row) if is_here(kept.get(each))]
            # Detached, they are no second copy when they come back.
            await attachments.detach(connection, domain_id, note_id)
            wanted = change.get("media_ids", here)
            files = await files_for(connection, domain_id, conversation_id, wanted)
            content = composing.check(change.get("content", row["content"]), len(files))
            await notes.change(connection, domain_id, note_id, content, composing.pointers(files))
            await attachments.attach(
                connection, domain_id, [file.media_id for file in files], note_id
            )
            if "mentions" in change:
                await _check_members(connection, domain_id, change["mentions"])
                await notes.mention(
                    connection, domain_id, conversation_id, note_id, change["mentions"], person_id
                )
        self.db.changes.tell(domain_id, conversation_id, note_id)

    async def delete(
        self, domain_id: UUID, note_id: UUID, person_id: UUID, *, of_anybody: bool
    ) -> None:
        """Deletes a note; its files stay in the gallery."""
        async with self.db.tenant_tx(domain_id) as connection:
            row = await _note(connection, domain_id, note_id)
            if row["person_id"] != person_id and not of_anybody:
                raise Forbidden("only who wrote a note can delete it, or an admin")
            await notes.drop(connection, domain_id, note_id)
            await attachments.detach(connection, domain_id, note_id)
        self.db.changes.tell_removed(domain_id, row["conversation_id"], note_id)

    async def react(
        self, domain_id: UUID, message_id: UUID, person_id: UUID, emoji: str | None
    ) -> None:
        """Puts the business's reaction on a message; None takes it back.

        Raises Conflict where the carrier takes none.
        """
        if emoji is not None and not 0 < len(emoji) <= LONGEST_EMOJI:
            raise Unprocessable(f"emoji has {len(emoji)} characters; use 1 to {LONGEST_EMOJI}")
        async with self.db.tenant_tx(domain_id) as connection:
            row = await reads.channel_of_message(connection, domain_id, message_id)
            if row is None:
                raise NotFound(f"message {message_id} does not exist")
            if not self.carriers[row["carrier"]].capabilities[row["kind"]].reactions:
                raise Conflict("this channel's carrier takes no reactions; answer with a message")
            await notes.react(connection, domain_id, message_id, person_id, emoji)
        self.db.changes.tell(domain_id, row["conversation_id"], message_id)


async def _check_members(
    connection: Connection, domain_id: UUID, person_ids: Sequence[UUID]
) -> None:
    known = await desk.members(connection, domain_id, person_ids) if person_ids else set[UUID]()
    if strangers := set(person_ids) - known:
        raise Unprocessable(
            f"mentions names {min(strangers)}, who is not one of this domain's people"
        )


async def _note(connection: Connection, domain_id: UUID, note_id: UUID) -> asyncpg.Record:
    row = await notes.lock(connection, domain_id, note_id)
    if row is None:
        raise NotFound(f"note {note_id} does not exist")
    return row
