"""The ledger: only added to, by whoever holds the account's lock.

`at` is taken under that lock, so that the order by time is the order in which the balance changed.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg

from frontdesk.billing.model import Charge, EntryKind
from frontdesk.db.pool import Connection
from frontdesk.kernel.ids import new_id

COLUMNS = (
    "entry_id, charge_key, kind, amount, channel, direction, call_type, category, country,"
    " quantity, message_id, conversation_id, outreach_id, campaign_id, person_id, reason, at"
)

# What is paid for already costs nothing. The keys are looked up at once: a plan for a join may read
# the domain's whole ledger.
WANTED = """
wanted AS MATERIALIZED (
    SELECT * FROM unnest(
        $2::uuid[], $3::text[], $4::numeric[], $5::text[], $6::text[], $7::text[], $8::text[],
        $9::text[], $10::numeric[], $11::uuid[], $12::uuid[], $13::uuid[], $14::uuid[], $15::text[]
    ) WITH ORDINALITY AS w (
        entry_id, charge_key, amount, channel, direction, call_type, category, country, quantity,
        message_id, conversation_id, outreach_id, campaign_id, reason, ord
    )
    WHERE NOT w.charge_key = ANY(ARRAY(
        SELECT l.charge_key FROM ledger l WHERE l.charge_key = ANY($3::text[]) AND l.domain_id = $1
    ))
)
"""

# All or nothing: no row changes when the balance is short.
SPEND = f"""
WITH {WANTED}, total AS (
    SELECT coalesce(sum(amount), 0) AS amount FROM wanted
), paid AS (
    UPDATE credit_accounts a SET balance = a.balance - t.amount
    FROM total t WHERE a.domain_id = $1 AND a.balance >= t.amount
    RETURNING 1
), entry AS (
    INSERT INTO ledger (
        domain_id, entry_id, charge_key, kind, amount, channel, direction, call_type, category,
        country, quantity, message_id, conversation_id, outreach_id, campaign_id, reason, at
    )
    SELECT $1, w.entry_id, w.charge_key, $16, -w.amount, w.channel, w.direction, w.call_type,
        w.category, w.country, w.quantity, w.message_id, w.conversation_id, w.outreach_id,
        w.campaign_id, w.reason, clock_timestamp()
    FROM wanted w, paid
)
SELECT EXISTS (SELECT FROM paid)
"""

# Of each in turn as much as is left, beside what is kept; what is missing stands in its reason.
TAKE = f"""
WITH {WANTED}, account AS (
    SELECT greatest(balance - $16::numeric, 0) AS free FROM credit_accounts WHERE domain_id = $1
), covered AS (
    SELECT w.*, greatest(least(w.amount, a.free - coalesce(sum(w.amount) OVER (
        ORDER BY w.ord ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ), 0)), 0) AS taken
    FROM wanted w, account a
), entry AS (
    INSERT INTO ledger (
        domain_id, entry_id, charge_key, kind, amount, channel, direction, call_type, category,
        country, quantity, message_id, conversation_id, outreach_id, campaign_id, reason, at
    )
    SELECT $1, c.entry_id, c.charge_key, 'charge', -c.taken, c.channel, c.direction, c.call_type,
        c.category, c.country, c.quantity, c.message_id, c.conversation_id, c.outreach_id,
        c.campaign_id, CASE WHEN c.taken = c.amount THEN c.reason ELSE concat_ws(
            '; ', nullif(c.reason, ''),
            'the balance did not cover ' || trim_scale(c.amount - c.taken) || ' more'
        ) END, clock_timestamp()
    FROM covered c ORDER BY c.ord
    RETURNING amount
)
UPDATE credit_accounts a SET balance = a.balance + e.amount
FROM (SELECT coalesce(sum(amount), 0) AS amount FROM entry) e
WHERE a.domain_id = $1 AND EXISTS (SELECT FROM wanted)
RETURNING -e.amount
"""

ADD = f"""
WITH entry AS (
    INSERT INTO ledger (
        domain_id, {COLUMNS}
    )
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
        clock_timestamp())
    RETURNING {COLUMNS}
), account AS (
    UPDATE credit_accounts a SET balance = a.balance + e.amount FROM entry e
    WHERE a.domain_id = $1 RETURNING a.balance
)
SELECT entry.*, account.balance FROM entry, account
"""

REFUND = """
WITH entry AS (
    INSERT INTO ledger (
        domain_id, entry_id, charge_key, kind, amount, channel, direction, call_type, category,
        country, quantity, message_id, conversation_id, outreach_id, campaign_id, reason, at
    )
    SELECT l.domain_id, gen_random_uuid(), 'refund:' || l.charge_key, 'refund', -l.amount,
        l.channel, l.direction, l.call_type, l.category, l.country, l.quantity, l.message_id,
        l.conversation_id, l.outreach_id, l.campaign_id, $3, clock_timestamp()
    FROM ledger l
    WHERE l.charge_key = ANY($2::text[]) AND l.domain_id = $1 AND l.kind = 'charge'
    ON CONFLICT (charge_key, domain_id) DO NOTHING
    RETURNING amount
)
UPDATE credit_accounts a SET balance = a.balance + e.amount
FROM (SELECT sum(amount) AS amount FROM entry) e
WHERE a.domain_id = $1 AND e.amount IS NOT NULL
"""

# The balance comes with each row, so that both are of one moment.
PAGE = f"""
SELECT {COLUMNS}, (SELECT balance FROM credit_accounts WHERE domain_id = $1) AS balance
FROM ledger
WHERE domain_id = $1 AND at > '-infinity'
AND ($2::timestamptz IS NULL OR at >= $2) AND ($3::timestamptz IS NULL OR at < $3)
AND ($4::text IS NULL OR kind = $4)
AND at <= coalesce($5::timestamptz, 'infinity')
AND ($5::timestamptz IS NULL OR (at, entry_id) < ($5, $6))
ORDER BY at DESC, entry_id DESC LIMIT $7
"""

STATEMENT = f"""
SELECT {COLUMNS} FROM ledger
WHERE domain_id = $1 AND at > '-infinity' AND at >= coalesce($4::timestamptz, $2)
AND ($3::timestamptz IS NULL OR at < $3)
AND ($4::timestamptz IS NULL OR (at, entry_id) > ($4, $5))
ORDER BY at, entry_id LIMIT $6
"""


IN_ORDER = "SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off"


async def spend(
    connection: Connection, domain_id: UUID, kind: EntryKind, charges: Sequence[Charge]
) -> bool:
    """Takes what is not paid for yet; False when the balance is short. The account is locked."""
    return bool(await connection.fetchval(SPEND, domain_id, *_columns(charges), kind))


async def take(
    connection: Connection, domain_id: UUID, charges: Sequence[Charge], keep: Decimal
) -> Decimal:
    """Takes what the balance covers of what is not paid for yet; what it took. The account is
    locked."""
    return await connection.fetchval(TAKE, domain_id, *_columns(charges), keep) or Decimal(0)


def _columns(charges: Sequence[Charge]) -> list[list[Any]]:
    """As WANTED reads them."""
    return [
        [new_id() for _ in charges],
        [each.key for each in charges],
        [each.amount for each in charges],
        [each.channel for each in charges],
        [each.direction for each in charges],
        [each.call_type for each in charges],
        [each.category for each in charges],
        [each.country for each in charges],
        [each.quantity for each in charges],
        [each.message_id for each in charges],
        [each.conversation_id for each in charges],
        [each.outreach_id for each in charges],
        [each.campaign_id for each in charges],
        [each.reason for each in charges],
    ]


async def add(
    connection: Connection,
    domain_id: UUID,
    kind: EntryKind,
    charge: Charge,
    person_id: UUID | None = None,
) -> asyncpg.Record:
    """Adds one entry of the charge's amount, as it is signed; the entry with the new balance."""
    row = await connection.fetchrow(
        ADD,
        domain_id,
        new_id(),
        charge.key,
        kind,
        charge.amount,
        charge.channel,
        charge.direction,
        charge.call_type,
        charge.category,
        charge.country,
        charge.quantity,
        charge.message_id,
        charge.conversation_id,
        charge.outreach_id,
        charge.campaign_id,
        person_id,
        charge.reason,
    )
    assert row is not None, "the account is locked, so it is there"
    return row


