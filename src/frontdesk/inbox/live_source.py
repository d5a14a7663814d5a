"""What changed, as every member of its domain sees it: read once, however many look."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from frontdesk.conversations.reading import ReadingService, Told
from frontdesk.conversations.shapes import conversation_out, message_out
from frontdesk.ports import Carrier


class Source(Protocol):
    """Where the hub reads. Each item is an event's content, as JSON."""

    async def conversations(self, domain_id: UUID, ids: Sequence[UUID]) -> list[bytes]: ...

    async def messages(self, domain_id: UUID, ids: Sequence[UUID]) -> list[bytes]: ...


@dataclass(frozen=True)
class InboxSource:
    """Conversations and messages in the shapes of the API, without what is one viewer's own."""

    reading: ReadingService
    carriers: Mapping[str, Carrier]
    base: str
    """Where this server is reached: addresses of files begin with it."""

    async def conversations(self, domain_id: UUID, ids: Sequence[UUID]) -> list[bytes]:
        rows = await self.reading.conversations(domain_id, ids)
        return [
            b'{"conversation":%b}' % conversation_out(row, self.carriers).model_dump_json().encode()
            for row in rows
        ]

    async def messages(self, domain_id: UUID, ids: Sequence[UUID]) -> list[bytes]:
        found = await self.reading.messages(domain_id, ids)
        # A reaction is not shown by itself but on the message that it is for.
        targets = {target for told in found if (target := _target(told)) is not None}
        if targets:
            found = [told for told in found if _target(told) is None]
            found += await self.reading.messages(domain_id, list(targets - set(ids)))
        return [
            b'{"chat_id":"%b","message":%b}'
            % (
                str(told.row["conversation_id"]).encode(),
                message_out(told, self.base).model_dump_json().encode(),
            )
            for told in found
        ]


def _target(told: Told) -> UUID | None:
    if told.row["kind"] != "reaction" or told.row["quote"] is None:
        return None
    return UUID(told.row["quote"]["message_id"])
