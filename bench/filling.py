"""Conversations by the hundred thousand, written straight into the tables.

Every text is a little different, and threads lie scattered over the table as they do when many
people write at the same time.
"""

import asyncpg

from bench.stack import Node, connected

MESSAGES = 10
"""Per conversation: a question and an answer in turn."""

# Over a year, the last of them a day ago.
CUSTOMERS = """
CREATE TEMP TABLE customer AS
SELECT n, uuidv7(ago) AS id, '+1646' || lpad(n::text, 7, '0') AS address, now() + ago AS at
FROM generate_series(0, $1::int - 1) AS n
CROSS JOIN LATERAL (
    SELECT make_interval(secs => (n - $1::int) * (31536000.0 / $1::int) - 86400) AS ago
) a
"""

TABLES = ("contacts", "conversations", "messages", "receipts", "labels", "conversation_labels")

FILL = (
    """
    INSERT INTO contacts (domain_id, contact_id, address, display_name, created_at)
    SELECT $1, id, address, 'Customer ' || n, at FROM customer ORDER BY n
    """,
    """
    INSERT INTO conversations (
        domain_id, conversation_id, channel_id, contact_id, address, last_seq, inbound_seq,
        turned_seq, last_message, last_active, last_inbound_at, created_at
    )
    SELECT $1, id, $2, id, address, $3::bigint, $3::bigint - 1, $3::bigint - 1, 'Answer ' || n,
        at, at, at
    FROM customer ORDER BY n
    """,
    """
    INSERT INTO messages (
        domain_id, conversation_id, seq, message_id, channel_id, sender, kind, source, content,
        answers_seq, status, status_rank, carrier_id, trace_id, received_at, created_at,
        picked_up_at, answered_at, queued_at, sending_at, sent_at, delivered_at
    )
    SELECT $1, c.id, s.seq, id.id, $2, CASE WHEN s.asks THEN 'user' ELSE 'assistant' END, 'text',
        'whatsapp', 'Message ' || s.seq || ' of customer ' || c.n || ', who wrote about an order'
            || ' of item' || floor(power(random(), 3) * 5000) || ' and item'
            || floor(power(random(), 3) * 5000) || '.',
        CASE WHEN NOT s.asks THEN s.seq - 1 END,
        CASE WHEN s.asks THEN 'received' ELSE 'delivered' END, CASE WHEN s.asks THEN 9 ELSE 5 END,
        'SM' || md5(id.id::text), id.id, at, at, at, at, at, at, at, at
    FROM (SELECT seq, seq % 2 = 1 AS asks FROM generate_series(1, $3::bigint) AS seq) s
    CROSS JOIN customer c
    CROSS JOIN LATERAL (SELECT uuidv7(c.at - now()) AS id WHERE s.seq > 0) id
    ORDER BY s.seq, c.n
    """,
    # As an inbox looks: most is closed, little is somebody's.
    """
    UPDATE conversations SET
        status = CASE WHEN c.n % 5 = 0 THEN 'open' ELSE 'closed' END,
        assignee_id = CASE WHEN c.n % 20 = 0 THEN p.person_id END,
        needs_people = c.n % 200 = 0, inbound_count = $3::bigint / 2, last_sender = 'assistant'
    FROM customer c, people p
    WHERE conversation_id = c.id AND channel_id = $2 AND p.domain_id = $1
    """,
    """
    INSERT INTO labels (domain_id, label_id, name) SELECT $1, uuidv7(), 'Returns'
    """,
    """
    INSERT INTO conversation_labels (domain_id, conversation_id, label_id)
    SELECT $1, c.id, l.label_id FROM customer c, labels l WHERE c.n % 50 = 0
    """,
    """
    INSERT INTO receipts (domain_id, message_id, body)
    SELECT domain_id, message_id, convert_to(repeat(message_id::text, 14), 'UTF8')
    FROM messages WHERE sender = 'user' AND domain_id = $1
    """,
)


async def fill(node: Node, conversations: int, *, receipts: bool = True) -> list[str]:
    """Returns the customers' numbers, in the order in which they were last active.

    `receipts`: with the raw webhooks, of which nobody reads anything.
    """
    async with connected(node.dsn) as connection:
        channel = await connection.fetchrow("SELECT * FROM channels WHERE kind = 'wmsg'")
        assert channel is not None
        await connection.execute("SET maintenance_work_mem = '256MB'; SET work_mem = '256MB'")
        await connection.execute(CUSTOMERS.replace("$1", str(conversations)))
        values = (channel["domain_id"], channel["channel_id"], MESSAGES)
        for statement in FILL:
            if "receipts" in statement and not receipts:
                continue
            await _run(connection, statement, values)
        for table in TABLES:
            await connection.execute(f"VACUUM ANALYZE {table}")
        rows = await connection.fetch("SELECT address FROM customer ORDER BY n")
    return [row["address"] for row in rows]


async def _run(
    connection: asyncpg.Connection, statement: str, values: tuple[object, object, int]
) -> None:
    most = max(number for number in (1, 2, 3) if f"${number}" in statement)
    await connection.execute(statement, *values[:most])


async def threads(node: Node, every: int) -> list[str]:
    """The ids of every so-manieth conversation."""
    async with connected(node.dsn) as connection:
        rows = await connection.fetch(
            "SELECT conversation_id FROM (SELECT conversation_id, row_number() OVER"
            " (ORDER BY created_at, conversation_id) AS n FROM conversations) v WHERE n % $1 = 0",
            every,
        )
    return [str(row["conversation_id"]) for row in rows]
