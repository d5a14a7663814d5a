"""Lists of conversations: each filter by an index of its own, a page at a time.

Plans are made once for all values, so a filter that is not asked for is not in the text, and each
text names the one index that it is for. A list is made of streams, each in the order of activity:
one for each status, and for each channel. What no index holds is looked for in up to `LOOKED` rows
of each stream: the last of them comes along, so that the next page begins where the look ended.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from frontdesk.contacts.model import ALL_CHANNELS
from frontdesk.conversations.filters import STATUSES, Filters
from frontdesk.db.pool import Connection
from frontdesk.kernel import searching

LOOKED = 1_500
MOST_KEYS = 1_000
"""Conversations of a label, with mentions of a person, with a text: looked up one by one."""
MOST_COUNTED = 1_000

# How much of a conversation its viewer has read, as number of inbound messages. Without a row:
# all that came before the person did; of an older conversation, only its latest message is new.
READ_COUNT = """coalesce(r.inbound_count, CASE
    WHEN v.last_inbound_at IS NULL OR v.last_inbound_at <= p.created_at THEN v.inbound_count
    WHEN v.created_at >= p.created_at THEN 0 ELSE greatest(v.inbound_count - 1, 0) END)"""

READ = """
LEFT JOIN LATERAL (
    SELECT r.inbound_count, r.seq FROM conversation_reads r WHERE r.domain_id = v.domain_id
    AND r.conversation_id = v.conversation_id AND r.person_id = {viewer} LIMIT 1
) r ON true
LEFT JOIN (
    SELECT created_at FROM people WHERE domain_id = $1::uuid AND person_id = {viewer} LIMIT 1
) p ON true
"""
"""The viewer's own, in statements whose first parameter is the domain."""

PERSON = """
LEFT JOIN LATERAL (
    SELECT p.person_id, p.name, p.email FROM people p
    WHERE p.domain_id = v.domain_id AND p.person_id = v.{column} LIMIT 1
) {alias} ON true
"""

FACTS = f"""
v.conversation_id, coalesce(v.assistant_id, d.default_assistant_id) AS assistant_id, v.mode,
v.mode_changed_at, v.status, v.snoozed_until, v.needs_people, v.needs_people_reason,
v.last_message, v.last_sender, v.last_active, v.last_inbound_at, v.inbound_count, v.address,
v.priority, v.blocked, v.created_at, v.channel_id, h.kind AS channel, h.carrier,
coalesce(root.contact_id, c.contact_id) AS contact_id,
coalesce(root.display_name, c.display_name) AS display_name, coalesce(root.email, c.email) AS email,
to_json(assignee) AS assignee, to_json(changer) AS mode_changed_by, to_json(team) AS team,
(
    SELECT json_agg(l ORDER BY lower(l.name)) FROM (
        SELECT l.label_id, l.name, l.color FROM conversation_labels k JOIN labels l
        ON l.domain_id = k.domain_id AND l.label_id = k.label_id
        WHERE k.domain_id = v.domain_id AND k.conversation_id = v.conversation_id
    ) l
) AS labels,
EXISTS (
    SELECT FROM opt_outs o WHERE o.domain_id = v.domain_id
    AND o.channel_id IN (v.channel_id, '{ALL_CHANNELS}') AND o.contact_id = v.contact_id
) AS opted_out,
CASE WHEN {{viewer}} IS NOT NULL THEN {READ_COUNT} END AS read_count,
CASE WHEN {{viewer}} IS NOT NULL THEN EXISTS (
    SELECT FROM mentions n WHERE n.domain_id = v.domain_id AND n.person_id = {{viewer}}
    AND n.conversation_id = v.conversation_id AND n.seen_at IS NULL
) END AS mentioned
"""

AROUND = f"""
CROSS JOIN LATERAL (
    SELECT * FROM contacts c
    WHERE c.domain_id = v.domain_id AND c.contact_id = v.contact_id LIMIT 1
) c
LEFT JOIN LATERAL (
    SELECT * FROM contacts root
    WHERE root.domain_id = v.domain_id AND root.contact_id = c.merged_into LIMIT 1
) root ON true
CROSS JOIN LATERAL (
    SELECT * FROM channels h
    WHERE h.domain_id = v.domain_id AND h.channel_id = v.channel_id LIMIT 1
) h
JOIN domains d ON d.domain_id = v.domain_id
{PERSON.format(column="assignee_id", alias="assignee")}
{PERSON.format(column="mode_changed_by", alias="changer")}
LEFT JOIN LATERAL (
    SELECT team_id, name FROM teams t WHERE t.domain_id = v.domain_id AND t.team_id = v.team_id
    LIMIT 1
) team ON true
{READ}
"""

