"""The SQL of saved views."""

from uuid import UUID

from frontdesk.db.pool import Connection
from frontdesk.inbox.model import View

VIEW = "view_id, person_id, name, filters, shared"


async def visible(connection: Connection, domain_id: UUID, person_id: UUID) -> list[View]:
    """The person's own and those that others share."""
    rows = await connection.fetch(
        f"SELECT {VIEW} FROM views WHERE domain_id = $1 AND (shared OR person_id = $2)"
        " ORDER BY lower(name), view_id",
        domain_id,
        person_id,
    )
    return [View(**dict(row)) for row in rows]


async def one(
    connection: Connection, domain_id: UUID, person_id: UUID, view_id: UUID
) -> View | None:
    """A view that the person can see."""
    row = await connection.fetchrow(
        f"SELECT {VIEW} FROM views WHERE domain_id = $1 AND view_id = $3"
        " AND (shared OR person_id = $2) FOR UPDATE",
        domain_id,
        person_id,
        view_id,
    )
    return row and View(**dict(row))


async def count(connection: Connection, domain_id: UUID, person_id: UUID) -> int:
    found = await connection.fetchval(
        "SELECT count(*) FROM views WHERE domain_id = $1 AND person_id = $2", domain_id, person_id
    )
    return int(found or 0)


async def insert(connection: Connection, domain_id: UUID, view: View) -> None:
    await connection.execute(
        f"INSERT INTO views (domain_id, {VIEW}) VALUES ($1, $2, $3, $4, $5, $6)",
        domain_id,
        view.view_id,
        view.person_id,
        view.name,
        view.filters,
        view.shared,
    )


async def update(connection: Connection, domain_id: UUID, view: View) -> None:
    await connection.execute(
        "UPDATE views SET name = $3, filters = $4, shared = $5"
        " WHERE domain_id = $1 AND view_id = $2",
        domain_id,
        view.view_id,
        view.name,
        view.filters,
        view.shared,
    )


async def delete(connection: Connection, domain_id: UUID, view_id: UUID) -> None:
    await connection.execute(
        "DELETE FROM views WHERE domain_id = $1 AND view_id = $2", domain_id, view_id
    )
