"""The SQL of showing who opted out, and what was said when: the latest first."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from frontdesk.contacts.model import ALL_CHANNELS, LogEntry, OptedOut
from frontdesk.db.pool import Connection

NEVER = datetime.max.replace(tzinfo=UTC)
LAST = UUID(int=2**128 - 1)

ROW = f"""
SELECT o.contact_id, c.address, c.display_name,
    nullif(o.channel_id, '{ALL_CHANNELS}') AS channel_id, h.kind, h.address AS channel_address,
    o.reason, coalesce(l.via, 'customer') AS via, o.at
FROM o
CROSS JOIN LATERAL (
    SELECT address, display_name FROM contacts c
    WHERE c.domain_id = $1 AND c.contact_id = o.contact_id LIMIT 1
) c
LEFT JOIN LATERAL (
    SELECT kind, address FROM channels h
    WHERE h.domain_id = $1 AND h.channel_id = o.channel_id LIMIT 1
) h ON true
LEFT JOIN LATERAL (
    SELECT via FROM opt_out_log l WHERE l.contact_id = o.contact_id AND l.domain_id = $1
    AND (l.channel_id = o.channel_id OR l.channel_id IS NULL) AND l.action = 'stopped'
    ORDER BY l.at DESC LIMIT 1
) l ON true
ORDER BY o.at DESC, o.contact_id DESC, o.channel_id DESC
"""

LATEST = f"""
WITH o AS (
    SELECT * FROM opt_outs o WHERE o.domain_id = $1 AND o.at > '-infinity'
    AND (o.at, o.contact_id, o.channel_id) < ($2::timestamptz, $3::uuid, $4::uuid)
    ORDER BY o.at DESC, o.contact_id DESC, o.channel_id DESC LIMIT $5
) {ROW}
"""

OF = f"""
WITH person AS (
    SELECT unnest($2::uuid[]) AS contact_id
    UNION
    SELECT contact_id FROM contacts WHERE domain_id = $1 AND merged_into = ANY($2::uuid[])
    AND merged_into IS NOT NULL
), place AS (
    SELECT channel_id FROM channels WHERE domain_id = $1
    UNION ALL SELECT '{ALL_CHANNELS}'::uuid
), o AS (
    SELECT o.* FROM person CROSS JOIN place CROSS JOIN LATERAL (
        SELECT * FROM opt_outs o WHERE o.domain_id = $1
        AND o.channel_id = place.channel_id AND o.contact_id = person.contact_id LIMIT 1
    ) o LIMIT $3
) {ROW}
"""

# Each form has the index that it needs: of everybody by time, of a few contacts by contact.
LOG = """
SELECT l.entry_id, l.contact_id, l.address, c.display_name, l.channel_id, h.kind,
    h.address AS channel_address, l.action, l.via, l.reason, l.person_id, p.name AS person_name,
    p.email AS person_email, l.at
FROM (
    SELECT * FROM opt_out_log l WHERE l.domain_id = $1 AND l.at > '-infinity'
    AND {whose} AND (l.at, l.entry_id) < ($3::timestamptz, $4::uuid)
    ORDER BY l.at DESC, l.entry_id DESC LIMIT $5
) l
LEFT JOIN LATERAL (
    SELECT display_name FROM contacts c
    WHERE c.domain_id = $1 AND c.contact_id = l.contact_id LIMIT 1
) c ON true
LEFT JOIN LATERAL (
    SELECT kind, address FROM channels h
    WHERE h.domain_id = $1 AND h.channel_id = l.channel_id LIMIT 1
) h ON true
LEFT JOIN LATERAL (
    SELECT name, email FROM people p
    WHERE p.domain_id = $1 AND p.person_id = l.person_id LIMIT 1
) p ON true
ORDER BY l.at DESC, l.entry_id DESC
"""


async def latest(
    connection: Connection,
    domain_id: UUID,
    before: tuple[datetime, UUID, UUID] | None,
    most: int,
) -> list[OptedOut]:
    """Those after a place in the list: its time, contact and channel."""
    rows = await connection.fetch(LATEST, domain_id, *(before or (NEVER, LAST, LAST)), most)
    return [OptedOut(*row.values()) for row in rows]


async def of_contacts(
    connection: Connection, domain_id: UUID, contact_ids: Sequence[UUID], most: int
) -> list[OptedOut]:
    """Of these contacts and of those merged into them."""
    rows = await connection.fetch(OF, domain_id, contact_ids, most)
    return [OptedOut(*row.values()) for row in rows]


async def log(
    connection: Connection,
    domain_id: UUID,
    contact_ids: Sequence[UUID] | None,
    before: tuple[datetime, UUID] | None,
    most: int,
) -> list[LogEntry]:
    """None as contacts: of everybody."""
    whose = "$2::uuid[] IS NULL" if contact_ids is None else "l.contact_id = ANY($2::uuid[])"
    query = LOG.format(whose=whose)
    rows = await connection.fetch(query, domain_id, contact_ids, *(before or (NEVER, LAST)), most)
    return [LogEntry(*row.values()) for row in rows]
