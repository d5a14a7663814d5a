"""Outbound: from a campaign's rows in the table to the calls that carry its messages out.

The floor is a loop that posts the same forms to the same carrier, and does nothing else.
"""

import asyncio
import time
from urllib.parse import urlencode

import aiohttp
import asyncpg
import orjson

from bench.carrier import Carrier, carrying
from bench.figures import Figure, Goal, compared
from bench.stack import ACCOUNT, NUMBER, TOKEN, Bench, Node, connected, installed
from frontdesk.kernel.ids import new_id

GOAL = Goal("≥", 0.4, "ratio")
NOT_TWICE = Goal("≤", 0, "value")
AT_ONCE = 64
"""Calls that the floor has open: as many as a worker has jobs of one lane."""
PATIENCE = 120.0

CAMPAIGN = """
INSERT INTO campaigns (domain_id, campaign_id, name, source, status, channel, channel_id,
    template_id, variables)
SELECT domain_id, $1, 'Bench', 'csv', 'paused', 'wmsg', channel_id, $2,
    '{"1": {"column": "name"}, "2": {"column": "place"}}'
FROM channels WHERE kind = 'wmsg'
"""
TEMPLATE = """
INSERT INTO templates (domain_id, template_id, channel_id, carrier_id, name, language, category,
    status, body, variables, synced_at)
SELECT domain_id, $1, channel_id, 'HX' || repeat('1', 32), 'bench', 'en', 'utility', 'approved',
    'Hello {{1}}, you are expected at table {{2}}.',
    '[{"name": "1", "sample": "Ana"}, {"name": "2", "sample": "7"}]', now()
FROM channels WHERE kind = 'wmsg'
"""
ROWS = """
INSERT INTO outreach (domain_id, outreach_id, campaign_id, line, source, channel, address, name,
    call_type, variables, status)
SELECT domain_id, uuidv7(), $1, n, 'campaign', 'wmsg', '+1646' || lpad(($2 + n)::text, 7, '0'),
    'Customer ' || n, 'informational', jsonb_build_object('place', $2 + n), 'waiting'
FROM campaigns, generate_series(1, $3::int) n WHERE campaign_id = $1
"""


async def measure(bench: Bench) -> list[Figure]:
    rows, rounds = bench.pick(5_000, 200), bench.pick(3, 1)
    pairs: list[tuple[float, float]] = []
    repeats = 0
    async with carrying() as carrier, installed(bench, "outbound", carrier) as node:
        await node.worker()
        async with connected(node.dsn) as connection:
            template_id = new_id()
            await connection.execute(TEMPLATE, template_id)
            bench.tell("outbound: warming up")
            await _campaign(connection, node, carrier, template_id, 0, bench.pick(500, 50))
            for number in range(rounds):
                bench.tell(f"outbound: the floor, round {number + 1}")
                floor = await _floor(carrier, rows)
                bench.tell(f"outbound: a campaign of {rows}, round {number + 1}")
                begin = (number + 1) * 100_000
                rate = await _campaign(connection, node, carrier, template_id, begin, rows)
                repeats += carrier.repeats
                pairs.append((floor, rate))
    return [
        compared("a campaign's messages", "/s", pairs, GOAL, f"{rows} rows in each campaign"),
        Figure("messages twice", repeats, "", goal=NOT_TWICE),
    ]


async def _campaign(
    connection: asyncpg.Connection,
    node: Node,
    carrier: Carrier,
    template_id: object,
    begin: int,
    size: int,
) -> float:
    """Messages per second, from the campaign's start to the last call of the carrier."""
    campaign_id = new_id()
    await connection.execute(CAMPAIGN, campaign_id, template_id)
    await connection.execute(ROWS, campaign_id, begin, size)
    await connection.execute("ANALYZE outreach")
    _clear(carrier)
    began = time.perf_counter()
    await connection.execute(
        "UPDATE campaigns SET status = 'running' WHERE campaign_id = $1", campaign_id
    )
    await connection.execute("SELECT wake('outreach')")
    await _taken(carrier, size, node.name)
    return size / (max(carrier.called.values()) - began)


async def _floor(carrier: Carrier, size: int) -> float:
    """Calls per second of a loop over as many connections."""
    _clear(carrier)
    url = f"{carrier.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    forms = iter(
        [
            urlencode(
                {
                    "To": f"whatsapp:+1646{number:07}",
                    "From": f"whatsapp:{NUMBER}",
                    "ContentSid": "HX" + "1" * 32,
                    "ContentVariables": orjson.dumps(
                        {"1": f"Customer {number}", "2": str(number)}
                    ).decode(),
                }
            )
            for number in range(size)
        ]
    )
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    began = time.perf_counter()
    async with aiohttp.ClientSession(
        auth=aiohttp.BasicAuth(ACCOUNT, TOKEN),
        headers=headers,
        connector=aiohttp.TCPConnector(limit=AT_ONCE),
    ) as http:

        async def post() -> None:
            for form in forms:
                async with http.post(url, data=form) as answer:
                    await answer.read()

        await asyncio.gather(*(post() for _ in range(AT_ONCE)))
    return size / (time.perf_counter() - began)


def _clear(carrier: Carrier) -> None:
    carrier.called.clear()
    carrier.repeats = 0


async def _taken(carrier: Carrier, size: int, name: str) -> None:
    deadline = time.perf_counter() + PATIENCE
    while len(carrier.called) < size:
        if time.perf_counter() > deadline:
            raise RuntimeError(f"{name}: {len(carrier.called)} of {size} messages were sent")
        await asyncio.sleep(0.01)
    # A second copy would come soon after the first.
    await asyncio.sleep(0.2)
