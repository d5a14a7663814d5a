"""The SQL of who must not be written to, on which channel, and of how that came to be.

Every change is logged by the statement that makes it.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from frontdesk.contacts.model import ALL_CHANNELS, OptOut, Via
from frontdesk.db.pool import Connection
from frontdesk.kernel.ids import new_id

# Who stops everything stops it for all of their addresses.
GROUP = f"""
SELECT c.contact_id, c.address FROM contacts c WHERE c.domain_id = $1 AND c.contact_id = $3
UNION
SELECT g.contact_id, g.address FROM (
    SELECT coalesce(c.merged_into, c.contact_id) AS root_id FROM contacts c
    WHERE c.domain_id = $1 AND c.contact_id = $3 AND $2::uuid = '{ALL_CHANNELS}'
) r CROSS JOIN LATERAL (
    SELECT contact_id, address FROM contacts c
    WHERE c.domain_id = $1 AND c.contact_id = r.root_id
    UNION ALL
    SELECT contact_id, address FROM contacts c
    WHERE c.domain_id = $1 AND c.merged_into = r.root_id AND c.merged_into IS NOT NULL
) g
"""

LOG = f"""
INSERT INTO opt_out_log (
    domain_id, entry_id, contact_id, channel_id, address, action, via, reason, person_id, at
)
SELECT $1, CASE WHEN t.contact_id = $3 THEN $4::uuid ELSE gen_random_uuid() END, t.contact_id,
    nullif($2::uuid, '{ALL_CHANNELS}'), t.address, $8::text, $6::text, $5::text, $7::uuid,
    clock_timestamp()
"""

# A customer who says STOP once more takes back a START that waits for its YES: that is logged too.
STOP = f"""
WITH target AS ({GROUP}), stopped AS (
    INSERT INTO opt_outs (domain_id, channel_id, contact_id, reason)
    SELECT $1, $2, t.contact_id, $5::text FROM target t
    ON CONFLICT DO NOTHING
    RETURNING contact_id
), logged AS (
    {LOG} FROM target t
    WHERE $6::text = 'customer' OR t.contact_id IN (SELECT contact_id FROM stopped)
)
SELECT count(*) FROM stopped
"""

RESUME_ALL = f"""
WITH target AS ({GROUP}), resumed AS (
    DELETE FROM opt_outs o USING target t
    WHERE o.domain_id = $1 AND o.contact_id = t.contact_id
    AND ($9::uuid IS NULL OR o.channel_id IN ($9::uuid, $2::uuid))
    RETURNING o.contact_id
), logged AS (
    {LOG} FROM target t WHERE t.contact_id IN (SELECT contact_id FROM resumed)
)
SELECT count(*) FROM resumed
"""

# Who stopped everything and comes back on one channel stays stopped on the others.
RESUME = f"""
WITH target AS ({GROUP}), everywhere AS (
    DELETE FROM opt_outs o USING target t
    WHERE o.domain_id = $1 AND o.channel_id = '{ALL_CHANNELS}' AND o.contact_id = t.contact_id
    RETURNING o.contact_id, o.reason, o.at
), others AS (
    INSERT INTO opt_outs (domain_id, channel_id, contact_id, reason, at)
    SELECT $1, h.channel_id, e.contact_id, e.reason, e.at FROM everywhere e
    JOIN channels h ON h.domain_id = $1 AND h.channel_id <> $2 AND h.state <> 'removed'
    ON CONFLICT DO NOTHING
), resumed AS (
    DELETE FROM opt_outs o USING target t
    WHERE o.domain_id = $1 AND o.channel_id = $2 AND o.contact_id = t.contact_id
    RETURNING o.contact_id
), gone AS (
    SELECT contact_id FROM resumed UNION SELECT contact_id FROM everywhere
), logged AS (
    {LOG} FROM target t WHERE t.contact_id IN (SELECT contact_id FROM gone)
)
SELECT count(*) FROM gone
"""

ASK = f"{LOG} FROM ({GROUP}) t WHERE t.contact_id = $3"

OF_CONTACTS = f"""
SELECT o.channel_id, h.kind, h.address, o.reason, o.at FROM (
    SELECT channel_id FROM channels WHERE domain_id = $1
    UNION ALL SELECT '{ALL_CHANNELS}'::uuid
) c CROSS JOIN LATERAL (
    SELECT channel_id, reason, at FROM opt_outs o
    WHERE o.domain_id = $1 AND o.channel_id = c.channel_id AND o.contact_id = ANY($2::uuid[])
    ORDER BY at LIMIT 1
) o LEFT JOIN LATERAL (
    SELECT kind, address FROM channels h
    WHERE h.domain_id = $1 AND h.channel_id = o.channel_id LIMIT 1
) h ON true
ORDER BY o.at DESC
"""


async def opt_out(
    connection: Connection,
    domain_id: UUID,
    channel_id: UUID,
    contact_id: UUID,
    reason: str,
    via: Via = "customer",
    person_id: UUID | None = None,
) -> bool:
    """On a channel, or on ALL_CHANNELS. False when the contact had opted out already."""
    ids = (domain_id, channel_id, contact_id, new_id())
    stopped = await connection.fetchval(STOP, *ids, reason, via, person_id, "stopped")
    return bool(stopped)


async def opt_in(
    connection: Connection,
    domain_id: UUID,
    channel_id: UUID,
    contact_id: UUID,
    reason: str = "",
    via: Via = "customer",
    person_id: UUID | None = None,
    *,
    said_on: UUID | None = None,
) -> bool:
    """On a channel; with ALL_CHANNELS on each. False when the contact had not opted out.

    With `said_on` what was stopped for all channels ends, and what was for that one; an opt-out of
    another channel alone stays.
    """
    values = (domain_id, channel_id, contact_id, new_id(), reason, via, person_id, "resumed")
    if channel_id == ALL_CHANNELS:
        return bool(await connection.fetchval(RESUME_ALL, *values, said_on))
    return bool(await connection.fetchval(RESUME, *values))


async def ask(
    connection: Connection, domain_id: UUID, channel_id: UUID, contact_id: UUID, reason: str
) -> None:
    """Notes that the contact was asked to say once more that messages are wanted."""
    ids = (domain_id, channel_id, contact_id, new_id())
    await connection.execute(ASK, *ids, reason, "customer", None, "asked")


async def asked_at(
    connection: Connection, domain_id: UUID, channel_id: UUID, contact_id: UUID
) -> datetime | None:
    """When the contact was asked so, unless they stopped or came back since."""
    row = await connection.fetchrow(
        "SELECT action, at FROM opt_out_log WHERE contact_id = $3 AND domain_id = $1"
        " AND (channel_id = $2 OR channel_id IS NULL) ORDER BY at DESC LIMIT 1",
        domain_id,
        channel_id,
        contact_id,
    )
    return row["at"] if row is not None and row["action"] == "asked" else None


async def of_contacts(
    connection: Connection, domain_id: UUID, contact_ids: Sequence[UUID]
) -> list[OptOut]:
    """One for each channel, the earliest: a person of several addresses says it once."""
    rows = await connection.fetch(OF_CONTACTS, domain_id, contact_ids)
    return [OptOut(*row.values()) for row in rows]
