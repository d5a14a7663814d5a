"""What the tests of paid sending share."""

from decimal import Decimal
from typing import Any

from pipeline.desk import Desk

CREDITS = "/api/v1/domains/default/credits"


async def top_up(desk: Desk, amount: float) -> Any:
    answer = await desk.call("POST", CREDITS, json={"amount": amount, "reason": "test"})
    assert answer.status == 201, answer.text
    return answer.json


async def balance(desk: Desk) -> Decimal:
    """What is left, which is the ledger's sum."""
    row = await desk.db.fetchrow(
        "SELECT balance, (SELECT sum(amount) FROM ledger l WHERE l.domain_id = a.domain_id)"
        " AS total FROM credit_accounts a WHERE domain_id = $1",
        desk.domain.domain_id,
    )
    assert row is not None
    assert row["balance"] == row["total"]
    return row["balance"]


async def lines(desk: Desk) -> list[tuple[str, Decimal, str]]:
    """The ledger without its top-ups: kind, amount, reason."""
    rows = await desk.db.fetch(
        "SELECT kind, amount, reason FROM ledger WHERE kind <> 'top_up' ORDER BY at, entry_id"
    )
    return [tuple(row) for row in rows]


async def respond(desk: Desk, content: str) -> Any:
    """A person answers; the HTTP answer."""
    chat_id = (await desk.conversation())["conversation_id"]
    body = {"content": content}
    return await desk.call("POST", f"/chat/{chat_id}/manual-response", json=body)
