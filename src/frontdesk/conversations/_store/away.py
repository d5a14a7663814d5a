"""What a conversation has heard while nobody was there: looked up for few turns, outside hours."""

from datetime import datetime
from uuid import UUID

from frontdesk.db.pool import Connection

LOOKED = 500
"""Messages back from the newest. A conversation with more in one night is told once more."""

LATELY = """
SELECT v.last_seq,
    (
        SELECT m.structured->>'away_until' FROM messages m
        WHERE m.domain_id = $1 AND m.conversation_id = $2 AND m.seq > v.last_seq - $3
        AND m.sender = 'system' AND m.structured ? 'away_until' ORDER BY m.seq DESC LIMIT 1
    ) AS away_until,
    (
        SELECT m.created_at FROM messages m
        WHERE m.domain_id = $1 AND m.conversation_id = $2 AND m.seq > v.last_seq - $3
        AND m.sender = 'human' AND m.status NOT IN ('draft', 'scheduled', 'noted')
        ORDER BY m.seq DESC LIMIT 1
    ) AS person_wrote_at
FROM conversations v WHERE v.domain_id = $1 AND v.conversation_id = $2
"""


async def lately(
    connection: Connection, domain_id: UUID, conversation_id: UUID
) -> tuple[str | None, datetime | None]:
    """Until when the last away message said that nobody is there; when a person last wrote."""
    row = await connection.fetchrow(LATELY, domain_id, conversation_id, LOOKED)
    return (row["away_until"], row["person_wrote_at"]) if row else (None, None)