async def refund(connection: Connection, domain_id: UUID, keys: Sequence[str], reason: str) -> None:
    """Gives back what was charged under the keys, each once."""
    await connection.execute(REFUND, domain_id, list(keys), reason)


async def by_key(connection: Connection, domain_id: UUID, key: str) -> asyncpg.Record | None:
    return await connection.fetchrow(
        f"SELECT {COLUMNS} FROM ledger WHERE charge_key = $2 AND domain_id = $1", domain_id, key
    )


async def page(
    connection: Connection,
    domain_id: UUID,
    since: datetime | None,
    until: datetime | None,
    kind: str | None,
    before: tuple[datetime, UUID] | None,
    most: int,
) -> list[asyncpg.Record]:
    """The newest entries before one."""
    at, entry_id = before or (None, None)
    return await connection.fetch(PAGE, domain_id, since, until, kind, at, entry_id, most)


async def balance_at(connection: Connection, domain_id: UUID, moment: datetime) -> Decimal:
    """The sum of what was before."""
    found = await connection.fetchval(
        "SELECT sum(amount) FROM ledger WHERE domain_id = $1 AND at > '-infinity' AND at < $2",
        domain_id,
        moment,
    )
    return found or Decimal(0)


async def statement(
    connection: Connection,
    domain_id: UUID,
    since: datetime,
    until: datetime | None,
    after: tuple[datetime, UUID] | None,
    most: int,
) -> list[asyncpg.Record]:
    """The oldest entries after one."""
    # Before the table is analyzed, a plan would sort all that follows for every batch of it.
    await connection.execute(IN_ORDER)
    at, entry_id = after or (None, None)
    return await connection.fetch(STATEMENT, domain_id, since, until, at, entry_id, most)


async def paid(connection: Connection, domain_id: UUID, keys: Sequence[str]) -> set[str]:
    rows = await connection.fetch(
        "SELECT l.charge_key FROM unnest($2::text[]) AS k (key) CROSS JOIN LATERAL ("
        "  SELECT charge_key FROM ledger l WHERE l.charge_key = k.key AND l.domain_id = $1 LIMIT 1"
        " ) l WHERE NOT EXISTS ("
        "  SELECT FROM ledger r WHERE r.charge_key = 'refund:' || k.key AND r.domain_id = $1"
        " )",
        domain_id,
        keys,
    )
    return {row["charge_key"] for row in rows}
