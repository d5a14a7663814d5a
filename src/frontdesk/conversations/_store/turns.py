"""The turn lane: one worker at a time answers a conversation's waiting messages."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from frontdesk.contacts.model import ALL_CHANNELS
from frontdesk.conversations.model import Finished, Lane, Outcome, Turn, Waiting, preview
from frontdesk.db.pool import Connection, Row
from frontdesk.kernel.ids import new_id

WAITED = "seq, message_id, kind, content, structured, trace_id, created_at, sent_at_carrier"

# A job takes a queued lane, or its own running one: then the worker that ran it is gone. Look-ups
# are LATERAL with a LIMIT, which no plan can turn into reading all contacts of the domain.
CLAIM = f"""
WITH v AS (
    UPDATE conversations SET turn = 'running', turn_job = $3, turn_token = $4, turn_at = now(),
        turn_attempts = turn_attempts + 1
    WHERE domain_id = $1 AND conversation_id = $2
    AND (turn = 'queued' OR turn = 'running' AND turn_job = $3)
    RETURNING *
)
SELECT v.turn_attempts, v.channel_id, h.kind AS channel_kind, h.carrier, v.contact_id, v.address,
    c.display_name, c.email, v.assistant_id, v.blocked, v.mode, v.language, v.context_seq,
    v.turned_seq,
    EXISTS (
        SELECT FROM opt_outs o WHERE o.domain_id = v.domain_id
        AND o.channel_id IN (v.channel_id, '{ALL_CHANNELS}') AND o.contact_id = v.contact_id
    ) AS opted_out,
    d.name, d.display_name AS domain_display_name, d.default_assistant_id, d.assistants_version,
    d.settings, EXISTS (SELECT FROM credit_accounts a WHERE a.domain_id = v.domain_id) AS billed,
    (
        SELECT json_agg(m ORDER BY m.seq) FROM (
            SELECT {WAITED} FROM messages
            WHERE domain_id = $1 AND conversation_id = $2 AND seq > v.turned_seq AND sender = 'user'
        ) m
    ) AS waiting
