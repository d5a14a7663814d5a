"""The SQL of contacts and their opt-outs."""

from collections.abc import Sequence
from uuid import UUID

from frontdesk.db.pool import Connection


async def known_as(
    connection: Connection, domain_id: UUID, addresses: Sequence[str], user_id: str | None
) -> list[tuple[str, str | None]]:
    """Address and user id of the contacts that have one of the addresses or the user id."""
    rows = await connection.fetch(
        "SELECT address, external_user_id FROM contacts"
        " WHERE domain_id = $1 AND (address = ANY($2) OR external_user_id = $3)",
        domain_id,
        addresses,
        user_id,
    )
    return [(row["address"], row["external_user_id"]) for row in rows]


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
