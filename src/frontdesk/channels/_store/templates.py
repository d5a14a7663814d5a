"""The SQL of templates."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from frontdesk.channels.templates_model import Draft, Template
from frontdesk.db.pool import Connection
from frontdesk.kernel.templates import CarrierTemplate

TEMPLATE = """
SELECT t.domain_id, t.template_id, t.channel_id, h.kind AS channel, h.address AS channel_address,
    t.carrier_id, t.name, t.language, t.category, t.status, t.status_reason, t.header, t.body,
    t.footer, t.buttons, t.variables, t.synced_at, t.updated_at
FROM templates t CROSS JOIN LATERAL (
    SELECT kind, address FROM channels h
    WHERE h.domain_id = t.domain_id AND h.channel_id = t.channel_id AND h.state <> 'removed'
    LIMIT 1
) h
"""

INSERT = """
INSERT INTO templates (domain_id, template_id, channel_id, carrier_id, name, language, category,
    status, status_reason, header, body, footer, buttons, variables, synced_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
    CASE WHEN $15::boolean THEN now() END)
"""

# Only what differs is written, so that `updated_at` says when the carrier changed it.
CHANGE = """
UPDATE templates SET carrier_id = $3, name = $4, language = $5, category = $6, status = $7,
    status_reason = $8, header = $9, body = $10, footer = $11, buttons = $12, variables = $13,
    updated_at = now()
WHERE domain_id = $1 AND template_id = $2
"""

IN_USE = """
SELECT CASE
    WHEN EXISTS (SELECT FROM campaigns WHERE domain_id = $1 AND (template_id = $2
        OR follow_up ->> 'template_id' = $2::uuid::text)
        AND status IN ('importing', 'ready', 'scheduled', 'running', 'paused')) THEN 'a campaign'
    WHEN EXISTS (SELECT FROM outreach WHERE domain_id = $1 AND template_id = $2
        AND campaign_id IS NULL AND status = 'waiting') THEN 'a message that waits to be sent'
    WHEN EXISTS (SELECT FROM follow_ups WHERE domain_id = $1 AND template_id = $2
        AND status = 'waiting') THEN 'a follow-up'
    WHEN EXISTS (SELECT FROM messages WHERE domain_id = $1 AND status = 'scheduled'
        AND structured -> 'template' ->> 'template_id' = $2::uuid::text) THEN 'a scheduled message'
END
"""


# Who is to get its text, some of them maybe already: nobody's text changes on the way.
SENT_FROM = """
SELECT coalesce(
    (SELECT format('campaign %L, which is %s', name, status) FROM campaigns
        WHERE domain_id = $1
        AND (template_id = $2 OR follow_up ->> 'template_id' = $2::uuid::text)
        AND (status IN ('running', 'scheduled') OR status = 'paused' AND started_at IS NOT NULL
            OR status = 'importing' AND NOT started_by_hand)
        ORDER BY created_at LIMIT 1),
    (SELECT 'a message that waits to be sent' FROM outreach
        WHERE domain_id = $1 AND campaign_id IS NULL AND status = 'waiting'
        AND (template_id = $2 OR follow_up ->> 'template_id' = $2::uuid::text) LIMIT 1),
    (SELECT 'a message that is being written' FROM outreach
        WHERE domain_id = $1 AND status = 'writing'
        AND follow_up ->> 'template_id' = $2::uuid::text LIMIT 1),
    (SELECT 'a follow-up that waits to be sent' FROM follow_ups
        WHERE domain_id = $1 AND template_id = $2 AND status = 'waiting' LIMIT 1)
)
"""


async def listed(
    connection: Connection,
    domain_id: UUID,
    channel_id: UUID | None = None,
    status: str | None = None,
    search: str | None = None,
) -> list[Template]:
    rows = await connection.fetch(
        TEMPLATE + " WHERE t.domain_id = $1 AND ($2::uuid IS NULL OR t.channel_id = $2)"
        " AND ($3::text IS NULL OR t.status = $3)"
        " AND ($4::text IS NULL OR position(lower($4) IN lower(t.name || ' ' || t.body)) > 0)"
        " ORDER BY t.name, t.language, t.template_id",
        domain_id,
        channel_id,
        status,
        search,
    )
    return [Template(**row) for row in rows]


async def offered(
    connection: Connection, domain_id: UUID, channel_id: UUID, words: str, most: int
) -> list[Template]:
    """Approved ones of a channel; those that the words name come first."""
    rows = await connection.fetch(
        TEMPLATE + " WHERE t.domain_id = $1 AND t.channel_id = $2 AND t.status = 'approved'"
        " ORDER BY position(lower(t.name) IN lower($3)) = 0, t.name, t.language LIMIT $4",
        domain_id,
        channel_id,
        words,
        most,
    )
    return [Template(**row) for row in rows]


async def one(connection: Connection, domain_id: UUID, template_id: UUID) -> Template | None:
    row = await connection.fetchrow(
        TEMPLATE + " WHERE t.domain_id = $1 AND t.template_id = $2", domain_id, template_id
    )
    return None if row is None else Template(**row)


async def named(
    connection: Connection, domain_id: UUID, channel_id: UUID, name: str
) -> list[Template]:
    rows = await connection.fetch(
        TEMPLATE + " WHERE t.domain_id = $1 AND t.channel_id = $2 AND t.name = $3"
        " ORDER BY t.language",
        domain_id,
        channel_id,
        name,
    )
    return [Template(**row) for row in rows]


async def by_carrier_id(
    connection: Connection, domain_id: UUID, channel_id: UUID, carrier_id: str
) -> UUID | None:
    return await connection.fetchval(
        "SELECT template_id FROM templates"
        " WHERE domain_id = $1 AND channel_id = $2 AND carrier_id = $3",
        domain_id,
        channel_id,
        carrier_id,
    )


async def lock(connection: Connection, channel_id: UUID) -> None:
    """Until the transaction's end, one caller at a time writes a channel's templates."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('templates ' || $1::uuid::text, 0))",
        channel_id,
    )


