"""The SQL of imports: one worker's claim, the batches under it, and what ends it."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import asyncpg

from frontdesk.db.pool import Connection
from frontdesk.kernel.ids import new_id
from frontdesk.outreach.columns import Recipient
from frontdesk.outreach.numbers import spellings_of

LONG_SECONDS = 600
"""What a statement over all recipients of a campaign may take."""

INSERT = """
INSERT INTO outreach (
    domain_id, outreach_id, campaign_id, line, source, channel, address, name, email, call_type,
    instruction, variables, status, reason_code, reason, contact_id, spellings, person_id
)
SELECT $1, r.id, $2, r.line, 'campaign', r.channel, r.address, r.name, r.email, r.call_type,
    r.instruction, r.variables::jsonb, CASE WHEN r.code IS NULL THEN 'waiting' ELSE 'skipped' END,
    r.code, r.reason, r.contact_id, string_to_array(r.spellings, ' '), $16
FROM unnest($3::uuid[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
    $10::text[], $11::text[], $12::text[], $13::text[], $14::uuid[], $15::text[])
    AS r (id, line, channel, address, name, email, call_type, instruction, variables, code, reason,
        contact_id, spellings)
"""

REPEATED = """
UPDATE outreach o SET status = 'skipped', reason_code = 'duplicate',
    reason = 'the same number is in line ' || r.first, updated_at = now()
FROM (
    SELECT outreach_id, line, first_value(line) OVER (
        PARTITION BY channel, coalesce(spellings[1], address) ORDER BY line
    ) AS first
    FROM outreach WHERE campaign_id = $2 AND domain_id = $1 AND status = 'waiting'
) r
WHERE o.domain_id = $1 AND o.outreach_id = r.outreach_id AND r.first < r.line
"""


async def claim(connection: Connection, token: UUID, stale: timedelta) -> tuple[UUID, UUID] | None:
    """Takes an import that nobody works on: the domain and the campaign."""
    row = await connection.fetchrow(
        "UPDATE campaigns SET job_token = $1, job_at = now() WHERE (domain_id, campaign_id) = ("
        " SELECT domain_id, campaign_id FROM campaigns WHERE status = 'importing'"
        " AND (source <> 'csv' OR file_bytes IS NOT NULL)"
        " AND (job_at IS NULL OR job_at < now() - $2::interval)"
        # Whoever waited longest since it was worked on.
        " ORDER BY updated_at LIMIT 1 FOR UPDATE SKIP LOCKED"
        ") RETURNING domain_id, campaign_id",
        token,
        stale,
    )
    return row and (row["domain_id"], row["campaign_id"])


async def waits(connection: Connection) -> bool:
    """Whether an import is there that nobody has begun or goes on with."""
    return bool(
        await connection.fetchval(
            "SELECT EXISTS (SELECT FROM campaigns WHERE status = 'importing' AND job_at IS NULL"
            " AND (source <> 'csv' OR file_bytes IS NOT NULL))"
        )
    )


async def renew(connection: Connection, domain_id: UUID, campaign_id: UUID, token: UUID) -> None:
    """Says that the claim's worker is alive."""
    await connection.execute(
        "UPDATE campaigns SET job_at = now() WHERE domain_id = $1 AND campaign_id = $2"
        " AND job_token = $3 AND status = 'importing'",
        domain_id,
        campaign_id,
        token,
    )


async def work(
    connection: Connection, domain_id: UUID, campaign_id: UUID, token: UUID
) -> asyncpg.Record | None:
    """Where the import is, its row locked; None when it is no longer this claim's."""
    return await connection.fetchrow(
        "UPDATE campaigns SET job_at = now() WHERE domain_id = $1 AND campaign_id = $2"
        " AND job_token = $3 AND status = 'importing' RETURNING file_key, file_read, lines_read,"
        " columns, mapping, channel, call_type, source, segment_id, start_at, started_by_hand,"
        " person_id",
        domain_id,
        campaign_id,
        token,
    )


async def release(connection: Connection, domain_id: UUID, campaign_id: UUID, token: UUID) -> None:
    """Gives the claim back, for whoever comes next."""
    await connection.execute(
        "UPDATE campaigns SET job_token = NULL, job_at = NULL"
        " WHERE domain_id = $1 AND campaign_id = $2 AND job_token = $3",
        domain_id,
        campaign_id,
        token,
    )


async def add(
    connection: Connection,
    domain_id: UUID,
    campaign_id: UUID,
    rows: Sequence[Recipient],
    contacts: Sequence[UUID | None] | None,
    person_id: UUID | None,
) -> None:
    await connection.execute(
        INSERT,
        domain_id,
        campaign_id,
        [new_id() for _ in rows],
        [row.line for row in rows],
        [row.channel for row in rows],
        [row.address for row in rows],
        [row.name for row in rows],
        [row.email for row in rows],
        [row.call_type for row in rows],
        [row.instruction for row in rows],
        [row.variables for row in rows],
        [row.reason_code for row in rows],
        [row.reason for row in rows],
        contacts if contacts is not None else [None] * len(rows),
        [_spellings(row) for row in rows],
        person_id,
    )


def _spellings(row: Recipient) -> str | None:
    found = spellings_of(row.address) if row.reason_code is None else None
    return " ".join(found) if found else None


async def advance(
    connection: Connection, domain_id: UUID, campaign_id: UUID, file_read: int, lines_read: int
) -> None:
    await connection.execute(
        "UPDATE campaigns SET file_read = $3, lines_read = $4, updated_at = now()"
        " WHERE domain_id = $1 AND campaign_id = $2",
        domain_id,
        campaign_id,
        file_read,
        lines_read,
    )


async def clear(connection: Connection, domain_id: UUID, campaign_id: UUID, most: int) -> bool:
    """Deletes some of the campaign's rows; True when there may be more."""
    done = await connection.execute(
        "DELETE FROM outreach WHERE domain_id = $1 AND outreach_id = ANY(ARRAY("
        " SELECT outreach_id FROM outreach WHERE campaign_id = $2 AND domain_id = $1 LIMIT $3"
        "))",
        domain_id,
        campaign_id,
        most,
    )
    return done == f"DELETE {most}"


async def last_contact(
    connection: Connection, domain_id: UUID, campaign_id: UUID, line: int
) -> UUID | None:
    """Whom the audience was taken up to."""
    return await connection.fetchval(
        "SELECT contact_id FROM outreach"
        " WHERE campaign_id = $2 AND line = $3 AND domain_id = $1 LIMIT 1",
        domain_id,
        campaign_id,
        line,
    )


async def skip_repeated(connection: Connection, domain_id: UUID, campaign_id: UUID) -> None:
    """Skips each number but the first time it comes."""
    await connection.execute(f"SET LOCAL statement_timeout = '{LONG_SECONDS}s'")
    await connection.execute(REPEATED, domain_id, campaign_id, timeout=LONG_SECONDS)


async def finish(
    connection: Connection,
    domain_id: UUID,
    campaign_id: UUID,
    token: UUID,
    status: str,
    reason: str | None,
) -> bool:
    """Ends the import; False when it is no longer this claim's."""
    done = await connection.execute(
        "UPDATE campaigns SET status = $4, status_reason = $5, job_token = NULL, job_at = NULL,"
        " started_at = CASE $4::text WHEN 'running' THEN coalesce(started_at, now())"
        "  ELSE started_at END,"
        " finished_at = CASE $4::text WHEN 'failed' THEN now() END, updated_at = now()"
        " WHERE domain_id = $1 AND campaign_id = $2 AND job_token = $3 AND status = 'importing'",
        domain_id,
        campaign_id,
        token,
        status,
        reason,
    )
    return done == "UPDATE 1"


async def abandoned(connection: Connection, after: timedelta) -> list[tuple[UUID, UUID]]:
    """Marks uploads that never ended, and tells which."""
    rows = await connection.fetch(
        "UPDATE campaigns SET status = 'failed', status_reason = 'the upload was broken off',"
        " finished_at = now(), updated_at = now() WHERE status = 'importing' AND source = 'csv'"
        " AND file_bytes IS NULL AND created_at < now() - $1::interval"
        " RETURNING domain_id, campaign_id",
        after,
    )
    return [(row["domain_id"], row["campaign_id"]) for row in rows]