LATEST_FIRST = "v.active_step DESC, v.last_active DESC, v.conversation_id DESC"

MENTIONING = f"""
SELECT DISTINCT conversation_id FROM (
    SELECT conversation_id FROM mentions WHERE domain_id = {{domain}} AND person_id = {{viewer}}
    ORDER BY message_id DESC LIMIT {MOST_KEYS}
) n
"""
LABELLED = f"""
SELECT conversation_id FROM conversation_labels
WHERE label_id = {{label}} AND domain_id = {{domain}} LIMIT {MOST_KEYS}
"""
FOUND = f"""
SELECT conversation_id
FROM search_conversations({{text}}, {{grams}}, {MOST_KEYS}) k (conversation_id)
"""
LABEL = """
LEFT JOIN LATERAL (
    SELECT true AS here FROM conversation_labels k WHERE k.domain_id = v.domain_id
    AND k.conversation_id = v.conversation_id AND k.label_id = {label} LIMIT 1
) labelled ON true
"""
"""A join: as EXISTS, all of the label's conversations would be read for each page."""
ON_CHANNEL = {
    "uuid": "v.channel_id = {channel}",
    "text": "EXISTS (SELECT FROM channels h WHERE h.domain_id = v.domain_id"
    " AND h.channel_id = v.channel_id AND h.kind = {channel})",
}


@dataclass(frozen=True)
class _Stream:
    """Conversations in the order of activity. `each`: once for each of these rows."""

    condition: str = "true"
    source: str = "conversations v"
    each: str = ""


