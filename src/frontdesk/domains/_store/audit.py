"""The SQL of the audit log."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from frontdesk.db.pool import Connection


async def record(
    connection: Connection,
    domain_id: UUID,
    entry_id: UUID,
    person_id: UUID | None,
    action: str,
    target: str,
    detail: dict[str, Any],
) -> None:
    """The person's name and e-mail are kept with it, because people go."""
    await connection.execute(
        "INSERT INTO audit_log"
        " (domain_id, entry_id, person_id, action, target, detail, person_name, person_email)"
        " SELECT $1, $2::uuid, $3, $4::text, $5::text, $6::jsonb, p.name, p.email"
        " FROM (SELECT) AS one"
        " LEFT JOIN people p ON p.domain_id = $1 AND p.person_id = $3",
        domain_id,
        entry_id,
        person_id,
        action,
        target,
        detail,
    )


async def entries(
    connection: Connection, domain_id: UUID, before: UUID | None, limit: int
) -> Sequence[asyncpg.Record]:
    """The newest first: ids go up with time."""
    return await connection.fetch(
        "SELECT a.entry_id, a.at, a.person_id, coalesce(p.name, a.person_name, '') AS name,"
        " coalesce(p.email, a.person_email, '') AS email, a.action, a.target, a.detail"
        " FROM audit_log a"
        " LEFT JOIN people p ON p.domain_id = a.domain_id AND p.person_id = a.person_id"
        " WHERE a.domain_id = $1 AND ($2::uuid IS NULL OR a.entry_id < $2)"
        " ORDER BY a.entry_id DESC LIMIT $3",
        domain_id,
        before,
        limit,
    )
