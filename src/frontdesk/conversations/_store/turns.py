"""The turn lane: one worker at a time answers a conversation's waiting messages."""

from datetime import datetime, timedelta
from uuid import UUID

from frontdesk.conversations.model import Outcome, Turn, Waiting, preview
from frontdesk.db.pool import Connection, to_json
from frontdesk.kernel.ids import new_id

# A job takes a queued lane, or its own running one: then the worker that ran it is gone.
CLAIM = """
WITH claimed AS (
    UPDATE conversations SET turn = 'running', turn_job = $3, turn_token = $4, turn_at = now(),
        turn_attempts = turn_attempts + 1
    WHERE domain_id = $1 AND conversation_id = $2
    AND (turn = 'queued' OR turn = 'running' AND turn_job = $3)
    RETURNING *
)
SELECT v.turn_attempts, v.channel_id, h.kind AS channel_kind, h.carrier, v.contact_id, v.address,
    c.display_name, c.email, v.assistant_id, v.mode, v.language, v.context_seq, v.turned_seq,
    EXISTS (
        SELECT FROM opt_outs o WHERE o.domain_id = v.domain_id AND o.channel_id = v.channel_id
        AND o.contact_id = v.contact_id
    ) AS opted_out,
    d.name, d.display_name AS domain_display_name, d.default_assistant_id, d.settings
FROM claimed v
JOIN channels h ON h.domain_id = v.domain_id AND h.channel_id = v.channel_id
JOIN contacts c ON c.domain_id = v.domain_id AND c.contact_id = v.contact_id
JOIN domains d ON d.domain_id = v.domain_id
"""

WAITING = """
SELECT seq, message_id, kind, content, structured, trace_id, created_at, sent_at_carrier
FROM messages
WHERE domain_id = $1 AND conversation_id = $2 AND seq > $3 AND sender = 'user'
ORDER BY seq
"""

LOCK = """
SELECT last_seq, mode FROM conversations
WHERE domain_id = $1 AND conversation_id = $2 AND turn = 'running' AND turn_token = $3
FOR UPDATE
"""

FINISH = """
WITH reply AS (
    INSERT INTO messages (
        domain_id, conversation_id, seq, message_id, channel_id, sender, kind, source, content,
        structured, thinking, answers_seq, part, status, status_rank, trace_id, queued_at
    )
    SELECT $1, $2, $5 + r.ord, r.message_id, $6, r.sender, 'text', r.source, r.content,
        r.structured::jsonb, r.thinking, $4, r.part, 'queued', 1, r.trace_id, now()
    FROM unnest(
        $7::uuid[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::smallint[],
        $14::uuid[]
    ) WITH ORDINALITY AS r (
        message_id, sender, source, content, structured, thinking, part, trace_id, ord
    )
), answered AS (
    UPDATE messages SET picked_up_at = $15::timestamptz,
        answered_at = CASE WHEN cardinality($7::uuid[]) > 0 THEN now() END
    WHERE domain_id = $1 AND conversation_id = $2 AND seq > $16::bigint AND seq <= $4
    AND sender = 'user'
), conversation AS (
    UPDATE conversations SET
        last_seq = last_seq + cardinality($7::uuid[]),
        turned_seq = greatest(turned_seq, $4),
        turn = CASE WHEN inbound_seq > $4 THEN 'queued' ELSE 'idle' END,
        turn_attempts = 0,
        turn_at = now(),
        delivery = CASE WHEN cardinality($7::uuid[]) > 0 AND delivery = 'idle'
            THEN 'queued' ELSE delivery END,
        delivery_token = CASE WHEN cardinality($7::uuid[]) > 0 AND delivery = 'idle'
            THEN $3 ELSE delivery_token END,
        delivery_at = CASE WHEN cardinality($7::uuid[]) > 0 AND delivery = 'idle'
            THEN now() ELSE delivery_at END,
        last_message = coalesce($17::text, last_message),
        last_active = now(),
        assistant_id = coalesce($18::text, assistant_id),
        mode = coalesce($19::text, mode),
        needs_people = needs_people OR $20::text IS NOT NULL,
        needs_people_reason = coalesce($20::text, needs_people_reason),
        language = coalesce($21::text, language),
        context_seq = CASE WHEN $22::boolean THEN $4 ELSE context_seq END
    WHERE domain_id = $1 AND conversation_id = $2
    RETURNING turn, delivery = 'queued' AND delivery_token = $3 AS woken
)
SELECT
    (SELECT enqueue('turn', $1, $2, interval '0') FROM conversation WHERE turn = 'queued'),
    (SELECT enqueue('deliver', $1, $2, interval '0') FROM conversation WHERE woken)
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
        domain_name=row["name"],
        domain_display_name=row["domain_display_name"],
        default_assistant_id=row["default_assistant_id"],
        domain_settings=row["settings"],
        waiting=await waiting(connection, domain_id, conversation_id, row["turned_seq"]),
        picked_up_at=picked_up_at,
    )
    return turn, row["turned_seq"]


async def waiting(
    connection: Connection, domain_id: UUID, conversation_id: UUID, after: int
) -> list[Waiting]:
    rows = await connection.fetch(WAITING, domain_id, conversation_id, after)
    return [Waiting(*row.values()) for row in rows]


async def lock(connection: Connection, turn: Turn) -> tuple[int, str] | None:
    """The newest message's number and the mode now; None when the turn was taken from us."""
    row = await connection.fetchrow(LOCK, turn.domain_id, turn.conversation_id, turn.token)
    return row and (row["last_seq"], row["mode"])


async def finish(
    connection: Connection, turn: Turn, outcome: Outcome, *, after: int, upto: int, last_seq: int
) -> None:
    """Stores the replies and gives the lane back; the caller holds the row's lock."""
    replies = outcome.replies
    await connection.execute(
        FINISH,
        turn.domain_id,
        turn.conversation_id,
        turn.token,
        upto,
        last_seq,
        turn.channel_id,
        [reply.message_id for reply in replies],
        [reply.sender for reply in replies],
        [reply.source for reply in replies],
        [reply.content for reply in replies],
        [reply.structured and to_json(reply.structured) for reply in replies],
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
    )


async def again(connection: Connection, turn: Turn, delay: timedelta) -> None:
    """Gives the turn back to be run once more after a delay."""
    await connection.execute(AGAIN, turn.domain_id, turn.conversation_id, turn.token, delay)


async def history(
    connection: Connection,
    domain_id: UUID,
    conversation_id: UUID,
    after: int,
    before: int,
    most: int,
) -> list[tuple[str, str, str, object]]:
    """Sender, kind, content and structured content of the latest messages, oldest first."""
    rows = await connection.fetch(
        "SELECT sender, kind, content, structured FROM messages"
        " WHERE domain_id = $1 AND conversation_id = $2 AND seq > $3 AND seq <= $4"
        " AND sender <> 'system' AND status NOT IN ('draft', 'canceled')"
        " ORDER BY seq DESC LIMIT $5",
        domain_id,
        conversation_id,
        after,
        before,
        most,
    )
    return [tuple(row.values()) for row in reversed(rows)]
