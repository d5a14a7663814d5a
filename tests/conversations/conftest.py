"""A channel to take messages in on, and a conversation with a message of ours in it."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from conversations.factory import arrival
from frontdesk.app.wiring import App
from frontdesk.kernel.ids import new_id


@dataclass
class Line:
    """A channel of the default domain."""

    app: App
    db: asyncpg.Connection
    domain_id: UUID
    channel_id: UUID

    async def take_in(self, address: str, sid: str, text: str = "Hello", **more: Any) -> int:
        one = arrival(self.domain_id, self.channel_id, address, sid, text, **more)
        return await self.app.conversations.record([one], [])

    async def outbound(self, sid: str | None) -> UUID:
        """A message of ours that is being sent, in a conversation of its own."""
        customer = f"+1415555{await self.db.fetchval('SELECT count(*) FROM conversations'):04}"
        await self.take_in(customer, f"in-{customer}")
        message_id = new_id()
        await self.db.execute(
            "INSERT INTO messages (domain_id, conversation_id, seq, message_id, channel_id, sender,"
            " kind, source, content, status, status_rank, carrier_id, trace_id)"
            " SELECT domain_id, conversation_id, 2, $2, channel_id, 'assistant', 'text',"
            " 'whatsapp', 'Hi', 'sending', 2, $3, gen_random_uuid() FROM conversations"
            " WHERE address = $1",
            customer,
            message_id,
            sid,
        )
        await self.db.execute("UPDATE conversations SET last_seq = 2 WHERE address = $1", customer)
        return message_id

    async def learn_id(self, message_id: UUID, sid: str) -> None:
        """The carrier's answer to a send has come: its id is known."""
        await self.db.execute(
            "UPDATE messages SET carrier_id = $2 WHERE message_id = $1", message_id, sid
        )

    async def message(self, message_id: UUID) -> asyncpg.Record:
        row = await self.db.fetchrow("SELECT * FROM messages WHERE message_id = $1", message_id)
        assert row is not None
        return row


@pytest.fixture
async def line(app: App, dsn: str) -> AsyncGenerator[Line]:
    db = await asyncpg.connect(dsn)
    row = await db.fetchrow("SELECT domain_id, channel_id FROM channels WHERE kind = 'wmsg'")
    assert row is not None
    yield Line(app, db, row["domain_id"], row["channel_id"])
    await db.close()
