"""The SQL of who a message is from."""

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
