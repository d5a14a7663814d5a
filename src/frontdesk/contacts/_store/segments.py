"""The SQL of segments: rules as conditions over the domain's contacts, lists as rows.

Members come in the order of their ids, from any id on, so that a page costs the same wherever it
is. A person who has several contacts is the one that stands for them.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

import asyncpg

from frontdesk.contacts.model import ALL_CHANNELS
from frontdesk.contacts.segments_model import Listed, Member, Rule, Segment, read_rule
from frontdesk.db.pool import Connection

FIRST = UUID(int=0)

SEGMENT = "segment_id, name, kind, rule, created_at, updated_at"

PEOPLE = """(
    SELECT c.contact_id UNION ALL
    SELECT m.contact_id FROM contacts m
    WHERE m.domain_id = $1 AND m.merged_into = c.contact_id AND m.merged_into IS NOT NULL
) g"""

CONVERSED = f"""EXISTS (
    SELECT FROM {PEOPLE} CROSS JOIN LATERAL (
        SELECT FROM conversations v
        WHERE v.domain_id = $1 AND v.contact_id = g.contact_id {{condition}} LIMIT 1
    ) v
)"""

OPTED_OUT = f"""EXISTS (
    SELECT FROM {PEOPLE} CROSS JOIN LATERAL (
        SELECT FROM (
            SELECT h.channel_id FROM channels h WHERE h.domain_id = $1 {{kind}}
            UNION ALL SELECT '{ALL_CHANNELS}'::uuid
        ) place CROSS JOIN LATERAL (
            SELECT FROM opt_outs o WHERE o.domain_id = $1 AND o.channel_id = place.channel_id
            AND o.contact_id = g.contact_id LIMIT 1
        ) o LIMIT 1
    ) o
)"""

LABELLED = """c.contact_id IN (
    SELECT coalesce(m.merged_into, m.contact_id) FROM conversation_labels k
    CROSS JOIN LATERAL (
        SELECT v.contact_id FROM conversations v
        WHERE v.domain_id = k.domain_id AND v.conversation_id = k.conversation_id LIMIT 1
    ) v CROSS JOIN LATERAL (
        SELECT m.contact_id, m.merged_into FROM contacts m
        WHERE m.domain_id = k.domain_id AND m.contact_id = v.contact_id LIMIT 1
    ) m WHERE k.domain_id = $1 AND k.label_id = ANY({labels}::uuid[])
)"""

MEMBER = "c.contact_id, c.address, c.display_name, c.email, c.attributes"


class Selection:
    """Whom a segment means: what stands behind FROM, with its values."""

    def __init__(self, domain_id: UUID, segment: Segment, after: UUID | None, now: datetime):
        self.values: list[Any] = [domain_id, after or FIRST]
        self.country = segment.rule.country if segment.kind == "rule" else None
        self._now = now
        if segment.kind == "list":
            self.kind = ""
            self.source = (
                "segment_members s CROSS JOIN LATERAL (SELECT * FROM contacts c"
                " WHERE c.domain_id = $1 AND c.contact_id = s.contact_id LIMIT 1) c"
                f" WHERE s.domain_id = $1 AND s.segment_id = {self._value(segment.segment_id)}"
                " AND s.contact_id > $2"
            )
            self.order = "s.contact_id"
            return
        channel = segment.rule.channel
        self.kind = f"AND h.kind = {self._value(channel)}" if channel else ""
        conditions = ["c.domain_id = $1", "c.contact_id > $2", "c.merged_into IS NULL"]
        self.source = "contacts c WHERE " + " AND ".join(conditions + self._of(segment.rule))
        self.order = "c.contact_id"

    def _value(self, value: Any) -> str:
        self.values.append(value)
        return f"${len(self.values)}"

    def _of(self, rule: Rule) -> list[str]:
        found: list[str] = []
        if rule.labels:
            found.append(LABELLED.format(labels=self._value(list(rule.labels))))
        if rule.language:
            name = self._value(rule.language)
            found.append(f"(c.language = {name} OR starts_with(c.language, {name} || '-'))")
        if rule.country:
            starts = [self._value(each) for each in beginnings(rule.country)]
            tests = (f"starts_with(c.address, {each})" for each in starts)
            found.append(f"({' OR '.join(tests)})")
        if rule.attributes:
            found.append(f"c.attributes @> {self._value(dict(rule.attributes))}::jsonb")
        if rule.created_after:
            found.append(f"c.created_at >= {self._value(rule.created_after)}")
        if rule.opted_out is not None:
            out = OPTED_OUT.format(kind=self.kind)
            found.append(out if rule.opted_out else f"NOT {out}")
        return found + self._talked(rule)

    def _talked(self, rule: Rule) -> list[str]:
        there = (
            "AND v.channel_id IN (SELECT h.channel_id FROM channels h"
            f" WHERE h.domain_id = $1 {self.kind})"
            if self.kind
            else ""
        )
        found: list[str] = []
        if there:
            found.append(CONVERSED.format(condition=there))
        for days, test in (
            (rule.last_wrote_within_days, "{}"),
            (rule.not_written_for_days, "NOT {}"),
        ):
            if days is not None:
                since = self._value(self._now - timedelta(days=days))
                wrote = f"{there} AND v.last_inbound_at >= {since}"
                found.append(test.format(CONVERSED.format(condition=wrote)))
        return found

    @property
    def is_exact(self) -> bool:
        """Whether its country shares no beginning of numbers with another one."""
        return self.country is None or not _shared(self.country)


@lru_cache(maxsize=512)
def beginnings(country: str) -> tuple[str, ...]:
    """How addresses of a country begin: numbers, and WhatsApp's user ids."""
    import phonenumbers  # 90 ms and several MB, for who asks for a country

    code = phonenumbers.country_code_for_region(country)
    return (f"{country}.", *([f"+{code}"] if code else []))


