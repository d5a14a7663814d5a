"""Taking in: every message once, numbered without gaps, however many nodes do it at once."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable

from conversations.conftest import Line
from conversations.factory import arrival
from frontdesk.app.wiring import running
from frontdesk.settings import Settings


async def test_batches_of_two_nodes_with_the_same_customers_end_in_right_counters(
    line: Line, dsn: str, settings: Callable[..., Settings]
) -> None:
    rng = random.Random(1956)
    customers = [f"+1415555{number:04}" for number in range(12)]
    sids = [f"SM{number:04}" for number in range(300)]
    owner = {sid: rng.choice(customers) for sid in sids}
    batches: list[list[str]] = []
    for _ in range(24):
        # A third of what a batch holds comes to the other node too.
        batches.append(rng.sample(sids, 20))
    rest = [sid for sid in sids if sid not in {sid for batch in batches for sid in batch}]
    batches.append(rest or [sids[0]])

    async with running(settings(), dsn) as second:
        nodes = (line.app.conversations, second.conversations)

        async def take_in(number: int, batch: list[str]) -> int:
            arrivals = [
                arrival(line.domain_id, line.channel_id, owner[sid], sid, sid) for sid in batch
            ]
            return await nodes[number % 2].record(arrivals, [])

        taken = await asyncio.gather(*(take_in(n, batch) for n, batch in enumerate(batches)))
    assert sum(taken) == len(sids)
    written = Counter(owner.values())
    rows = await line.db.fetch("SELECT * FROM conversations")
    assert {row["address"] for row in rows} == set(written)
    for row in rows:
        count = written[row["address"]]
        assert (row["last_seq"], row["inbound_seq"], row["inbound_count"]) == (count, count, count)
        numbers = await line.db.fetch(
            "SELECT seq FROM messages WHERE conversation_id = $1 ORDER BY seq",
            row["conversation_id"],
        )
        assert [number["seq"] for number in numbers] == list(range(1, count + 1))
    jobs = await line.db.fetchval("SELECT count(*) FROM queue.pgqueuer WHERE entrypoint = 'turn'")
    assert jobs == len(rows), "one turn waits for each conversation"


async def test_messages_of_one_batch_keep_their_order(line: Line) -> None:
    sids = [f"SM{number}" for number in range(10)]
    await line.app.conversations.record(
        [arrival(line.domain_id, line.channel_id, "+14155550123", sid, sid) for sid in sids], []
    )
    rows = await line.db.fetch("SELECT content FROM messages ORDER BY seq")
    assert [row["content"] for row in rows] == sids


async def test_a_repeat_changes_nothing(line: Line) -> None:
    assert await line.take_in("+14155550123", "SM1") == 1
    before = await line.db.fetchrow("SELECT * FROM conversations")
    assert await line.take_in("+14155550123", "SM1", "Other text") == 0
    assert await line.db.fetchrow("SELECT * FROM conversations") == before


async def test_two_numbers_of_a_business_are_two_conversations(line: Line) -> None:
    await line.app.channels.ensure(line.domain_id, "wmsg", "+14155550888")
    other = await line.db.fetchval("SELECT channel_id FROM channels WHERE address = '+14155550888'")
    assert other is not None
    await line.take_in("+14155550123", "SM1")
    one = arrival(line.domain_id, other, "+14155550123", "SM1")
    assert await line.app.conversations.record([one], []) == 1
    assert await line.db.fetchval("SELECT count(*) FROM conversations") == 2
    assert await line.db.fetchval("SELECT count(*) FROM contacts") == 1
