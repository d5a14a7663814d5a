"""The SQL of campaigns themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import asyncpg

from frontdesk.db.pool import Connection
from frontdesk.outreach.campaign import Campaign

OTHERS = ("template_name", "person_name", "person_email")
OWN = [each.name for each in fields(Campaign) if each.name not in OTHERS]
SELECT = (
    f"SELECT {', '.join('c.' + name for name in OWN)}, t.template_name, p.person_name,"
    " p.person_email FROM campaigns c"
    " LEFT JOIN LATERAL (SELECT name AS template_name FROM templates t"
    "  WHERE t.domain_id = c.domain_id AND t.template_id = c.template_id LIMIT 1) t ON true"
    " LEFT JOIN LATERAL (SELECT name AS person_name, email AS person_email FROM people p"
    "  WHERE p.domain_id = c.domain_id AND p.person_id = c.person_id LIMIT 1) p ON true"
)
CHANGED = (
    "name", "channel", "channel_id", "call_type", "instruction", "template_id", "variables",
    "assistant_id", "segment_id", "rate", "quiet_hours", "follow_up", "start_at", "mapping",
)  # fmt: skip
"""Columns that a person changes."""
Due = Literal["started", "stopped", "done"]


async def one(connection: Connection, domain_id: UUID, campaign_id: UUID) -> Campaign | None:
    row = await connection.fetchrow(
        f"{SELECT} WHERE c.domain_id = $1 AND c.campaign_id = $2", domain_id, campaign_id
    )
    return row and _campaign(row)


async def lock(connection: Connection, domain_id: UUID, campaign_id: UUID) -> Campaign | None:
    row = await connection.fetchrow(
        f"{SELECT} WHERE c.domain_id = $1 AND c.campaign_id = $2 FOR UPDATE OF c",
        domain_id,
        campaign_id,
    )
    return row and _campaign(row)


async def page(
    connection: Connection,
    domain_id: UUID,
    status: str | None,
    before: tuple[datetime, UUID] | None,
    most: int,
) -> list[Campaign]:
    """The latest first."""
    moment, campaign_id = before or (None, None)
    rows = await connection.fetch(
        f"{SELECT} WHERE c.domain_id = $1 AND ($2::text IS NULL OR c.status = $2)"
        " AND ($3::timestamptz IS NULL OR (c.created_at, c.campaign_id) < ($3, $4::uuid))"
        " ORDER BY c.created_at DESC, c.campaign_id DESC LIMIT $5",
        domain_id,
        status,
        moment,
        campaign_id,
        most,
    )
    return [_campaign(row) for row in rows]


async def insert(
    connection: Connection, domain_id: UUID, campaign_id: UUID, values: Mapping[str, Any]
) -> None:
    """`values` are columns by name; the others have their defaults."""
    names = list(values)
    places = ", ".join(f"${place}" for place in range(3, len(names) + 3))
    await connection.execute(
        f"INSERT INTO campaigns (domain_id, campaign_id, {', '.join(names)})"
        f" VALUES ($1, $2, {places})",
        domain_id,
        campaign_id,
        *values.values(),
    )


async def change(
    connection: Connection, domain_id: UUID, campaign_id: UUID, values: Mapping[str, Any]
) -> None:
    names = [name for name in values if name in CHANGED]
    if not names:
        return
    sets = ", ".join(f"{name} = ${place}" for place, name in enumerate(names, 3))
    await connection.execute(
        f"UPDATE campaigns SET {sets}, updated_at = now()"
        " WHERE domain_id = $1 AND campaign_id = $2",
        domain_id,
        campaign_id,
        *(values[name] for name in names),
    )


async def read_anew(connection: Connection, domain_id: UUID, campaign_id: UUID) -> None:
    """Has the file imported from its start; an import that is under way loses its claim."""
    await connection.execute(
        "UPDATE campaigns SET status = 'importing', status_reason = NULL, file_read = 0,"
        " lines_read = 0, job_token = NULL, job_at = NULL, updated_at = now()"
        " WHERE domain_id = $1 AND campaign_id = $2",
        domain_id,
        campaign_id,
    )


async def set_status(
    connection: Connection,
    domain_id: UUID,
    campaign_id: UUID,
    status: str,
    start_at: datetime | None,
    *,
    by_hand: bool,
) -> None:
    """Where it goes next. A claim of a former import ends with it."""
    await connection.execute(
        "UPDATE campaigns SET status = $3, status_reason = NULL, start_at = $4,"
        " started_by_hand = $5,"
        " job_token = CASE WHEN $3 = 'importing' AND status = 'importing' THEN job_token END,"
        " job_at = CASE WHEN $3 = 'importing' AND status = 'importing' THEN job_at END,"
        " started_at = CASE $3::text WHEN 'running' THEN coalesce(started_at, now())"
        "  ELSE started_at END,"
        " finished_at = CASE WHEN $3 IN ('done', 'canceled', 'failed') THEN now() END,"
        " updated_at = now() WHERE domain_id = $1 AND campaign_id = $2",
        domain_id,
        campaign_id,
        status,
        start_at,
        by_hand,
    )


async def delete(connection: Connection, domain_id: UUID, campaign_id: UUID) -> None:
    await connection.execute(
        "DELETE FROM campaigns WHERE domain_id = $1 AND campaign_id = $2", domain_id, campaign_id
    )


async def delete_unsent(
    connection: Connection, domain_id: UUID, campaign_id: UUID, most: int
) -> bool:
    """Deletes some rows that no message came of; True when there may be more."""
    done = await connection.execute(
        "DELETE FROM outreach WHERE domain_id = $1 AND outreach_id = ANY(ARRAY("
        " SELECT outreach_id FROM outreach WHERE campaign_id = $2 AND domain_id = $1"
        " AND message_id IS NULL LIMIT $3))",
        domain_id,
        campaign_id,
        most,
    )
    return done == f"DELETE {most}"


async def cancel_waiting(
    connection: Connection, domain_id: UUID, campaign_id: UUID, most: int
) -> int:
    done = await connection.execute(
        "UPDATE outreach SET status = 'canceled', reason_code = 'canceled',"
        " reason = 'the campaign was canceled', updated_at = now()"
        " WHERE domain_id = $1 AND status = 'waiting' AND outreach_id = ANY(ARRAY("
        " SELECT outreach_id FROM outreach WHERE campaign_id = $2 AND domain_id = $1"
        " AND status = 'waiting' LIMIT $3 FOR UPDATE SKIP LOCKED))",
        domain_id,
        campaign_id,
        most,
    )
    return int(done.rpartition(" ")[2])


# Files ----------------------------------------------------------------------------------------


async def same_file(
    connection: Connection, domain_id: UUID, checksum: bytes, within: timedelta
) -> asyncpg.Record | None:
    """The last campaign of the same bytes. Holds off others that ask for them until the commit."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(encode($1, 'hex') || $2, 0))",
        checksum,
        str(domain_id),
    )
    return await connection.fetchrow(
        "SELECT campaign_id, name, created_at FROM campaigns WHERE checksum = $2"
        " AND domain_id = $1 AND status NOT IN ('failed', 'canceled')"
        " AND created_at > now() - $3::interval ORDER BY created_at DESC LIMIT 1",
        domain_id,
        checksum,
        within,
    )