@lru_cache(maxsize=512)
def _shared(country: str) -> bool:
    import phonenumbers  # see `beginnings`

    code = phonenumbers.country_code_for_region(country)
    return len(phonenumbers.region_codes_for_country_code(code)) > 1


async def members(connection: Connection, selection: Selection, most: int) -> list[Member]:
    rows = await connection.fetch(
        f"SELECT {MEMBER} FROM {selection.source} ORDER BY {selection.order} LIMIT {int(most)}",
        *selection.values,
    )
    return [Member(*row.values()) for row in rows]


async def listed(connection: Connection, selection: Selection, most: int) -> list[Listed]:
    rows = await connection.fetch(
        f"SELECT {MEMBER}, c.language, c.created_at, c.blocked_at IS NOT NULL,"
        f" {OPTED_OUT.format(kind=selection.kind)}"
        f" FROM {selection.source} ORDER BY {selection.order} LIMIT {int(most)}",
        *selection.values,
    )
    return [Listed(*row.values()) for row in rows]


async def addresses(connection: Connection, selection: Selection, most: int) -> list[str]:
    """In no order."""
    rows = await connection.fetch(
        f"SELECT c.address FROM {selection.source} LIMIT {int(most)}", *selection.values
    )
    return [row["address"] for row in rows]


async def limit_time(connection: Connection, milliseconds: int) -> None:
    """What comes then raises asyncpg.QueryCanceledError when the time is up."""
    await connection.execute(f"SET LOCAL statement_timeout = {int(milliseconds)}")


# Segments themselves -----------------------------------------------------------------------------


def _segment(row: asyncpg.Record) -> Segment:
    return Segment(
        row["segment_id"],
        row["name"],
        row["kind"],
        read_rule(row["rule"]),
        row["created_at"],
        row["updated_at"],
    )