@dataclass
class List:
    """The text of one kind of list while it is put together, and its values."""

    domain_id: UUID
    filters: Filters
    rare_label: bool
    values: list[Any] = field(default_factory=list[Any])
    joins: dict[str, None] = field(default_factory=dict[str, None])

    def __post_init__(self) -> None:
        self.domain = self.value(self.domain_id, "uuid")
        self.viewer = self.value(self.filters.viewer, "uuid")

    def value(self, value: Any, kind: str) -> str:
        """The parameter that stands for a value."""
        self.values.append(value)
        return f"${len(self.values)}::{kind}"

    def text(self, before: tuple[datetime, UUID] | None, most: int) -> str:
        cursor = "true"
        if before is not None:
            moment, row = self.value(before[0], "timestamptz"), self.value(before[1], "uuid")
            cursor = (
                f"v.active_step <= {moment}"
                f" AND (v.last_active, v.conversation_id) < ({moment}, {row})"
            )
        number = self.value(most, "int")
        blocked = "v.blocked" if self.filters.blocked else "NOT v.blocked"
        where = f"v.domain_id = {self.domain} AND {blocked} AND {cursor}"
        held, streams = self._streams()
        sought = " AND ".join(self._sought(held))
        listed = "\nUNION ALL\n".join(
            self._stream(each, f"{where} AND {each.condition}", sought, number) for each in streams
        )
        return (
            f"WITH v AS (SELECT * FROM ({listed}) v ORDER BY {LATEST_FIRST} LIMIT {number})"
            f" SELECT v.matches, v.cut, {FACTS.format(viewer=self.viewer)}"
            f" FROM v {AROUND.format(viewer=self.viewer)} ORDER BY {LATEST_FIRST}"
        )

    def _stream(self, stream: _Stream, where: str, sought: str, number: str) -> str:
        if not sought:
            part = (
                f"(SELECT v.*, true AS matches, false AS cut FROM {stream.source} WHERE {where}"
                f" ORDER BY {LATEST_FIRST} LIMIT {number})"
            )
        else:
            part = (
                f"(SELECT v.*, ({sought}) AS matches, v.place = {LOOKED} AS cut FROM ("
                f"SELECT v.*, row_number() OVER (ORDER BY {LATEST_FIRST}) AS place"
                f" FROM {stream.source} WHERE {where} ORDER BY {LATEST_FIRST} LIMIT {LOOKED}"
                f") v {' '.join(self.joins)} WHERE ({sought}) OR v.place = {LOOKED}"
                f" ORDER BY {LATEST_FIRST} LIMIT {number})"
            )
        return f"SELECT v.* FROM {stream.each} CROSS JOIN LATERAL {part} v" if stream.each else part

    def _streams(self) -> tuple[set[str], list[_Stream]]:
        """The streams of the index that leaves out most, and the filters that it holds."""
        f = self.filters
        statuses = [f.status] if f.status else list(STATUSES)
        if f.text and not searching.words(f.text):
            return {"text"}, [_Stream("false")]
        if f.text:
            text, grams = self.value(f.text, "text"), self.value(searching.grams(f.text), "text[]")
            return {"text"}, [self._keyed(FOUND.format(text=text, grams=grams))]
        if f.mentions:
            return {"mentions"}, [self._keyed(MENTIONING.format(**vars(self)))]
        if f.label and self.rare_label:
            label = self.value(f.label, "uuid")
            return {"label"}, [self._keyed(LABELLED.format(domain=self.domain, label=label))]
        if isinstance(f.assignee, UUID):
            return self._by("assignee", f.assignee, statuses)
        if f.needs_people:
            return {"needs_people"}, [_Stream("v.needs_people")]
        if f.assignee == "none" and f.status == "open":
            unassigned = _Stream("v.status = 'open' AND v.assignee_id IS NULL")
            return {"assignee", "status"}, [unassigned]
        if f.team:
            return self._by("team", f.team, statuses)
        if f.priority and f.priority != "normal":
            priority = f"v.priority <> 'normal' AND v.priority = {self.value(f.priority, 'text')}"
            return {"priority", "status"}, _each(priority, statuses)
        if f.mode == "manual":
            return {"mode", "status"}, _each("v.mode = 'manual'", statuses)
        if f.blocked:
            return set(), [_Stream("v.blocked")]
        if f.channel or f.status:
            return {"channel", "status"}, self._by_channel(statuses)
        return set(), [_Stream("v.created_at > '-infinity'")]

    def _by(
        self, name: str, value: UUID, statuses: Sequence[str]
    ) -> tuple[set[str], list[_Stream]]:
        wanted = self.value(value, "uuid")
        return {name, "status"}, _each(f"v.{name}_id = {wanted}", statuses)

    def _by_channel(self, statuses: Sequence[str]) -> list[_Stream]:
        only, wanted = "true", self.filters.channel
        if isinstance(wanted, UUID):
            only = f"h.channel_id = {self.value(wanted, 'uuid')}"
        elif wanted:
            only = f"h.kind = {self.value(wanted, 'text')}"
        each = f"(SELECT channel_id FROM channels h WHERE h.domain_id = {self.domain} AND {only}) h"
        return _each("v.channel_id = h.channel_id", statuses, each)

    def _keyed(self, keys: str) -> _Stream:
        """The conversations with these keys, which are few."""
        return _Stream(
            source=f"({keys}) k CROSS JOIN LATERAL (SELECT * FROM conversations v"
            f" WHERE v.domain_id = {self.domain} AND v.conversation_id = k.conversation_id"
            " LIMIT 1) v"
        )

    def _sought(self, held: set[str]) -> Iterator[str]:
        """Conditions for the filters that the streams do not hold."""
        f = self.filters
        if f.status and "status" not in held:
            yield f"v.status = '{f.status}'"
        if f.assignee and "assignee" not in held:
            yield self._assigned(f.assignee)
        if f.team and "team" not in held:
            yield f"v.team_id = {self.value(f.team, 'uuid')}"
        if f.label and "label" not in held:
            self.joins[LABEL.format(label=self.value(f.label, "uuid"))] = None
            yield "labelled.here IS TRUE"
        if f.channel and "channel" not in held:
            kind = "uuid" if isinstance(f.channel, UUID) else "text"
            yield ON_CHANNEL[kind].format(channel=self.value(f.channel, kind))
        if f.priority and "priority" not in held:
            yield f"v.priority = {self.value(f.priority, 'text')}"
        if f.mode and "mode" not in held:
            yield f"v.mode = '{f.mode}'"
        if f.needs_people and "needs_people" not in held:
            yield "v.needs_people"
        if f.unread:
            self.joins[READ.format(viewer=self.viewer)] = None
            yield f"v.inbound_count > {READ_COUNT}"
        if f.mentions and "mentions" not in held:
            yield f"v.conversation_id IN ({MENTIONING.format(**vars(self))})"

    def _assigned(self, assignee: UUID | str) -> str:
        if isinstance(assignee, UUID):
            return f"v.assignee_id = {self.value(assignee, 'uuid')}"
        return f"v.assignee_id IS {'NULL' if assignee == 'none' else 'NOT NULL'}"


def _each(condition: str, statuses: Sequence[str], each: str = "") -> list[_Stream]:
    return [_Stream(f"{condition} AND v.status = '{status}'", each=each) for status in statuses]