FROM v
CROSS JOIN LATERAL (
    SELECT * FROM channels h
    WHERE h.domain_id = v.domain_id AND h.channel_id = v.channel_id LIMIT 1
) h
CROSS JOIN LATERAL (
    SELECT * FROM contacts c
    WHERE c.domain_id = v.domain_id AND c.contact_id = v.contact_id LIMIT 1
) c
JOIN domains d ON d.domain_id = v.domain_id
"""

WAITING = f"""
SELECT {WAITED}
FROM messages
WHERE domain_id = $1 AND conversation_id = $2 AND seq > $3 AND sender = 'user'
ORDER BY seq
"""

# One statement, its own transaction. An idle delivery lane is taken along: the job that answered
# hands the answer over, and if its worker dies, whoever takes the job takes both lanes. `lane` is
# the row as it is now, also when it had to be waited
# for. Once people have taken over, only what the law asks for is still said, and the turn no longer
# decides who has the conversation.
FINISH = """
WITH lane AS (
    SELECT last_seq, mode, mode = $22::text AS unchanged, needs_people FROM conversations
    WHERE domain_id = $1 AND conversation_id = $2 AND turn = 'running' AND turn_token = $3
    FOR UPDATE
), reply AS (
    INSERT INTO messages (
        domain_id, conversation_id, seq, message_id, channel_id, sender, kind, source, content,
        structured, thinking, answers_seq, part, status, status_rank, trace_id, queued_at
    )
    SELECT $1, $2, l.last_seq + row_number() OVER (ORDER BY r.ord), r.message_id, $5, r.sender,
        'text', r.source, r.content, r.structured, r.thinking, $4, r.part, 'queued', 1,
        r.trace_id, now()
    FROM lane l CROSS JOIN unnest(
        $6::uuid[], $7::text[], $8::text[], $9::text[], $10::jsonb[], $11::text[],
        $12::smallint[], $13::uuid[]
    ) WITH ORDINALITY AS r (
        message_id, sender, source, content, structured, thinking, part, trace_id, ord
    )
    WHERE l.mode = 'assistant' OR l.unchanged OR r.structured ? 'opt_out_notice'
    RETURNING 1
), replies AS (
    SELECT count(*) AS number FROM reply
), answered AS (
    UPDATE messages SET picked_up_at = $14::timestamptz,
        answered_at = CASE WHEN replies.number > 0 THEN now() END
    FROM lane, replies
    WHERE domain_id = $1 AND conversation_id = $2 AND seq > $15::bigint AND seq <= $4
    AND sender = 'user'
), conversation AS (
    UPDATE conversations v SET
        last_seq = v.last_seq + r.number,
        turned_seq = greatest(v.turned_seq, $4),
        turn = CASE WHEN v.inbound_seq > $4 THEN 'queued' ELSE 'idle' END,
        turn_attempts = 0,
        turn_at = now(),
        delivery_wanted = v.delivery_wanted + r.number,
        delivery_token = CASE WHEN r.number > 0 AND v.delivery = 'idle'
            THEN $3 ELSE v.delivery_token END,
        delivery_job = CASE WHEN r.number > 0 AND v.delivery = 'idle'
            THEN $23 ELSE v.delivery_job END,
        delivery_at = CASE WHEN r.number > 0 AND v.delivery = 'idle'
            THEN now() ELSE v.delivery_at END,
        delivery = CASE WHEN r.number > 0 AND v.delivery = 'idle'
            THEN 'running' ELSE v.delivery END,
        last_message = CASE WHEN r.number > 0 THEN $16::text ELSE v.last_message END,
        last_sender = CASE WHEN r.number > 0 THEN $24::text ELSE v.last_sender END,
        last_active = now(),
        assistant_id = coalesce($17::text, v.assistant_id),
        mode = CASE WHEN lane.unchanged THEN coalesce($18::text, v.mode) ELSE v.mode END,
        mode_changed_at = CASE WHEN lane.unchanged AND $18::text <> v.mode
            THEN now() ELSE v.mode_changed_at END,
        mode_changed_by = CASE WHEN lane.unchanged AND $18::text <> v.mode
            THEN NULL ELSE v.mode_changed_by END,
        needs_people = v.needs_people OR lane.unchanged AND $19::text IS NOT NULL,
        needs_people_reason = CASE WHEN lane.unchanged AND $19::text IS NOT NULL THEN $19::text
            ELSE v.needs_people_reason END,
        language = coalesce($20::text, v.language),
        context_seq = CASE WHEN $21::boolean THEN $4 ELSE v.context_seq END
    FROM lane, replies r
    WHERE v.domain_id = $1 AND v.conversation_id = $2
    RETURNING v.turn, v.delivery_wanted, v.delivery = 'running' AND v.delivery_token = $3 AS ours,
        lane.unchanged AND $19::text IS NOT NULL
            AND (NOT lane.needs_people OR lane.mode <> v.mode) AS handed_over
), job AS (
    INSERT INTO queue.pgqueuer (priority, entrypoint, payload, status)
    SELECT 0, 'turn', uuid_send($1) || uuid_send($2), 'queued'
    FROM conversation WHERE turn = 'queued'
    RETURNING entrypoint
)
SELECT ours, delivery_wanted, handed_over, (SELECT max(wake(entrypoint)::text) FROM job)
FROM conversation
"""

AGAIN = """
WITH conversation AS (
    UPDATE conversations SET turn = 'queued', turn_at = now()
    WHERE domain_id = $1 AND conversation_id = $2 AND turn = 'running' AND turn_token = $3
    RETURNING 1
)
SELECT enqueue('turn', $1, $2, $4) FROM conversation
"""


async def claim(
    connection: Connection, domain_id: UUID, conversation_id: UUID, job: int, picked_up_at: datetime
) -> tuple[Turn, int] | None:
    """Takes the turn; returns it with the number that its waiting messages come after.

    None when the turn is not this job's to take: it was answered, or another job has it.
    """
    token = new_id()
    row = await connection.fetchrow(CLAIM, domain_id, conversation_id, job, token)
    if row is None:
        return None
    turn = Turn(
        domain_id=domain_id,
        conversation_id=conversation_id,
        token=token,
        job=job,
        attempts=row["turn_attempts"],
        channel_id=row["channel_id"],
        channel_kind=row["channel_kind"],
        carrier=row["carrier"],
        contact_id=row["contact_id"],
        address=row["address"],
        display_name=row["display_name"],
        email=row["email"],
        assistant_id=row["assistant_id"],
        mode=row["mode"],
        language=row["language"],
        context_seq=row["context_seq"],
        opted_out=row["opted_out"],
        blocked=row["blocked"],
        domain_name=row["name"],
        domain_display_name=row["domain_display_name"],
        default_assistant_id=row["default_assistant_id"],
        assistants_version=row["assistants_version"],
        domain_settings=row["settings"],
        waiting=[_waiting(message) for message in row["waiting"] or ()],
        picked_up_at=picked_up_at,
        billed=row["billed"],
    )
    return turn, row["turned_seq"]


async def waiting(
    connection: Connection, domain_id: UUID, conversation_id: UUID, after: int
) -> list[Waiting]:
    rows = await connection.fetch(WAITING, domain_id, conversation_id, after)
    return [Waiting(*row.values()) for row in rows]


def _waiting(row: dict[str, Any]) -> Waiting:
    """A message that came as JSON."""
    sent_at = row["sent_at_carrier"]
    return Waiting(
        seq=row["seq"],
        message_id=UUID(row["message_id"]),
        kind=row["kind"],
        content=row["content"],
        structured=row["structured"],
        trace_id=UUID(row["trace_id"]),
        created_at=datetime.fromisoformat(row["created_at"]),
        sent_at_carrier=sent_at and datetime.fromisoformat(sent_at),
    )


async def finish(
    connection: Connection, turn: Turn, outcome: Outcome, *, after: int, upto: int
) -> Finished | None:
    """Stores the replies and gives the lane back. None when it was taken from us."""
    replies = outcome.replies
    row = await connection.fetchrow(
        FINISH,
        turn.domain_id,
        turn.conversation_id,
        turn.token,
        upto,
        turn.channel_id,
        [reply.message_id for reply in replies],
        [reply.sender for reply in replies],
        [reply.source for reply in replies],
        [reply.content for reply in replies],
        [reply.structured for reply in replies],
        [reply.thinking for reply in replies],
        [reply.part for reply in replies],
        [reply.trace_id for reply in replies],
        turn.picked_up_at,
        after,
        preview(replies[-1].content, "text") if replies else None,
        outcome.assistant_id,
        outcome.mode,
        outcome.needs_people,
        outcome.language,
        outcome.reset_context,
        turn.mode,
        turn.job,
        replies[-1].sender if replies else None,
    )
    if row is None:
        return None
    lane = Lane(turn.domain_id, turn.conversation_id, turn.token, row["delivery_wanted"])
    return Finished(lane if row["ours"] else None, row["handed_over"])


async def again(connection: Connection, turn: Turn, delay: timedelta) -> None:
    """Gives the turn back to be run once more after a delay."""
    await connection.execute(AGAIN, turn.domain_id, turn.conversation_id, turn.token, delay)


async def lock(connection: Connection, turn: Turn) -> bool:
    """Locks the conversation's row while the turn is ours; False when it was taken from us."""
    return bool(
        await connection.fetchval(
            "SELECT true FROM conversations WHERE domain_id = $1 AND conversation_id = $2"
            " AND turn = 'running' AND turn_token = $3 FOR UPDATE",
            turn.domain_id,
            turn.conversation_id,
            turn.token,
        )
    )


