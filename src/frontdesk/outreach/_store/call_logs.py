"""What was tried: the view over outreach, its messages and its cost."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from frontdesk.db.pool import Connection, Row
from frontdesk.outreach._store.scanning import Asked, like, states

Position: TypeAlias = tuple[datetime, UUID]
"""When a row came in, and its id."""

LOGGED = (
    "call_id, campaign_id, channel, direction, call_type, source, phone_number, name, email,"
    " instruction, status, reason, duration, recording, transcript, cost, answered, contact_id,"
    " conversation_id, message_id, created_at, updated_at"
)
COLUMNS = ", ".join(f"l.{name.strip()}" for name in LOGGED.split(","))

# The condition on created_at that is always true is the index's own.
NEWEST = """
SELECT o.domain_id, o.outreach_id, o.created_at, o.channel, o.status, o.campaign_id, o.address,
    o.name
FROM outreach o WHERE o.domain_id = $1 AND o.created_at > '-infinity'
"""
ORDER = " ORDER BY o.created_at DESC, o.outreach_id DESC"


def _newest(asked: Asked, filters: Mapping[str, Any], before: Position | None) -> str:
    """What a page looks at, the newest first."""
    sql = NEWEST
    if filters.get("since") is not None:
        sql += f" AND o.created_at >= {asked.value(filters['since'])}"
    if filters.get("until") is not None:
        sql += f" AND o.created_at < {asked.value(filters['until'])}"
    if before is not None:
        moment, call_id = asked.value(before[0]), asked.value(before[1])
        sql += f" AND o.created_at <= {moment}"
        sql += f" AND (o.created_at, o.outreach_id) < ({moment}, {call_id}::uuid)"
    return sql + ORDER


def _narrow(asked: Asked, filters: Mapping[str, Any]) -> str:
    sql = ""
    if filters.get("channel") is not None:
        sql += f" AND o.channel = {asked.value(filters['channel'])}"
    if filters.get("campaign_id") is not None:
        sql += f" AND o.campaign_id = {asked.value(filters['campaign_id'])}"
    if filters.get("typed"):
        place = asked.value(like(filters["typed"]))
        sql += f" AND (o.address LIKE {place} OR o.name ILIKE {place})"
    if filters.get("status") is not None:
        sql += f" AND o.status = ANY({asked.value(list(states(filters['status'])))}::text[])"
    return sql


async def page(
    connection: Connection,
    domain_id: UUID,
    filters: Mapping[str, Any],
    before: Position | None,
    most: int,
    reach: int,
) -> Sequence[Row]:
    """The newest first, of the `reach` newest. `filters`: channel, status, campaign_id, typed,
    since, until."""
    asked = Asked(domain_id)
    newest = _newest(asked, filters, before)
    narrow = _narrow(asked, filters)
    status = ""
    if filters.get("status") is not None:
        status = f" AND l.status = {asked.value(filters['status'])}"
    return await connection.fetch(
        f"SELECT {COLUMNS} FROM ({newest} LIMIT {reach:d}) o CROSS JOIN LATERAL ("
        f" SELECT {LOGGED} FROM call_logs l"
        f" WHERE l.domain_id = $1 AND l.call_id = o.outreach_id{status} LIMIT 1"
        f") l WHERE true{narrow}{ORDER} LIMIT {asked.value(most)}",
        *asked.values,
    )


async def reached(
    connection: Connection,
    domain_id: UUID,
    filters: Mapping[str, Any],
    before: Position | None,
    reach: int,
) -> Position | None:
    """The last that a page looked at; None when there are no more."""
    asked = Asked(domain_id)
    newest = _newest(asked, filters, before)
    row = await connection.fetchrow(
        f"SELECT o.created_at, o.outreach_id FROM ({newest} LIMIT {reach:d}) o"
        f"{ORDER} OFFSET {asked.value(reach - 1)} LIMIT 1",
        *asked.values,
    )
    return None if row is None else (row[0], row[1])


async def span(
    connection: Connection, domain_id: UUID, campaign_id: UUID
) -> tuple[datetime, datetime] | None:
    """When a campaign's first and last rows came in; None when it has none."""
    row = await connection.fetchrow(
        "SELECT (SELECT created_at FROM outreach WHERE campaign_id = $2 AND domain_id = $1"
        "  ORDER BY line LIMIT 1), (SELECT created_at FROM outreach WHERE campaign_id = $2"
        "  AND domain_id = $1 ORDER BY line DESC LIMIT 1)",
        domain_id,
        campaign_id,
    )
    return None if row is None or row[0] is None else (min(row), max(row))


async def one(connection: Connection, domain_id: UUID, call_id: UUID) -> Row | None:
    return await connection.fetchrow(
        f"SELECT {LOGGED} FROM call_logs WHERE domain_id = $1 AND call_id = $2",
        domain_id,
        call_id,
    )
