"""What was tried: the view over outreach, its messages and its cost."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from frontdesk.db.pool import Connection, Row

COLUMNS = (
    "call_id, campaign_id, channel, direction, call_type, source, phone_number, name, email,"
    " instruction, status, reason, duration, recording, transcript, cost, answered, contact_id,"
    " conversation_id, message_id, created_at, updated_at"
)

# The condition on created_at that is always true is the index's own.
PAGE = f"""
SELECT {COLUMNS} FROM call_logs
WHERE domain_id = $1 AND created_at > '-infinity'
AND ($2::text IS NULL OR channel = $2) AND ($3::text IS NULL OR status = $3)
AND ($4::uuid IS NULL OR campaign_id = $4)
AND ($5::text IS NULL OR phone_number LIKE $5 OR name ILIKE $5)
AND ($6::timestamptz IS NULL OR created_at >= $6) AND ($7::timestamptz IS NULL OR created_at < $7)
AND ($8::timestamptz IS NULL OR (created_at, call_id) < ($8, $9::uuid))
ORDER BY created_at DESC, call_id DESC LIMIT $10
"""


async def page(
    connection: Connection,
    domain_id: UUID,
    filters: Mapping[str, Any],
    before: tuple[datetime, UUID] | None,
    most: int,
) -> Sequence[Row]:
    """The newest first. `filters`: channel, status, campaign_id, like, since, until."""
    moment, call_id = before or (None, None)
    return await connection.fetch(
        PAGE,
        domain_id,
        filters.get("channel"),
        filters.get("status"),
        filters.get("campaign_id"),
        filters.get("like"),
        filters.get("since"),
        filters.get("until"),
        moment,
        call_id,
        most,
    )


async def one(connection: Connection, domain_id: UUID, call_id: UUID) -> Row | None:
    return await connection.fetchrow(
        f"SELECT {COLUMNS} FROM call_logs WHERE domain_id = $1 AND call_id = $2",
        domain_id,
        call_id,
    )
