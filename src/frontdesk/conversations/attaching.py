"""Files on their way into a message that people write."""

from collections.abc import Sequence
from uuid import UUID

from frontdesk.db.pool import Connection, Row
from frontdesk.kernel.errors import Unprocessable
from frontdesk.media import service as attachments
from frontdesk.media.model import Media


def media_ids_of(row: Row) -> list[UUID]:
    """The files that a stored message names."""
    return [UUID(item["media_id"]) for item in (row["structured"] or {}).get("media", ())]


def is_here(media: Media | None) -> bool:
    return media is not None and media.state == "stored"


async def files_for(
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
        if media is None or not is_here(media):
            raise Unprocessable(f"media {media_id} does not exist, or is not here any more")
        if media.message_id is not None or media.conversation_id != conversation_id:
            media = await attachments.copied(connection, media, conversation_id)
        files.append(media)
    return files