async def insert(
    connection: Connection,
    domain_id: UUID,
    template_id: UUID,
    channel_id: UUID,
    values: Sequence[Any],
    *,
    synced: bool,
) -> None:
    """`values`: see `values_of`."""
    await connection.execute(
        INSERT,
        domain_id,
        template_id,
        channel_id,
        *values,
        synced,
    )


async def change(
    connection: Connection, domain_id: UUID, template_id: UUID, values: Sequence[Any]
) -> None:
    await connection.execute(CHANGE, domain_id, template_id, *values)


async def disable(
    connection: Connection, domain_id: UUID, template_ids: Sequence[UUID], reason: str
) -> None:
    await connection.execute(
        "UPDATE templates SET status = 'disabled', status_reason = $3, updated_at = now()"
        " WHERE domain_id = $1 AND template_id = ANY($2::uuid[])",
        domain_id,
        template_ids,
        reason,
    )


async def synced(connection: Connection, domain_id: UUID, channel_id: UUID) -> None:
    await connection.execute(
        "UPDATE templates SET synced_at = now() WHERE domain_id = $1 AND channel_id = $2",
        domain_id,
        channel_id,
    )


async def delete(connection: Connection, domain_id: UUID, template_id: UUID) -> None:
    await connection.execute(
        "DELETE FROM templates WHERE domain_id = $1 AND template_id = $2", domain_id, template_id
    )


async def in_use(connection: Connection, domain_id: UUID, template_id: UUID) -> str | None:
    """What still needs the template."""
    return await connection.fetchval(IN_USE, domain_id, template_id)


async def sent_from(connection: Connection, domain_id: UUID, template_id: UUID) -> str | None:
    """What is made from the template at this moment, or will be without anybody's doing."""
    return await connection.fetchval(SENT_FROM, domain_id, template_id)


async def age(connection: Connection, domain_id: UUID, channel_id: UUID) -> float | None:
    """Seconds since the channel's templates were last compared; None where there are none."""
    return await connection.fetchval(
        "SELECT extract(epoch FROM now() - max(synced_at))::float8 FROM templates"
        " WHERE domain_id = $1 AND channel_id = $2",
        domain_id,
        channel_id,
    )


def values_of(
    template: CarrierTemplate | Draft, carrier_id: str | None, status: str, reason: str | None
) -> list[Any]:
    """A row's columns from `carrier_id` to `variables`."""
    return [
        carrier_id,
        template.name,
        template.language,
        template.category,
        status,
        reason,
        _plain(template.header),
        template.body,
        template.footer,
        [dict(button) for button in template.buttons],
        [dict(variable) for variable in template.variables],
    ]


def _plain(header: Mapping[str, str] | None) -> dict[str, str] | None:
    return None if header is None else dict(header)
