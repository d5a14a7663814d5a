"""The ledger grows for ever: no statement of the hot ways reads all of a domain's."""

import re

import asyncpg
import pytest

from frontdesk.billing._store import entries
from frontdesk.conversations._store import deliveries, payments
from frontdesk.db.pool import PLANNING

HOT = {
    "hand over what was paid": deliveries.SENDING,
    "hand over, paid": payments.SENDING_PAID,
    "canceled": payments.CANCELED,
    "charge": entries.SPEND,
    "refund": entries.REFUND,
    "take": entries.TAKE,
}


@pytest.mark.parametrize("statement", HOT.values(), ids=HOT.keys())
async def test_a_plan_made_on_empty_tables_looks_entries_up_by_their_keys(
    dsn: str, statement: str
) -> None:
    connection = await asyncpg.connect(dsn, server_settings=PLANNING)
    numbers = max(int(number) for number in re.findall(r"\$(\d+)", statement))
    await connection.execute(f"PREPARE hot AS {statement}")
    values = ", ".join(["NULL"] * numbers)
    rows = await connection.fetch(f"EXPLAIN (FORMAT TEXT, COSTS OFF) EXECUTE hot ({values})")
    await connection.close()
    lines = [row[0].strip() for row in rows]
    scans = [line for line in lines if re.search(r"Scan.* on (ledger|messages)\b", line)]
    assert any("ledger" in line for line in scans)
    for scan in scans:
        assert re.search(r"using (ledger_by_key|messages_pkey|messages_by_id)", scan), scan


async def test_a_statement_is_read_in_the_order_of_its_index(dsn: str) -> None:
    connection = await asyncpg.connect(dsn, server_settings=PLANNING)
    await connection.execute(f"BEGIN; {entries.IN_ORDER}; PREPARE read AS {entries.STATEMENT}")
    rows = await connection.fetch(
        "EXPLAIN (COSTS OFF) EXECUTE read (NULL,NULL,NULL,NULL,NULL,NULL)"
    )
    await connection.close()
    plan = "\n".join(row[0] for row in rows)
    assert "Index Scan Backward using ledger_by_time" in plan, plan
    assert "Presorted Key: at" in plan, plan
