"""What models use is paid for where the domain has a price for it; others' answers are free."""

import asyncio
import csv
import io
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from decimal import Decimal
from importlib import import_module
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web as http

from assistants.servers import Scripted, completes, scripted
from billing.sending import CREDITS, balance, lines, top_up
from frontdesk.billing.usage import Tokens, UsageService, about
from frontdesk.kernel.ids import new_id
from pipeline.desk import ADA, Desk, until

MODEL = "openai:gpt-of-the-tests"
# The server counts 11 tokens read and 7 written.
READ = {"channel": "model", "direction": "in", "unit": "thousand_tokens", "price": 100}
WRITTEN = {**READ, "direction": "out", "price": 400}
READ_COST, WRITTEN_COST = Decimal("1.1"), Decimal("2.8")
ANY = {"channel": "model", "category": MODEL, "unit": "thousand_tokens", "price": 2.5}
START = "/start"


@pytest.fixture
async def brain(desk: Desk) -> AsyncGenerator[Scripted]:
    """The desk's assistant is a language model on a server of the domain's own."""
    # It takes seconds on a busy machine, which are not the ones that the tests wait for.
    await asyncio.to_thread(import_module, "frontdesk.assistants.llm")
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


async def set_prices(desk: Desk, *prices: dict[str, Any]) -> None:
    path = "/api/v1/domains/default/prices"
    assert (await desk.call("PUT", path, json={"items": prices})).status == 200


async def use(desk: Desk, read: int, written: int = 0, trace_id: UUID | None = None) -> None:
    usage = UsageService(desk.app.ledger)
    what = about(trace_id or new_id())
    await usage.charge(desk.domain.domain_id, Tokens(MODEL, read, written), what)


async def of_models(desk: Desk) -> list[Any]:
    return await desk.db.fetch("SELECT * FROM ledger WHERE channel = 'model' ORDER BY at, entry_id")


async def test_tokens_that_are_read_and_written_have_a_price_each(
    desk: Desk, brain: Scripted
) -> None:
    await set_prices(desk, READ, WRITTEN)
    await top_up(desk, 1_000)
    brain.will(completes("Hello there."))
    await desk.write("Hello")
    assert await desk.replies(1) == ["Hello there."]
    read, written = await of_models(desk)
    trace_id = (await desk.messages())[0]["trace_id"]
    assert read["charge_key"] == f"model:{trace_id}:in"
    assert (read["channel"], read["category"], read["direction"]) == ("model", MODEL, "in")
    assert (read["amount"], read["quantity"]) == (-READ_COST, Decimal("0.011"))
    assert (written["amount"], written["quantity"]) == (-WRITTEN_COST, Decimal("0.007"))
    assert written["conversation_id"] == (await desk.conversation())["conversation_id"]
    assert await balance(desk) == 1_000 - 3 - READ_COST - WRITTEN_COST


async def test_the_statement_and_the_report_show_what_models_cost(
    desk: Desk, brain: Scripted
) -> None:
    await set_prices(desk, READ, WRITTEN)
    await top_up(desk, 1_000)
    brain.will(completes("Hello there."))
    for number, text in enumerate(("Hello", "Hello again"), 1):
        await desk.write(text)
        await desk.replies(number)
    text = (await desk.call("GET", f"{CREDITS}/statement.csv")).text
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    models = [row for row in rows if row["channel"] == "model"]
    assert [(row["direction"], row["amount"], row["quantity"]) for row in models] == [
        ("in", "-1.1", "0.011"),
        ("out", "-2.8", "0.007"),
    ] * 2
    assert {(row["category"], row["message_id"]) for row in models} == {(MODEL, "")}
    assert models[0]["reason"] == "11 tokens"
    month = f"{datetime.now(UTC):%Y-%m}"
    report = (await desk.call("GET", f"{CREDITS}/report", params={"month": month})).json
    of_model = [each for each in report["totals"] if each["channel"] == "model"]
    assert [
        (each["direction"], each["category"], each["quantity"], each["amount"]) for each in of_model
    ] == [("in", MODEL, 0.022, 2.2), ("out", MODEL, 0.014, 5.6)]
    assert (report["spent"], report["messages"]) == (13.8, 2)


async def test_a_price_for_any_direction_holds_for_all_tokens(desk: Desk, brain: Scripted) -> None:
    await set_prices(desk, {**ANY, "price": 1_000})
    await top_up(desk, 1_003)
    brain.will(completes("Hello there."))
    await desk.write("Hello")
    await desk.replies(1)
    assert [row["amount"] for row in await of_models(desk)] == [-11, -7]


async def test_a_price_for_another_model_costs_nothing(desk: Desk, brain: Scripted) -> None:
    await set_prices(desk, {**ANY, "category": "openai:another"})
    await top_up(desk, 3)
    brain.will(completes("Hello there."))
    await desk.write("Hello")
    await desk.replies(1)
    assert await balance(desk) == 0
    assert await of_models(desk) == []


async def test_without_credit_for_the_answer_the_model_is_not_asked(
    desk: Desk, brain: Scripted
) -> None:
    await top_up(desk, 2)
    await desk.write("Hello")
    await desk.settled()
    assert brain.requests == []
    assert (await desk.conversation())["needs_people"]


