"""The SQL of mailboxes that are read and of what was read in them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg

from frontdesk.db.pool import Connection
from frontdesk.outreach.email.model import EmailStatus, PullConfig, PulledEmail, Start

CONFIG = (
    "domain_id, config_id, name, host, port, security, username, password, folder, search,"
    " default_channel, channel_id, call_type, instruction, template_id, variables, assistant_id,"
    " phone_rules, ask_assistant, mark_seen, every_minutes, state, uid_validity, last_uid, next_at,"
    " pulled_at, failures, error, job_token, created_at, updated_at"
)
CHANGEABLE: Mapping[str, str] = {
    "name": "text",
    "host": "text",
    "port": "integer",
    "security": "text",
    "username": "text",
    "password": "bytea",
    "folder": "text",
    "search": "text",
    "default_channel": "text",
    "channel_id": "uuid",
    "call_type": "text",
    "instruction": "text",
    "template_id": "uuid",
    "variables": "jsonb",
    "assistant_id": "text",
    "phone_rules": "jsonb",
    "ask_assistant": "boolean",
    "mark_seen": "boolean",
    "every_minutes": "integer",
    "state": "text",
}
EMAIL = (
    "email_id, config_id, message_key, sender, subject, status, reason, outreach_id, uid_validity,"
    " uid, sent_at, at"
)
LAST = UUID(int=2**128 - 1)
ABANDONED = timedelta(minutes=3)
"""Since the last sign of life of whoever read the mailbox."""


def _config(row: asyncpg.Record) -> PullConfig:
    values = dict(row)
    return PullConfig(sealed_password=values.pop("password"), **values)


# Settings -------------------------------------------------------------------------------------


async def all_of(connection: Connection, domain_id: UUID) -> list[PullConfig]:
    rows = await connection.fetch(
        f"SELECT {CONFIG} FROM email_pull_configs WHERE domain_id = $1"
        " ORDER BY lower(name), config_id",
        domain_id,
    )
    return [_config(row) for row in rows]


async def one(connection: Connection, domain_id: UUID, config_id: UUID) -> PullConfig | None:
    row = await connection.fetchrow(
        f"SELECT {CONFIG} FROM email_pull_configs WHERE domain_id = $1 AND config_id = $2",
        domain_id,
        config_id,
    )
    return row and _config(row)


async def lock(connection: Connection, domain_id: UUID, config_id: UUID) -> None:
    await connection.execute(
        "SELECT FROM email_pull_configs WHERE domain_id = $1 AND config_id = $2 FOR UPDATE",
        domain_id,
        config_id,
    )


async def insert(
    connection: Connection, domain_id: UUID, config_id: UUID, values: Mapping[str, Any]
) -> None:
    columns = [name for name in CHANGEABLE if name in values]
    places = [f"${place}::{CHANGEABLE[name]}" for place, name in enumerate(columns, 3)]
    await connection.execute(
        f"INSERT INTO email_pull_configs (domain_id, config_id, {', '.join(columns)})"
        f" VALUES ($1, $2, {', '.join(places)})",
        domain_id,
        config_id,
        *[values[name] for name in columns],
    )


async def update(
    connection: Connection,
    domain_id: UUID,
    config_id: UUID,
    values: Mapping[str, Any],
    *,
    from_the_beginning: bool,
) -> None:
    """Whoever reads the mailbox at this moment by the old settings loses the right to go on."""
    columns = [name for name in CHANGEABLE if name in values]
    sets = [f"{name} = ${place}::{CHANGEABLE[name]}" for place, name in enumerate(columns, 4)]
    await connection.execute(
        f"UPDATE email_pull_configs SET {''.join(f'{each}, ' for each in sets)}"
        " uid_validity = CASE WHEN $3 THEN NULL ELSE uid_validity END,"
        " last_uid = CASE WHEN $3 THEN 0 ELSE last_uid END,"
        " job_token = NULL, job_at = NULL, failures = 0, error = NULL, next_at = now(),"
        " updated_at = now() WHERE domain_id = $1 AND config_id = $2",
        domain_id,
        config_id,
        from_the_beginning,
        *[values[name] for name in columns],
    )


async def delete(connection: Connection, domain_id: UUID, config_id: UUID) -> None:
    await connection.execute(
        "DELETE FROM email_pull_configs WHERE domain_id = $1 AND config_id = $2",
        domain_id,
        config_id,
    )


async def pull_soon(connection: Connection, domain_id: UUID, config_id: UUID) -> None:
    await connection.execute(
        "UPDATE email_pull_configs SET next_at = now() WHERE domain_id = $1 AND config_id = $2",
        domain_id,
        config_id,
    )


async def channel_kind(connection: Connection, domain_id: UUID, channel_id: UUID) -> str | None:
    return await connection.fetchval(
        "SELECT kind FROM channels WHERE domain_id = $1 AND channel_id = $2 AND state <> 'removed'",
        domain_id,
        channel_id,
    )


async def template_channel(
    connection: Connection, domain_id: UUID, template_id: UUID
) -> str | None:
    """The kind of channel that the template is for."""
    return await connection.fetchval(
        "SELECT c.kind FROM templates t CROSS JOIN LATERAL ("
        " SELECT kind FROM channels c WHERE c.domain_id = t.domain_id"
        " AND c.channel_id = t.channel_id LIMIT 1) c"
        " WHERE t.domain_id = $1 AND t.template_id = $2",
        domain_id,
        template_id,
    )


# The worker's turns ---------------------------------------------------------------------------


async def claim(connection: Connection, token: UUID) -> PullConfig | None:
    """One mailbox that is due, of any domain; nobody else reads it while `job_at` is fresh."""
    row = await connection.fetchrow(
        "UPDATE email_pull_configs SET job_token = $1, job_at = now() WHERE (domain_id, config_id)"
        " = (SELECT domain_id, config_id FROM email_pull_configs"
        " WHERE state = 'active' AND next_at <= now()"
        " AND (job_at IS NULL OR job_at < now() - $2::interval)"
        f" ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING {CONFIG}",
        token,
        ABANDONED,
    )
    return row and _config(row)


async def alive(connection: Connection, config: PullConfig) -> bool:
    """Keeps the right to read on; False when it was lost."""
    done = await connection.execute(
        "UPDATE email_pull_configs SET job_at = now()"
        " WHERE domain_id = $1 AND config_id = $2 AND job_token = $3",
        config.domain_id,
        config.config_id,
        config.job_token,
    )
    return done == "UPDATE 1"


async def reached(
    connection: Connection, config: PullConfig, uid_validity: int, last_uid: int
) -> bool:
    done = await connection.execute(
        "UPDATE email_pull_configs SET uid_validity = $4, last_uid = $5, job_at = now()"
        " WHERE domain_id = $1 AND config_id = $2 AND job_token = $3",
        config.domain_id,
        config.config_id,
        config.job_token,
        uid_validity,
        last_uid,
    )
    return done == "UPDATE 1"


async def release(connection: Connection, config: PullConfig) -> None:
    await connection.execute(
        "UPDATE email_pull_configs SET job_token = NULL, job_at = NULL"
        " WHERE domain_id = $1 AND config_id = $2 AND job_token = $3",
        config.domain_id,
        config.config_id,
        config.job_token,
    )


async def finish(
    connection: Connection, config: PullConfig, pause: timedelta, error: str | None
) -> None:
    """A pull that was asked for meanwhile comes at once."""
    await connection.execute(
        "UPDATE email_pull_configs SET job_token = NULL, job_at = NULL, error = $5,"
        " next_at = CASE WHEN next_at > $6 THEN next_at ELSE now() + $4::interval END,"
        " failures = CASE WHEN $5::text IS NULL THEN 0 ELSE failures + 1 END,"
        " pulled_at = CASE WHEN $5::text IS NULL THEN now() ELSE pulled_at END"
        " WHERE domain_id = $1 AND config_id = $2 AND job_token = $3",
        config.domain_id,
        config.config_id,
        config.job_token,
        pause,
        error,
        config.next_at,
    )


# Messages -------------------------------------------------------------------------------------


async def settled(
    connection: Connection, domain_id: UUID, config_id: UUID, keys: Sequence[str]
) -> dict[str, EmailStatus]:
    """Those of the messages that were read before, by key."""
    rows = await connection.fetch(
        "SELECT message_key, status FROM pulled_emails WHERE config_id = $2"
        " AND message_key = ANY($3::text[]) AND domain_id = $1",
        domain_id,
        config_id,
        keys,
    )
    return {row["message_key"]: row["status"] for row in rows}


async def record(
    connection: Connection, domain_id: UUID, emails: Sequence[PulledEmail]
) -> set[str]:
    """Notes what became of messages, of each key one; the keys of all but those that had been
    done or ignored before."""
    rows = await connection.fetch(
        f"INSERT INTO pulled_emails (domain_id, {EMAIL})"
        f" SELECT $1, {EMAIL} FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[],"
        " $6::text[], $7::text[], $8::text[], $9::uuid[], $10::bigint[], $11::bigint[],"
        f" $12::timestamptz[], $13::timestamptz[]) AS e ({EMAIL})"
        " ON CONFLICT (config_id, message_key, domain_id) DO UPDATE SET"
        " sender = excluded.sender, subject = excluded.subject, status = excluded.status,"
        " reason = excluded.reason, outreach_id = excluded.outreach_id,"
        " uid_validity = excluded.uid_validity, uid = excluded.uid, sent_at = excluded.sent_at"
        " WHERE pulled_emails.status IN ('waiting', 'failed') RETURNING message_key",
        domain_id,
        [email.email_id for email in emails],
        [email.config_id for email in emails],
        [email.message_key for email in emails],
        [email.sender for email in emails],
        [email.subject for email in emails],
        [email.status for email in emails],
        [email.reason for email in emails],
        [email.outreach_id for email in emails],
        [email.uid_validity for email in emails],
        [email.uid for email in emails],
        [email.sent_at for email in emails],
        [email.at for email in emails],
    )
    return {row["message_key"] for row in rows}


async def waiting(
    connection: Connection, domain_id: UUID, config_id: UUID, most: int
) -> list[PulledEmail]:
    """Those that a person asked to be read once more."""
    rows = await connection.fetch(
        f"SELECT {EMAIL} FROM pulled_emails WHERE config_id = $2 AND status = 'waiting'"
        " AND domain_id = $1 ORDER BY email_id LIMIT $3",
        domain_id,
        config_id,
        most,
    )
    return [PulledEmail(**dict(row)) for row in rows]


async def emails(
    connection: Connection,
    domain_id: UUID,
    config_id: UUID,
    status: EmailStatus | None,
    before: UUID | None,
    most: int,
) -> list[PulledEmail]:
    """The latest first: ids go up with time."""
    rows = await connection.fetch(
        f"SELECT {EMAIL} FROM pulled_emails WHERE config_id = $2 AND email_id < $4"
        " AND ($3::text IS NULL OR status = $3) AND domain_id = $1"
        " ORDER BY email_id DESC LIMIT $5",
        domain_id,
        config_id,
        status,
        before or LAST,
        most,
    )
    return [PulledEmail(**dict(row)) for row in rows]


async def retry(
    connection: Connection, domain_id: UUID, config_id: UUID, email_id: UUID
) -> EmailStatus | None:
    """Has a failed message read once more; what it was, None when there is none."""
    return await connection.fetchval(
        "WITH found AS (SELECT email_id, status FROM pulled_emails WHERE domain_id = $1"
        " AND config_id = $2 AND email_id = $3 FOR UPDATE), changed AS ("
        " UPDATE pulled_emails SET status = 'waiting' WHERE domain_id = $1 AND email_id = $3"
        " AND config_id = $2 AND status = 'failed') SELECT status FROM found",
        domain_id,
        config_id,
        email_id,
    )


async def insert_outreach(
    connection: Connection, config: PullConfig, starts: Sequence[Start]
) -> None:
    """A contact that is not known is looked for by the address."""
    await connection.execute(
        "INSERT INTO outreach (domain_id, outreach_id, source, channel, channel_id, address, name,"
        " email, call_type, instruction, template_id, variables, assistant_id, status, contact_id,"
        " message_id, media_ids)"
        " SELECT $1, s.outreach_id, 'email', $2, $3, s.address, s.name, s.email, $4,"
        " s.instruction, $5, s.variables, $6, 'waiting', coalesce(s.contact_id, c.contact_id),"
        " s.message_id, string_to_array(s.media_ids, ',')::uuid[] FROM unnest($7::uuid[],"
        " $8::uuid[], $9::text[], $10::text[], $11::text[], $12::text[], $13::jsonb[], $14::uuid[],"
        " $15::text[]) AS s (outreach_id, message_id, address, name, email, instruction, variables,"
        " contact_id, media_ids) LEFT JOIN LATERAL ("
        " SELECT contact_id FROM contacts c WHERE s.contact_id IS NULL AND c.domain_id = $1"
        " AND c.address = s.address LIMIT 1) c ON true",
        config.domain_id,
        config.default_channel,
        config.channel_id,
        config.call_type,
        config.template_id,
        config.assistant_id,
        [start.outreach_id for start in starts],
        [start.message_id for start in starts],
        [start.address for start in starts],
        [start.opening.name for start in starts],
        [start.opening.email for start in starts],
        [start.opening.instruction for start in starts],
        [start.opening.variables for start in starts],
        [start.contact_id for start in starts],
        [",".join(map(str, start.media_ids)) for start in starts],
    )


# Who wrote ------------------------------------------------------------------------------------


async def contacts_with_emails(
    connection: Connection, domain_id: UUID, emails: Collection[str]
) -> dict[str, tuple[UUID, str]]:
    """Id and address of the one contact that has each e-mail: of two, none is to be chosen."""
    rows = await connection.fetch(
        "SELECT e.email, c.contact_id, c.address FROM unnest($2::text[]) AS e (email)"
        " CROSS JOIN LATERAL (SELECT c.contact_id, c.address, count(*) OVER () AS count"
        " FROM (SELECT c.contact_id, c.address FROM contacts c WHERE c.domain_id = $1"
        " AND c.email_key IS NOT NULL AND c.email_key = lower(left(e.email, 80))"
        " AND lower(c.email) = e.email AND c.merged_into IS NULL AND c.address LIKE '+%'"
        " LIMIT 2) c) c WHERE c.count = 1",
        domain_id,
        list(emails),
    )
    return {row["email"]: (row["contact_id"], row["address"]) for row in rows}


async def own_addresses(connection: Connection, domain_id: UUID) -> list[str]:
    rows = await connection.fetch(
        "SELECT address FROM channels WHERE domain_id = $1 AND state <> 'removed'"
        " ORDER BY kind, address",
        domain_id,
    )
    return [row["address"] for row in rows]
