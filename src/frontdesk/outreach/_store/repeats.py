"""The SQL of repeats."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from frontdesk.db.pool import Connection

COLUMNS = (
    "domain_id, repeat_id, name, segment_id, plan, rule, next_at, state, person_id, created_at"
)


@dataclass(frozen=True, slots=True)
class Repeat:
    """A campaign that comes again: each time a new one."""

    domain_id: UUID
    repeat_id: UUID
    name: str
    segment_id: UUID
    plan: Mapping[str, Any]
    rule: Mapping[str, Any]
    next_at: datetime | None
    state: str
    person_id: UUID | None
    created_at: datetime


async def all_of(connection: Connection, domain_id: UUID) -> list[Repeat]:
    rows = await connection.fetch(
        f"SELECT {COLUMNS} FROM repeats WHERE domain_id = $1 ORDER BY lower(name), repeat_id",
        domain_id,
    )
    return [Repeat(*row.values()) for row in rows]


async def one(
    connection: Connection, domain_id: UUID, repeat_id: UUID, *, lock: bool = False
) -> Repeat | None:
    row = await connection.fetchrow(
        f"SELECT {COLUMNS} FROM repeats WHERE domain_id = $1 AND repeat_id = $2"
        + (" FOR UPDATE" if lock else ""),
        domain_id,
        repeat_id,
    )
    return row and Repeat(*row.values())


async def put(connection: Connection, repeat: Repeat) -> None:
    """Adds it, or changes it."""
    await connection.execute(
        "INSERT INTO repeats (domain_id, repeat_id, name, segment_id, plan, rule, next_at, state,"
        " person_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        " ON CONFLICT (domain_id, repeat_id) DO UPDATE SET name = $3, segment_id = $4, plan = $5,"
        " rule = $6, next_at = $7, state = $8, updated_at = now()",
        repeat.domain_id,
        repeat.repeat_id,
        repeat.name,
        repeat.segment_id,
        dict(repeat.plan),
        dict(repeat.rule),
        repeat.next_at,
        repeat.state,
        repeat.person_id,
    )


async def delete(connection: Connection, domain_id: UUID, repeat_id: UUID) -> bool:
    done = await connection.execute(
        "DELETE FROM repeats WHERE domain_id = $1 AND repeat_id = $2", domain_id, repeat_id
    )
    return done == "DELETE 1"


async def due(connection: Connection, now: datetime, most: int) -> list[tuple[UUID, UUID]]:
    """Of any domain, the earliest first."""
    rows = await connection.fetch(
        "SELECT domain_id, repeat_id FROM repeats WHERE state = 'active' AND next_at <= $1"
        " ORDER BY next_at LIMIT $2",
        now,
        most,
    )
    return [(row["domain_id"], row["repeat_id"]) for row in rows]


async def claim(
    connection: Connection, domain_id: UUID, repeat_id: UUID, now: datetime
) -> Repeat | None:
    """The repeat, locked, if it is still due; None when another worker has it."""
    row = await connection.fetchrow(
        f"SELECT {COLUMNS} FROM repeats WHERE domain_id = $1 AND repeat_id = $2"
        " AND state = 'active' AND next_at <= $3 FOR UPDATE SKIP LOCKED",
        domain_id,
        repeat_id,
        now,
    )
    return row and Repeat(*row.values())