async def test_without_credit_for_a_thousand_tokens_the_model_is_not_asked(
    desk: Desk, brain: Scripted
) -> None:
    await set_prices(desk, ANY)
    await top_up(desk, 5)
    await desk.write("Hello")
    await desk.settled()
    assert brain.requests == []
    reason = (await desk.conversation())["needs_people_reason"]
    assert reason.startswith("no credit: the balance of 5 credits does not cover 5.5;")
    brain.will(completes("Hello there."))
    await top_up(desk, 0.5)
    await desk.write("Hello")
    assert await desk.replies(1) == ["Hello there."]


async def test_tokens_leave_what_the_answers_message_costs(desk: Desk, brain: Scripted) -> None:
    await set_prices(desk, {**ANY, "price": 2})
    await top_up(desk, 5)
    answer = completes("Hello there.")

    async def dearer_meanwhile(request: http.Request, body: dict[str, Any]) -> http.StreamResponse:
        await set_prices(desk, {**ANY, "price": 1_000})
        return await answer(request, body)

    brain.will(dearer_meanwhile)
    await desk.write("Hello")
    assert await desk.replies(1) == ["Hello there."]
    read, written = await of_models(desk)
    assert (read["amount"], written["amount"]) == (-2, 0)
    assert read["reason"] == "11 tokens; the balance did not cover 9 more"
    assert await balance(desk) == 0


async def test_a_model_without_a_price_is_free(desk: Desk, brain: Scripted) -> None:
    await top_up(desk, 3)
    brain.will(completes("Hello there."))
    await desk.write("Hello")
    await desk.replies(1)
    assert await balance(desk) == 0


@pytest.mark.parametrize("stream", [False, True])
async def test_answers_over_the_api_are_paid_for_too(
    desk: Desk, brain: Scripted, stream: bool
) -> None:
    await set_prices(desk, READ, WRITTEN)
    await top_up(desk, 399)
    brain.will(completes("Hello there."))
    body = {"user_input": "Hello", "stream": stream}
    refused = await desk.call("POST", "/vac/assistant/brain", json=body)
    assert (refused.status, "does not cover 400" in refused.detail) == (402, True)
    assert brain.requests == []
    await top_up(desk, 1)
    answer = await desk.call("POST", "/vac/assistant/brain", json=body)
    assert (answer.status, "there." in answer.text) == (200, True)
    assert [row["amount"] for row in await of_models(desk)] == [-READ_COST, -WRITTEN_COST]
    assert await balance(desk) == 400 - READ_COST - WRITTEN_COST


async def test_a_first_message_that_a_model_writes_is_paid_for_with_its_tokens(
    desk: Desk, brain: Scripted
) -> None:
    await set_prices(desk, READ, WRITTEN)
    await top_up(desk, 1_000)
    brain.will(completes("Good morning, Ada."))
    body = {
        "phone_number": ADA,
        "channel": "sms",
        "type": "informational",
        "instruction": "Say good morning.",
        "assistant_id": "brain",
    }
    answer = await desk.call("POST", START, json=body)
    assert answer.status == 202, answer.text

    async def sent() -> bool:
        return await desk.count("messages") == 1 and not await desk.db.fetchval(
            "SELECT count(*) FROM messages WHERE status IN ('queued', 'sending')"
        )

    await until(sent)
    rows = await desk.db.fetch("SELECT * FROM ledger WHERE kind = 'charge'")
    assert len(rows) == 3
    assert {str(row["outreach_id"]) for row in rows} == {answer.json["call_id"]}
    assert await balance(desk) == 1_000 - 3 - READ_COST - WRITTEN_COST


async def test_a_first_message_without_credit_for_the_tokens_asks_no_model(
    desk: Desk, brain: Scripted
) -> None:
    await set_prices(desk, READ, WRITTEN)
    await top_up(desk, 50)
    body = {
        "phone_number": ADA,
        "channel": "sms",
        "type": "informational",
        "instruction": "Say good morning.",
        "assistant_id": "brain",
    }
    answer = await desk.call("POST", START, json=body)
    assert answer.status == 202, answer.text

    async def ended() -> bool:
        return await desk.db.fetchval("SELECT status FROM outreach") == "failed"

    await until(ended)
    assert await desk.db.fetchval("SELECT reason_code FROM outreach") == "no_credit"
    assert brain.requests == []
    assert await balance(desk) == 50, "and what was taken for the message came back"


async def test_one_answers_tokens_are_paid_for_once(web: Desk) -> None:
    await set_prices(web, ANY)
    await top_up(web, 100)
    trace_id = new_id()
    await asyncio.gather(*(use(web, 3_000, 1_000, trace_id) for _ in range(5)))
    assert await balance(web) == 90
    assert await lines(web) == [
        ("charge", Decimal("-7.5"), "3000 tokens"),
        ("charge", Decimal("-2.5"), "1000 tokens"),
    ]


async def test_tokens_take_what_is_left_and_no_more(web: Desk) -> None:
    await set_prices(web, ANY)
    await top_up(web, 4)
    await use(web, 1_200, 800)
    assert await balance(web) == 0
    assert await lines(web) == [
        ("charge", -3, "1200 tokens"),
        ("charge", -1, "800 tokens; the balance did not cover 1 more"),
    ]


async def test_no_tokens_no_line(web: Desk) -> None:
    await set_prices(web, ANY)
    await use(web, 1_000)
    assert await web.count("ledger") == 0, "not billed"
    await top_up(web, 4)
    await use(web, 0)
    assert await balance(web) == 4
