"""Rows of conversations that are to be started: added, claimed, marked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from frontdesk.db.pool import Connection, Row
from frontdesk.outreach.model import Outreach

COLUMNS = (
    "domain_id, outreach_id, campaign_id, line, source, channel, channel_id, address, name, email,"
    " call_type, instruction, template_id, variables, assistant_id, follow_up, status, reason_code,"
    " reason, greatest(due_at, created_at), attempts, contact_id, conversation_id, message_id,"
    " person_id, created_at, media_ids"
)

PLAN = """
SELECT channel, channel_id, template_id, instruction, variables, assistant_id, rate, quiet_hours,
    follow_up, nullif(sent_until, '-infinity'), status
FROM campaigns WHERE domain_id = $1 AND campaign_id = $2
"""
CAMPAIGN = f"{PLAN} AND status = 'running' FOR NO KEY UPDATE SKIP LOCKED"

DUE_OF_CAMPAIGN = f"""
SELECT {COLUMNS} FROM outreach
WHERE domain_id = $1 AND campaign_id = $2 AND status = 'waiting' AND due_at <= $3
ORDER BY due_at, line LIMIT $4 FOR UPDATE SKIP LOCKED
"""

DUE_ALONE = f"""
SELECT {COLUMNS} FROM outreach
WHERE domain_id = $1 AND campaign_id IS NULL AND status = 'waiting' AND due_at <= $2
ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED
"""

MARK = """
UPDATE outreach o SET status = m.status, reason_code = m.reason_code, reason = m.reason,
    due_at = m.due_at, contact_id = coalesce(m.contact_id, o.contact_id),
    conversation_id = coalesce(m.conversation_id, o.conversation_id),
    message_id = coalesce(m.message_id, o.message_id),
    job_token = NULL, job_at = CASE m.status WHEN 'writing' THEN $11::timestamptz END,
    updated_at = now()