async def page(
    connection: Connection,
    domain_id: UUID,
    filters: Filters,
    before: tuple[datetime, UUID] | None,
    most: int,
) -> tuple[list[asyncpg.Record], asyncpg.Record | None]:
    """Up to `most` conversations, and the row after which there may be more."""
    rare_label = filters.label is not None and await _is_rare(connection, domain_id, filters.label)
    wanted = List(domain_id, filters, rare_label)
    text = wanted.text(before, most)
    found: list[asyncpg.Record] = []
    for row in await connection.fetch(text, *wanted.values):
        if row["matches"]:
            found.append(row)
        if row["cut"] or len(found) == most:
            return found, row
    return found, None


async def _is_rare(connection: Connection, domain_id: UUID, label_id: UUID) -> bool:
    return bool(
        await connection.fetchval(
            "SELECT count(*) <= $3 FROM (SELECT FROM conversation_labels"
            " WHERE label_id = $2 AND domain_id = $1 LIMIT $3 + 1) k",
            domain_id,
            label_id,
            MOST_KEYS,
        )
    )


BY_ID = f"""
SELECT {FACTS.format(viewer="$3::uuid")}
FROM unnest($2::uuid[]) WITH ORDINALITY AS k (conversation_id, ord)
CROSS JOIN LATERAL (
    SELECT * FROM conversations v
    WHERE v.domain_id = $1 AND v.conversation_id = k.conversation_id LIMIT 1
) v
{AROUND.format(viewer="$3::uuid")}
ORDER BY k.ord
"""

BY_CONTACT = f"""
SELECT {FACTS.format(viewer="$3::uuid")}
FROM unnest($2::uuid[]) AS k (contact_id)
CROSS JOIN LATERAL (
    SELECT * FROM conversations v WHERE v.domain_id = $1 AND v.contact_id = k.contact_id
    ORDER BY v.last_active DESC LIMIT $4
) v
{AROUND.format(viewer="$3::uuid")}
ORDER BY v.last_active DESC LIMIT $4
"""


async def by_id(
    connection: Connection, domain_id: UUID, ids: Sequence[UUID], viewer: UUID | None
) -> list[asyncpg.Record]:
    """Those that exist, in the order of the ids. Without a viewer, nobody's unread."""
    return await connection.fetch(BY_ID, domain_id, ids, viewer)


async def by_contact(
    connection: Connection,
    domain_id: UUID,
    contact_ids: Sequence[UUID],
    viewer: UUID | None,
    most: int,
) -> list[asyncpg.Record]:
    """The contacts' conversations, the latest active first."""
    return await connection.fetch(BY_CONTACT, domain_id, contact_ids, viewer, most)


COUNTS = f"""
WITH latest AS MATERIALIZED (
    SELECT v.* FROM (SELECT channel_id FROM channels WHERE domain_id = $1) h CROSS JOIN LATERAL (
        SELECT v.domain_id, v.conversation_id, v.inbound_count, v.last_inbound_at, v.created_at
        FROM conversations v WHERE v.domain_id = $1 AND v.channel_id = h.channel_id
        AND v.status = 'open' AND NOT v.blocked ORDER BY v.active_step DESC LIMIT {MOST_COUNTED}
    ) v LIMIT {MOST_COUNTED}
)
SELECT
    (
        SELECT count(*) FROM (
            SELECT FROM conversations v WHERE v.domain_id = $1 AND v.assignee_id = $2
            AND v.status = 'open' AND NOT v.blocked LIMIT {MOST_COUNTED}
        ) v
    ) AS mine,
    (
        SELECT count(*) FROM (
            SELECT FROM conversations v WHERE v.domain_id = $1 AND v.status = 'open'
            AND v.assignee_id IS NULL AND NOT v.blocked LIMIT {MOST_COUNTED}
        ) v
    ) AS unassigned,
    (SELECT count(*) FROM latest) AS "all",
    (
        SELECT count(*) FROM latest v {READ.format(viewer="$2")}
        WHERE v.inbound_count > {READ_COUNT}
    ) AS unread,
    (
        SELECT count(DISTINCT n.conversation_id) FROM (
            SELECT n.conversation_id FROM mentions n
            WHERE n.domain_id = $1 AND n.person_id = $2 AND n.seen_at IS NULL LIMIT {MOST_COUNTED}
        ) n
    ) AS mentions,
    (
        SELECT count(*) FROM (
            SELECT FROM conversations v WHERE v.domain_id = $1 AND v.needs_people
            AND v.status = 'open' AND NOT v.blocked LIMIT {MOST_COUNTED}
        ) v
    ) AS needs_people
"""


async def counts(connection: Connection, domain_id: UUID, viewer: UUID) -> asyncpg.Record:
    """How many conversations are open, by kind; of unread ones among the latest active."""
    row = await connection.fetchrow(COUNTS, domain_id, viewer)
    assert row is not None
    return row
