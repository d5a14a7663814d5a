"""The ledger grows for ever: no statement of the hot ways reads all of a domain's."""

import re

import asyncpg
import pytest

from frontdesk.billing._store import entries
from frontdesk.conversations._store import deliveries
from frontdesk.db.pool import PLANNING

HOT = {
    "hand over, paid": deliveries.SENDING_PAID,
    "canceled": deliveries.CANCELED,
    "charge": entries.SPEND,
    "refund": entries.REFUND,
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