async def set_file(connection: Connection, domain_id: UUID, campaign_id: UUID, key: str) -> None:
    await connection.execute(
        "UPDATE campaigns SET file_key = $3 WHERE domain_id = $1 AND campaign_id = $2",
        domain_id,
        campaign_id,
        key,
    )


async def expire_files(
    connection: Connection, domain_id: UUID, before: datetime, most: int
) -> list[tuple[str, int]]:
    """Takes uploads older than a moment off their campaigns; their keys and sizes.

    One that is read at this moment goes when it has been.
    """
    rows = await connection.fetch(
        "UPDATE campaigns c SET file_key = NULL FROM ("
        " SELECT campaign_id, file_key, file_bytes FROM campaigns WHERE domain_id = $1"
        " AND file_key IS NOT NULL AND created_at < $2 AND status <> 'importing'"
        " ORDER BY campaign_id LIMIT $3 FOR UPDATE"
        ") old WHERE c.domain_id = $1 AND c.campaign_id = old.campaign_id"
        " RETURNING old.file_key, coalesce(old.file_bytes, 0)",
        domain_id,
        before,
        most,
    )
    return [(row[0], row[1]) for row in rows]


async def uploaded(
    connection: Connection,
    domain_id: UUID,
    campaign_id: UUID,
    size: int,
    checksum: bytes,
    columns: Sequence[str],
    mapping: Mapping[str, str],
) -> None:
    """The file is whole: it may be imported."""
    await connection.execute(
        "UPDATE campaigns SET file_bytes = $3, checksum = $4, columns = $5, mapping = $6,"
        " updated_at = now() WHERE domain_id = $1 AND campaign_id = $2",
        domain_id,
        campaign_id,
        size,
        checksum,
        columns,
        mapping,
    )


