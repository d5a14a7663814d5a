"""The SQL of labels."""

from uuid import UUID

from frontdesk.db.pool import Connection
from frontdesk.inbox.model import Label

MOST_TOLD = 1_000


async def all_of(connection: Connection, domain_id: UUID) -> list[Label]:
    rows = await connection.fetch(
        "SELECT label_id, name, color FROM labels WHERE domain_id = $1"
        " ORDER BY lower(name), label_id",
        domain_id,
    )
    return [Label(**dict(row)) for row in rows]


async def one(connection: Connection, domain_id: UUID, label_id: UUID) -> Label | None:
    row = await connection.fetchrow(
        "SELECT label_id, name, color FROM labels WHERE domain_id = $1 AND label_id = $2"
        " FOR UPDATE",
        domain_id,
        label_id,
    )
    return row and Label(**dict(row))


async def insert(connection: Connection, domain_id: UUID, label: Label) -> None:
    await connection.execute(
        "INSERT INTO labels (domain_id, label_id, name, color) VALUES ($1, $2, $3, $4)",
        domain_id,
        label.label_id,
        label.name,
        label.color,
    )


async def update(connection: Connection, domain_id: UUID, label: Label) -> None:
    await connection.execute(
        "UPDATE labels SET name = $3, color = $4 WHERE domain_id = $1 AND label_id = $2",
        domain_id,
        label.label_id,
        label.name,
        label.color,
    )


async def delete(connection: Connection, domain_id: UUID, label_id: UUID) -> None:
    """Conversations lose it with this, too."""
    await connection.execute(
        "DELETE FROM labels WHERE domain_id = $1 AND label_id = $2", domain_id, label_id
    )


async def conversations(connection: Connection, domain_id: UUID, label_id: UUID) -> list[UUID]:
    """Some of the conversations that have it."""
    rows = await connection.fetch(
        "SELECT conversation_id FROM conversation_labels WHERE label_id = $2 AND domain_id = $1"
        " LIMIT $3",
        domain_id,
        label_id,
        MOST_TOLD,
    )
    return [row["conversation_id"] for row in rows]