FROM unnest(
    $2::uuid[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::uuid[], $8::uuid[],
    $9::uuid[]
) AS m (
    outreach_id, status, reason_code, reason, due_at, contact_id, conversation_id, message_id
)
WHERE o.domain_id = $1 AND o.outreach_id = m.outreach_id AND o.status = ANY($10::text[])
"""

# A row whose writer was not heard of for a while is taken over: its worker is gone. Domains take
# turns, by chance where it is the turn of several: nobody's hundred thousand rows stand before
# somebody's one. The first part goes from domain to domain by an index, not from row to row;
# `coalesce` hides that condition from the planner, which would read that index whole for the rows.
CLAIM_WRITING = f"""
WITH RECURSIVE writing AS (
    (SELECT domain_id FROM outreach WHERE status = 'writing' ORDER BY domain_id LIMIT 1)
    UNION ALL
    SELECT (
        SELECT o.domain_id FROM outreach o
        WHERE o.status = 'writing' AND o.domain_id > w.domain_id ORDER BY o.domain_id LIMIT 1
    ) FROM writing w WHERE w.domain_id IS NOT NULL
), ready AS MATERIALIZED (
    SELECT r.domain_id, r.outreach_id, random() AS chance,
        row_number() OVER (PARTITION BY r.domain_id ORDER BY r.job_at) AS turn
    FROM writing w CROSS JOIN LATERAL (
        SELECT o.domain_id, o.outreach_id, o.job_at FROM outreach o
        WHERE o.domain_id = w.domain_id AND o.status = 'writing' AND o.job_at <= $2
        AND (o.job_token IS NULL OR o.job_at <= $3)
        ORDER BY o.job_at LIMIT $4
    ) r
), claimed AS MATERIALIZED (
    SELECT o.domain_id, o.outreach_id
    FROM ready r JOIN outreach o ON o.domain_id = r.domain_id AND o.outreach_id = r.outreach_id
    WHERE coalesce(o.status = 'writing', false) AND (o.job_token IS NULL OR o.job_at <= $3)
    ORDER BY r.turn, r.chance LIMIT $4 FOR UPDATE OF o SKIP LOCKED
)
UPDATE outreach SET job_token = $1, job_at = $2, attempts = attempts + 1
WHERE (domain_id, outreach_id) IN (SELECT domain_id, outreach_id FROM claimed)
RETURNING {COLUMNS}
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a campaign's rows have in common."""

    channel: str | None = None
    channel_id: UUID | None = None
    template_id: UUID | None = None
    instruction: str | None = None
    variables: Mapping[str, Any] | None = None
    assistant_id: str | None = None
    rate: float | None = None
    quiet_hours: Mapping[str, Any] | None = None
    follow_up: Mapping[str, Any] | None = None
    sent_until: datetime | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """What a row is to be."""

    outreach_id: UUID
    status: str
    due_at: datetime
    reason_code: str | None = None
    reason: str | None = None
    contact_id: UUID | None = None
    conversation_id: UUID | None = None
    message_id: UUID | None = None


def read(row: Row) -> Outreach:
    return Outreach(*row.values())


async def campaign(connection: Connection, domain_id: UUID, campaign_id: UUID) -> Plan | None:
    """The campaign, locked; None when it does not run, or somebody else sends for it just now."""
    row = await connection.fetchrow(CAMPAIGN, domain_id, campaign_id)
    return None if row is None else Plan(*row.values())


async def plan(connection: Connection, domain_id: UUID, campaign_id: UUID) -> Plan | None:
    row = await connection.fetchrow(PLAN, domain_id, campaign_id)
    return None if row is None else Plan(*row.values())


async def due(
    connection: Connection, domain_id: UUID, campaign_id: UUID | None, now: datetime, most: int
) -> list[Outreach]:
    """Rows whose time has come, locked, the earliest first; without a campaign, single ones."""
    if campaign_id is None:
        rows = await connection.fetch(DUE_ALONE, domain_id, now, most)
    else:
        rows = await connection.fetch(DUE_OF_CAMPAIGN, domain_id, campaign_id, now, most)
    return [read(row) for row in rows]


async def mark(
    connection: Connection,
    domain_id: UUID,
    marks: Sequence[Mark],
    now: datetime,
    *,
    of: Sequence[str] = ("waiting",),
) -> None:
    """Changes rows that are locked and in one of the states `of`."""
    if not marks:
        return
    await connection.execute(
        MARK,
        domain_id,
        [each.outreach_id for each in marks],
        [each.status for each in marks],
        [each.reason_code for each in marks],
        [each.reason for each in marks],
        [each.due_at for each in marks],
        [each.contact_id for each in marks],
        [each.conversation_id for each in marks],
        [each.message_id for each in marks],
        list(of),
        now,
    )


async def paced(
    connection: Connection, domain_id: UUID, campaign_id: UUID, sent_until: datetime
) -> None:
    await connection.execute(
        "UPDATE campaigns SET sent_until = $3 WHERE domain_id = $1 AND campaign_id = $2",
        domain_id,
        campaign_id,
        sent_until,
    )


async def pause(connection: Connection, domain_id: UUID, campaign_id: UUID, reason: str) -> bool:
    done = await connection.execute(
        "UPDATE campaigns SET status = 'paused', status_reason = $3, updated_at = now()"
        " WHERE domain_id = $1 AND campaign_id = $2 AND status = 'running'",
        domain_id,
        campaign_id,
        reason,
    )
    return done == "UPDATE 1"


async def put_off(
    connection: Connection,
    domain_id: UUID,
    campaign_id: UUID | None,
    now: datetime,
    most_attempts: int,
    reason: str,
) -> None:
    """Counts an attempt of the first row that is due; one with too many has failed."""
    rows = await due(connection, domain_id, campaign_id, now, 1)
    for row in rows:
        await connection.execute(
            "UPDATE outreach SET attempts = attempts + 1,"
            " due_at = $3::timestamptz + make_interval(secs => 2.0 ^ (attempts + 1)),"
            " status = CASE WHEN attempts + 1 >= $4 THEN 'failed' ELSE status END,"
            " reason_code = CASE WHEN attempts + 1 >= $4 THEN 'error' END, reason = $5,"
            " updated_at = now() WHERE domain_id = $1 AND outreach_id = $2",
            domain_id,
            row.outreach_id,
            now,
            most_attempts,
            reason,
        )


async def insert(connection: Connection, row: Outreach, key: str | None) -> bool:
    """False when the domain has a row with that key."""
    done = await connection.execute(
        "INSERT INTO outreach (domain_id, outreach_id, source, channel, channel_id, address, name,"
        " email, call_type, instruction, template_id, variables, assistant_id, follow_up, status,"
        " due_at, message_id, person_id, idempotency_key)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,"
        " $19) ON CONFLICT DO NOTHING",
        row.domain_id,
        row.outreach_id,
        row.source,
        row.channel,
        row.channel_id,
        row.address,
        row.name,
        row.email,
        row.call_type,
        row.instruction,
        row.template_id,
        row.variables,
        row.assistant_id,
        row.follow_up,
        row.status,
        row.due_at,
        row.message_id,
        row.person_id,
        key,
    )
    return done == "INSERT 0 1"


async def by_key(connection: Connection, domain_id: UUID, key: str) -> Outreach | None:
    row = await connection.fetchrow(
        f"SELECT {COLUMNS} FROM outreach WHERE domain_id = $1 AND idempotency_key = $2",
        domain_id,
        key,
    )
    return row and read(row)


async def one(
    connection: Connection, domain_id: UUID, outreach_id: UUID, *, lock: bool = False
) -> Outreach | None:
    row = await connection.fetchrow(
        f"SELECT {COLUMNS} FROM outreach WHERE domain_id = $1 AND outreach_id = $2"
        + (" FOR UPDATE" if lock else ""),
        domain_id,
        outreach_id,
    )
    return row and read(row)


async def claim_writing(
    connection: Connection, token: UUID, now: datetime, gone: datetime, most: int
) -> list[Outreach]:
    """Rows of any domain that an assistant is to write for; whose writer was silent since `gone`
    included."""
    rows = await connection.fetch(CLAIM_WRITING, token, now, gone, most)
    return [read(row) for row in rows]


async def still_writing(
    connection: Connection, domain_id: UUID, outreach_id: UUID, token: UUID, now: datetime
) -> Outreach | None:
    """The row, locked, with a sign of life; None when it is not this writer's any more."""
    row = await connection.fetchrow(
        "UPDATE outreach SET job_at = $4 WHERE domain_id = $1 AND outreach_id = $2"
        f" AND status = 'writing' AND job_token = $3 RETURNING {COLUMNS}",
        domain_id,
        outreach_id,
        token,
        now,
    )
    return row and read(row)


async def write_later(
    connection: Connection, domain_id: UUID, outreach_id: UUID, at: datetime, reason: str
) -> None:
    await connection.execute(
        "UPDATE outreach SET job_token = NULL, job_at = $3, reason = $4, updated_at = now()"
        " WHERE domain_id = $1 AND outreach_id = $2 AND status = 'writing'",
        domain_id,
        outreach_id,
        at,
        reason,
    )


async def give_back(
    connection: Connection, domain_id: UUID, outreach_id: UUID, token: UUID
) -> None:
    """To be written by somebody else at once; this was no attempt."""
    await connection.execute(
        "UPDATE outreach SET job_token = NULL, attempts = greatest(attempts - 1, 0)"
        " WHERE domain_id = $1 AND outreach_id = $2 AND status = 'writing' AND job_token = $3",
        domain_id,
        outreach_id,
        token,
    )


async def writing_of(connection: Connection, domain_id: UUID, campaign_id: UUID) -> int:
    """How many of a campaign's rows an assistant has to write for."""
    return (
        await connection.fetchval(
            "SELECT count(*) FROM outreach"
            " WHERE status = 'writing' AND campaign_id = $2 AND domain_id = $1",
            domain_id,
            campaign_id,
        )
        or 0
    )


async def wake(connection: Connection) -> None:
    """Tells the workers that something is due."""
    await connection.execute("SELECT wake('outreach')")


async def instruction_of(
    connection: Connection, domain_id: UUID, conversation_id: UUID, since: datetime
) -> str | None:
    """What the newest outreach of a conversation was for."""
    return await connection.fetchval(
        "SELECT coalesce(o.instruction, c.instruction) FROM outreach o"
        " LEFT JOIN LATERAL (SELECT c.instruction FROM campaigns c"
        "  WHERE c.domain_id = o.domain_id AND c.campaign_id = o.campaign_id LIMIT 1) c ON true"
        " WHERE o.domain_id = $1 AND o.conversation_id = $2 AND o.status = 'sent'"
        " AND o.updated_at > $3 ORDER BY o.updated_at DESC LIMIT 1",
        domain_id,
        conversation_id,
        since,
    )
