"""The SQL of dry runs: what would become of rows, decided for all of them at once.

The rules are those of `judging`, whose order of reasons is the order here.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg

from frontdesk.contacts.model import ALL_CHANNELS
from frontdesk.db.pool import Connection

LONG_SECONDS = 120
SAMPLES = 3
"""Of each reason."""

STORED = """
SELECT o.line, o.channel, o.address, o.variables, o.name, o.email, o.status, o.reason_code,
    o.reason, o.instruction, o.spellings, o.call_type
FROM outreach o WHERE o.campaign_id = $2 AND o.domain_id = $1
"""
GIVEN = """
SELECT r.line, r.channel, r.address, r.variables::jsonb AS variables, r.name, r.email,
    CASE WHEN r.code IS NULL THEN 'waiting' ELSE 'skipped' END AS status, r.code AS reason_code,
    r.reason, NULL::text AS instruction, NULL::text[] AS spellings, r.call_type
FROM unnest(
    $12::bigint[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::text[],
    $19::text[], $20::text[]
) AS r (line, channel, address, variables, name, email, call_type, code, reason)
WHERE $2::uuid IS NOT NULL
"""

# $3, $4: kind and id of each kind's channel. $5: how long its window is open, null where none is
# asked for. $6: whether its messages can be made from the template. $7: columns that the template
# needs. $8: kinds in which a variable must be one line. $9: whether there is a template. $10:
# whether there is anything to say without one. $11: the business's own numbers.
# As when it is sent, the exact address wins, then its other spellings.
JUDGED = """
WITH r AS MATERIALIZED ({rows}), judged AS (
    SELECT r.line, r.channel, r.address, r.call_type, r.reason, CASE
        WHEN r.status = 'skipped' AND r.reason_code IN (
            'bad_number', 'duplicate', 'unknown_channel', 'opted_out', 'blocked', 'no_window',
            'no_credit', 'bad_variables') THEN r.reason_code
        WHEN r.status = 'skipped' THEN 'bad_row'
        WHEN r.status <> 'waiting' THEN 'over'
        WHEN r.address = ANY($11::text[]) OR r.channel = 'sms' AND r.address ~ '^[A-Z][A-Z][.]'
            THEN 'bad_number'
        WHEN h.channel_id IS NULL THEN 'unknown_channel'
        WHEN p.opted_out THEN 'opted_out'
        WHEN p.blocked THEN 'blocked'
        WHEN h.window_hours IS NOT NULL
            AND coalesce(p.last_inbound_at < now() - h.window_hours, true) THEN 'no_window'
        WHEN NOT $9 AND NOT $10 AND r.instruction IS NULL THEN 'bad_row'
        WHEN $9 AND NOT h.takes_template THEN 'template'
        WHEN EXISTS (
            SELECT FROM unnest($7::text[]) AS n (name), LATERAL (
                SELECT coalesce(r.variables ->> n.name, CASE n.name
                    WHEN 'name' THEN r.name WHEN 'email' THEN r.email
                    WHEN 'phone_number' THEN r.address END, '') AS value
            ) v
            WHERE btrim(v.value) = '' OR length(v.value) > 1024
            OR (r.channel = ANY($8::text[]) AND v.value ~ E'[\\n\\r\\t]|    ')
        ) THEN 'bad_variables'
    END AS code
    FROM r
    LEFT JOIN LATERAL (
        SELECT u.channel_id, u.window_hours, u.takes_template
        FROM unnest($3::text[], $4::uuid[], $5::interval[], $6::boolean[])
            AS u (kind, channel_id, window_hours, takes_template)
        WHERE u.kind = r.channel LIMIT 1
    ) h ON true
    LEFT JOIN LATERAL (
        SELECT t.blocked_at IS NOT NULL AS blocked, EXISTS (
            SELECT FROM opt_outs x WHERE x.domain_id = $1 AND x.contact_id = t.contact_id
            AND x.channel_id IN (h.channel_id, '{all_channels}')
        ) AS opted_out, (
            SELECT w.last_inbound_at FROM conversations w WHERE w.domain_id = $1
            AND w.contact_id = t.contact_id AND w.channel_id = h.channel_id LIMIT 1
        ) AS last_inbound_at
        FROM contacts t WHERE r.status = 'waiting' AND t.domain_id = $1
        AND t.address IN (r.address, r.spellings[1], r.spellings[2], r.spellings[3])
        ORDER BY t.address <> r.address, length(t.address) DESC LIMIT 1
    ) p ON true
)
"""
TOTALS = """
SELECT 'total' AS what, code, channel, call_type, left(address, 8) AS prefix, count(*) AS number,
    NULL::bigint AS line, min(address) AS address, NULL::text AS reason
FROM judged GROUP BY code, channel, call_type, left(address, 8)
UNION ALL
SELECT 'sample', code, channel, call_type, NULL, 1, line, address, reason FROM (
    SELECT *, row_number() OVER (PARTITION BY code ORDER BY line) AS place
    FROM judged WHERE code IS NOT NULL AND code <> 'over'
) s WHERE place <= {samples}
"""


def _sql(rows: str) -> str:
    judged = JUDGED.format(rows=rows, all_channels=ALL_CHANNELS)
    return judged + TOTALS.format(samples=SAMPLES)


OF_STORED, OF_GIVEN = _sql(STORED), _sql(GIVEN)


async def judged(
    connection: Connection,
    domain_id: UUID,
    campaign_id: UUID,
    rules: Sequence[Any],
    given: Mapping[str, Sequence[Any]] | None = None,
) -> list[asyncpg.Record]:
    """Totals by outcome, channel and the number's beginning, and samples of what is skipped.

    Of the campaign's rows, or of `given` ones that are not stored. A code that is null would be
    sent; `over` is what was sent or canceled before.
    """
    await connection.execute(f"SET LOCAL statement_timeout = '{LONG_SECONDS}s'")
    values = [domain_id, campaign_id, *rules]
    if given is None:
        return await connection.fetch(OF_STORED, *values, timeout=LONG_SECONDS)
    return await connection.fetch(OF_GIVEN, *values, *given.values(), timeout=LONG_SECONDS)