async def postpone(connection: Connection, turn: Turn, delay: timedelta) -> None:
    """Gives the turn back to wait for something, which is no failed attempt."""
    await connection.execute(
        "UPDATE conversations SET turn_attempts = greatest(turn_attempts - 1, 0)"
        " WHERE domain_id = $1 AND conversation_id = $2",
        turn.domain_id,
        turn.conversation_id,
    )
    await again(connection, turn, delay)


async def waits(connection: Connection, domain_id: UUID, conversation_id: UUID) -> bool:
    """Whether a turn is queued; locks the row against one that is about to be."""
    state = await connection.fetchval(
        "SELECT turn FROM conversations WHERE domain_id = $1 AND conversation_id = $2 FOR UPDATE",
        domain_id,
        conversation_id,
    )
    return state == "queued"


async def history(
    connection: Connection,
    domain_id: UUID,
    conversation_id: UUID,
    after: int,
    before: int,
    most: int,
) -> list[Row]:
    """Who said what in the latest messages, oldest first."""
    rows = await connection.fetch(
        "SELECT message_id, sender, kind, content, structured FROM messages"
        " WHERE domain_id = $1 AND conversation_id = $2 AND seq > $3 AND seq <= $4"
        " AND sender <> 'system' AND status NOT IN ('draft', 'scheduled', 'canceled', 'noted')"
        " ORDER BY seq DESC LIMIT $5",
        domain_id,
        conversation_id,
        after,
        before,
        most,
    )
    return list(reversed(rows))
