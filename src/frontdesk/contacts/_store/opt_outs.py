"""The SQL of who must not be written to, on which channel."""

from collections.abc import Sequence
from uuid import UUID

from frontdesk.contacts.model import OptOut
from frontdesk.db.pool import Connection


async def opt_out(
    connection: Connection, domain_id: UUID, channel_id: UUID, contact_id: UUID, reason: str
) -> bool:
    """False when the contact had opted out already."""
    return (
        await connection.execute(
            "INSERT INTO opt_outs (domain_id, channel_id, contact_id, reason)"
            " VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            domain_id,
            channel_id,
            contact_id,
            reason,
        )
        == "INSERT 0 1"
    )


async def opt_in(
    connection: Connection, domain_id: UUID, channel_id: UUID, contact_id: UUID
) -> bool:
    """False when the contact had not opted out."""
    return (
        await connection.execute(
            "DELETE FROM opt_outs WHERE domain_id = $1 AND channel_id = $2 AND contact_id = $3",
            domain_id,
            channel_id,
            contact_id,
        )
        == "DELETE 1"
    )


async def of_contacts(
    connection: Connection, domain_id: UUID, contact_ids: Sequence[UUID]
) -> list[OptOut]:
    """One for each channel, the earliest: a person of several addresses says it once."""
    rows = await connection.fetch(
        "SELECT h.channel_id, h.kind, h.address, o.reason, o.at FROM channels h"
        " CROSS JOIN LATERAL ("
        "  SELECT reason, at FROM opt_outs o WHERE o.domain_id = $1"
        "  AND o.channel_id = h.channel_id AND o.contact_id = ANY($2::uuid[])"
        "  ORDER BY at LIMIT 1"
        " ) o WHERE h.domain_id = $1 ORDER BY o.at DESC",
        domain_id,
        contact_ids,
    )
    return [OptOut(*row.values()) for row in rows]
