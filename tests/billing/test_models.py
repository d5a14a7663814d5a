"""What models use is paid for where the domain has a price for it; others' answers are free."""

import asyncio
from collections.abc import AsyncGenerator
from decimal import Decimal
from uuid import UUID

import pytest

from assistants.servers import Scripted, completes, scripted
from billing.sending import balance, lines, top_up
from frontdesk.assistants.model import Usage
from frontdesk.kernel.ids import new_id
from frontdesk.pipeline.credit import TurnCredit
from pipeline.desk import Desk

MODEL = "openai:gpt-of-the-tests"
PRICE = {"channel": "model", "category": MODEL, "unit": "thousand_tokens", "price": 2.5}


@pytest.fixture
async def brain(desk: Desk) -> AsyncGenerator[Scripted]:
    """The desk's assistant is a language model on a server of the domain's own."""
    async with scripted() as server:
        assistant = {
            "name": "Brain",
            "model": MODEL,
            "base_url": f"{server.url}/v1",
            "options": {"retries": 0, "pause_seconds": 0},
        }
        await desk.app.assistants.create(desk.domain.domain_id, "brain", assistant)
        await desk.app.domains.update(desk.domain.domain_id, default_assistant_id="brain")
        yield server


async def set_price(desk: Desk) -> None:
    path = "/api/v1/domains/default/prices"
    assert (await desk.call("PUT", path, json={"items": [PRICE]})).status == 200


async def use(desk: Desk, tokens: int, trace_id: UUID | None = None) -> None:
    ids = (desk.domain.domain_id, new_id(), MODEL)
    usage = Usage(tokens - 1, 1) if tokens else Usage()
    credit = TurnCredit(desk.app.ledger)
    await credit.charge_usage(*ids, usage, trace_id or new_id())


async def test_tokens_cost_what_the_price_says(desk: Desk, brain: Scripted) -> None:
    await set_price(desk)
    await top_up(desk, 100)
    brain.will(completes("Hello there."))
    await desk.write("Hello")
    assert await desk.replies(1) == ["Hello there."]
    [model, message] = await desk.db.fetch("SELECT * FROM ledger WHERE kind = 'charge' ORDER BY at")
    trace_id = (await desk.messages())[0]["trace_id"]
    assert model["charge_key"] == f"model:{trace_id}"
    assert (model["channel"], model["category"]) == ("model", MODEL)
    assert model["amount"] == -model["quantity"] * Decimal("2.5")
    assert model["quantity"] > 0
    assert message["amount"] == -3


async def test_without_credit_for_the_answer_the_model_is_not_asked(
    desk: Desk, brain: Scripted
) -> None:
    await top_up(desk, 2)
    await desk.write("Hello")
    await desk.settled()
    assert brain.requests == []
    assert (await desk.conversation())["needs_people"]


async def test_a_model_without_a_price_is_free(desk: Desk, brain: Scripted) -> None:
    await top_up(desk, 3)
    brain.will(completes("Hello there."))
    await desk.write("Hello")
    await desk.replies(1)
    assert await balance(desk) == 0


async def test_one_answers_tokens_are_paid_for_once(web: Desk) -> None:
    await set_price(web)
    await top_up(web, 100)
    trace_id = new_id()
    await asyncio.gather(*(use(web, 4_000, trace_id) for _ in range(5)))
    assert await balance(web) == 90
    assert await lines(web) == [("charge", Decimal(-10), "4000 tokens")]


async def test_tokens_take_what_is_left_and_no_more(web: Desk) -> None:
    await set_price(web)
    await top_up(web, 4)
    await use(web, 2_000)
    assert await balance(web) == 0
    [(_, amount, reason)] = await lines(web)
    assert (amount, reason) == (-4, "2000 tokens; the balance did not cover 1 more")


async def test_no_tokens_no_line(web: Desk) -> None:
    await set_price(web)
    await use(web, 1_000)
    assert await web.count("ledger") == 0, "not billed"
    await top_up(web, 4)
    await use(web, 0)
    assert await balance(web) == 4