# All domains ----------------------------------------------------------------------------------


async def start_due(connection: Connection) -> list[tuple[UUID, UUID]]:
    """Starts what is scheduled for now; a segment's members are taken first."""
    rows = await connection.fetch(
        "UPDATE campaigns SET updated_at = now(),"
        " status = CASE WHEN source <> 'csv' AND lines_read = 0 THEN 'importing'"
        "  ELSE 'running' END,"
        " started_by_hand = false, start_at = NULL, started_at = coalesce(started_at, now())"
        " WHERE status = 'scheduled' AND start_at <= now() RETURNING domain_id, campaign_id"
    )
    return [(row["domain_id"], row["campaign_id"]) for row in rows]


async def end_done(connection: Connection) -> list[tuple[UUID, UUID]]:
    """Ends what runs and has nobody left to write to."""
    rows = await connection.fetch(
        "UPDATE campaigns c SET status = 'done', status_reason = NULL, finished_at = now(),"
        " updated_at = now() WHERE c.status = 'running'"
        " AND NOT EXISTS (SELECT FROM outreach o WHERE o.campaign_id = c.campaign_id"
        "  AND o.domain_id = c.domain_id AND o.status = 'waiting')"
        " AND NOT EXISTS (SELECT FROM outreach o WHERE o.status = 'writing'"
        "  AND o.campaign_id = c.campaign_id AND o.domain_id = c.domain_id)"
        " RETURNING domain_id, campaign_id"
    )
    return [(row["domain_id"], row["campaign_id"]) for row in rows]


async def canceled_with_rows(connection: Connection, most: int) -> list[tuple[UUID, UUID]]:
    """Canceled campaigns that rows still wait in."""
    rows = await connection.fetch(
        "SELECT c.domain_id, c.campaign_id FROM campaigns c WHERE c.status = 'canceled'"
        " AND c.finished_at > now() - interval '1 day'"
        " AND EXISTS (SELECT FROM outreach o WHERE o.campaign_id = c.campaign_id"
        "  AND o.domain_id = c.domain_id AND o.status = 'waiting') LIMIT $1",
        most,
    )
    return [(row["domain_id"], row["campaign_id"]) for row in rows]


# Most conversations are of domains without a campaign: those are not looked up.
OF_CONVERSATIONS = """
WITH noted AS MATERIALIZED (
    SELECT * FROM unnest($1::uuid[], $2::uuid[]) AS n (domain_id, conversation_id)
), writing AS MATERIALIZED (
    SELECT d.domain_id FROM (SELECT DISTINCT domain_id FROM noted) d
    WHERE EXISTS (
        SELECT FROM campaigns c
        WHERE c.domain_id = d.domain_id AND coalesce(c.finished_at, now()) > now() - $3::interval
    )
)
SELECT DISTINCT o.domain_id, o.campaign_id
FROM noted n JOIN writing USING (domain_id) CROSS JOIN LATERAL (
    SELECT o.domain_id, o.campaign_id FROM outreach o
    WHERE o.conversation_id = n.conversation_id AND o.domain_id = n.domain_id
    AND o.campaign_id IS NOT NULL AND o.updated_at > now() - $3::interval LIMIT 20
) o
"""


async def of_conversations(
    connection: Connection, noted: Sequence[tuple[UUID, UUID]], within: timedelta
) -> list[tuple[UUID, UUID]]:
    """The campaigns that wrote in conversations, which come with their domains."""
    rows = await connection.fetch(
        OF_CONVERSATIONS, [each[0] for each in noted], [each[1] for each in noted], within
    )
    return [(row["domain_id"], row["campaign_id"]) for row in rows]


def _campaign(row: asyncpg.Record) -> Campaign:
    return Campaign(**dict(row))
