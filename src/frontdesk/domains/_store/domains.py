"""The SQL of domains."""

from uuid import UUID

from frontdesk.db.pool import Connection
from frontdesk.domains.model import Domain

DOMAIN = "domain_id, name, display_name, default_assistant_id, settings, created_at"


async def insert_domain(
    connection: Connection, domain_id: UUID, name: str, display_name: str
) -> Domain | None:
    """None when the name is taken."""
    row = await connection.fetchrow(
        "INSERT INTO domains (domain_id, name, display_name) VALUES ($1, $2, $3)"
        f" ON CONFLICT (name) DO NOTHING RETURNING {DOMAIN}",
        domain_id,
        name,
        display_name,
    )
    return row and Domain(**row)


async def domain_by_name(connection: Connection, name: str) -> Domain | None:
    row = await connection.fetchrow(f"SELECT {DOMAIN} FROM domains WHERE name = $1", name)
    return row and Domain(**row)


async def domain_by_id(connection: Connection, domain_id: UUID) -> Domain | None:
    row = await connection.fetchrow(f"SELECT {DOMAIN} FROM domains WHERE domain_id = $1", domain_id)
    return row and Domain(**row)


async def all_domains(connection: Connection) -> list[Domain]:
    return [
        Domain(**row)
        for row in await connection.fetch(f"SELECT {DOMAIN} FROM domains ORDER BY name")
    ]


async def update_domain(connection: Connection, domain: Domain) -> None:
    await connection.execute(
        "UPDATE domains SET display_name = $2, default_assistant_id = $3, settings = $4"
        " WHERE domain_id = $1",
        domain.domain_id,
        domain.display_name,
        domain.default_assistant_id,
        domain.settings,
    )


async def technical(connection: Connection, domain_id: UUID) -> bytes | None:
    return await connection.fetchval(
        "SELECT technical FROM domains WHERE domain_id = $1", domain_id
    )


async def set_technical(connection: Connection, domain_id: UUID, sealed: bytes) -> None:
    await connection.execute(
        "UPDATE domains SET technical = $2 WHERE domain_id = $1", domain_id, sealed
    )