async def one(connection: Connection, domain_id: UUID, segment_id: UUID) -> Segment | None:
    row = await connection.fetchrow(
        f"SELECT {SEGMENT} FROM segments WHERE domain_id = $1 AND segment_id = $2",
        domain_id,
        segment_id,
    )
    return row and _segment(row)


async def all_of(connection: Connection, domain_id: UUID) -> list[Segment]:
    rows = await connection.fetch(
        f"SELECT {SEGMENT} FROM segments WHERE domain_id = $1 ORDER BY lower(name), segment_id",
        domain_id,
    )
    return [_segment(row) for row in rows]


async def insert(connection: Connection, domain_id: UUID, segment: Segment) -> None:
    await connection.execute(
        "INSERT INTO segments (domain_id, segment_id, name, kind, rule, created_at, updated_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        domain_id,
        segment.segment_id,
        segment.name,
        segment.kind,
        segment.rule.stored(),
        segment.created_at,
        segment.updated_at,
    )


async def update(connection: Connection, domain_id: UUID, segment: Segment) -> None:
    await connection.execute(
        "UPDATE segments SET name = $3, rule = $4, updated_at = $5"
        " WHERE domain_id = $1 AND segment_id = $2",
        domain_id,
        segment.segment_id,
        segment.name,
        segment.rule.stored(),
        segment.updated_at,
    )


async def delete(connection: Connection, domain_id: UUID, segment_id: UUID) -> None:
    await connection.execute(
        "DELETE FROM segments WHERE domain_id = $1 AND segment_id = $2", domain_id, segment_id
    )


async def used_by(connection: Connection, domain_id: UUID, segment_id: UUID) -> str | None:
    """What still sends to the segment: a campaign's or a repeat's name."""
    return await connection.fetchval(
        "SELECT name FROM campaigns WHERE domain_id = $1 AND segment_id = $2"
        " AND status IN ('importing', 'scheduled', 'running', 'paused')"
        " UNION ALL SELECT name FROM repeats WHERE domain_id = $1 AND segment_id = $2"
        " AND state = 'active' LIMIT 1",
        domain_id,
        segment_id,
    )


async def add(
    connection: Connection, domain_id: UUID, segment_id: UUID, contact_ids: Sequence[UUID]
) -> int:
    """How many of the contacts were not in the list."""
    told = await connection.execute(
        "INSERT INTO segment_members (domain_id, segment_id, contact_id)"
        " SELECT DISTINCT $1::uuid, $2::uuid, coalesce(c.merged_into, c.contact_id)"
        " FROM unnest($3::uuid[]) AS i (contact_id) CROSS JOIN LATERAL ("
        "  SELECT contact_id, merged_into FROM contacts c"
        "  WHERE c.domain_id = $1 AND c.contact_id = i.contact_id LIMIT 1"
        " ) c ORDER BY 3 ON CONFLICT DO NOTHING",
        domain_id,
        segment_id,
        contact_ids,
    )
    return int(told.rpartition(" ")[2])


async def remove(
    connection: Connection, domain_id: UUID, segment_id: UUID, contact_id: UUID
) -> bool:
    told = await connection.execute(
        "DELETE FROM segment_members WHERE domain_id = $1 AND segment_id = $2 AND contact_id = $3",
        domain_id,
        segment_id,
        contact_id,
    )
    return told == "DELETE 1"


async def known(connection: Connection, domain_id: UUID, contact_ids: Sequence[UUID]) -> set[UUID]:
    rows = await connection.fetch(
        "SELECT contact_id FROM contacts WHERE domain_id = $1 AND contact_id = ANY($2::uuid[])",
        domain_id,
        contact_ids,
    )
    return {row["contact_id"] for row in rows}


async def known_labels(
    connection: Connection, domain_id: UUID, label_ids: Sequence[UUID]
) -> set[UUID]:
    rows = await connection.fetch(
        "SELECT label_id FROM labels WHERE domain_id = $1 AND label_id = ANY($2::uuid[])",
        domain_id,
        label_ids,
    )
    return {row["label_id"] for row in rows}
