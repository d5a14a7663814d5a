"""What must not reach a customer does not, and what stands against one stops no others."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any
from uuid import UUID

import pytest

from assistants.servers import Scripted, responds, scripted
from frontdesk.kernel.ids import new_id
from outreach.campaigning import NUMBERS, change, csv_of, post, reached, uploaded
from outreach.starting import ANA, bodies, ended, start, started, template
from outreach.test_dispatch import campaign, statuses
from pipeline.brains import give_brain
from pipeline.desk import Desk, until

pytestmark = pytest.mark.timeout(90)

CREDITS = "/api/v1/domains/default/credits"


async def last_try(
    desk: Desk, source: str, instruction: str, assistant_id: str | None, tries: int = 3
) -> UUID:
    """A row that an assistant is to write, whose failure is final."""
    await desk.db.execute(
        "INSERT INTO outreach (domain_id, outreach_id, source, channel, address, call_type,"
        " instruction, assistant_id, status, message_id, attempts)"
        " VALUES ($1, $2, $3, 'sms', $4, 'reminder', $5, $6, 'waiting', $2, $7)",
        desk.domain.domain_id,
        call_id := new_id(),
        source,
        ANA,
        instruction,
        assistant_id,
        tries,
    )
    return call_id


@pytest.fixture
async def brain(desk: Desk) -> AsyncGenerator[Scripted]:
    async with scripted() as server:
        await give_brain(desk, server, default=False)
        yield server


async def balance(desk: Desk) -> Any:
    return (await desk.call("GET", CREDITS)).json["balance"]


async def test_a_deleted_campaign_writes_to_nobody(desk: Desk, brain: Scripted) -> None:
    await desk.call("POST", CREDITS, json={"amount": 100, "reason": "tests"})
    brain.will(brain.hang)
    campaign_id = await campaign(desk, 3, instruction="say hi", assistant_id="brain")

    async def asked() -> bool:
        return len(brain.requests) > 0

    await until(asked)
    assert (await post(desk, str(campaign_id), "cancel")).status == 200
    assert (await desk.call("DELETE", f"/api/v1/campaigns/{campaign_id}")).status == 204
    brain.will(responds(json={"answer": "Hi!"}))
    await desk.stop_worker()
    await desk.start_worker()

    async def over() -> bool:
        return "writing" not in await statuses(desk)

    await until(over)
    assert await bodies(desk) == []
    assert await balance(desk) == 100


async def test_an_assistant_that_is_gone_is_nobody_elses_to_stand_in_for(
    desk: Desk, brain: Scripted
) -> None:
    made = await uploaded(desk, csv_of(NUMBERS[:2]), name="Reminders")
    path = made["campaign_id"]
    refused = await change(desk, path, assistant_id="no-such", instruction="Be firm.")
    assert (refused.status, "no-such" in refused.detail) == (422, True)
    row = await ended(desk, await last_try(desk, "api", "INTERNAL: be firm", "gone"))
    assert (row["status"], "gone" in row["reason"]) == ("failed", True)
    assert await bodies(desk) == []


@pytest.mark.parametrize(("source", "assistant_id"), [("email", None), ("api", "gone")])
async def test_what_another_try_would_not_change_is_tried_once(
    desk: Desk, source: str, assistant_id: str | None
) -> None:
    """A built-in assistant, which would send somebody's mail; and one that is not there."""
    call_id = await last_try(desk, source, "E-mail from Bob", assistant_id, tries=0)
    row = await ended(desk, call_id)
    assert (row["status"], row["reason_code"], row["attempts"]) == ("failed", "assistant", 1)
    assert ("template" if source == "email" else "gone") in row["reason"]
    assert await bodies(desk) == []


@pytest.mark.parametrize("odd", [1, 2, 3])
async def test_a_row_for_another_channel_ends_alone(desk: Desk, odd: int) -> None:
    template_id = await template(desk, kind="sms")
    campaign_id = await campaign(
        desk,
        3,
        template_id=template_id,
        variables={"1": {"column": "name"}},
        status="paused",
    )
    await desk.db.execute("UPDATE outreach SET channel = 'wmsg' WHERE line = $1", odd)
    await desk.db.execute("UPDATE campaigns SET status = 'running'")
    await reached(desk, str(campaign_id), "done")
    assert await statuses(desk) == {"sent": 2, "failed": 1}
    assert len(await bodies(desk)) == 0  # two others' phones, not Ana's
    assert await desk.db.fetchval("SELECT count(*) FROM messages WHERE status <> 'failed'") == 2


async def test_credit_for_two_calls_is_promised_to_two(desk: Desk) -> None:
    await desk.call("POST", CREDITS, json={"amount": 7, "reason": "tests"})
    calls = [start(desk, phone_number=f"+1415555010{place}") for place in range(6)]
    answers = await asyncio.gather(*calls)
    assert sorted(each.status for each in answers) == [202, 202, 402, 402, 402, 402]

    async def sent() -> bool:
        return await statuses(desk) == {"sent": 2}

    await until(sent)
    assert await balance(desk) == 1


async def test_what_is_canceled_before_its_time_costs_nothing(web: Desk) -> None:
    await web.call("POST", CREDITS, json={"amount": 3, "reason": "tests"})
    call_id = await started(web)
    assert await balance(web) == 0
    assert (await web.call("DELETE", f"/api/v1/outreach/{call_id}")).status == 204
    assert await balance(web) == 3


async def test_a_misspelt_rule_is_no_rule_for_everybody(web: Desk) -> None:
    body = {"name": "Everybody?", "kind": "rule", "rule": {"langauge": "es"}}
    refused = await web.call("POST", "/api/v1/segments", json=body)
    assert (refused.status, "langauge" in refused.detail) == (422, True)


async def test_a_campaign_needs_a_segment_that_is_there(web: Desk) -> None:
    body = {"name": "X", "channel": "sms", "segment_id": str(new_id()), "instruction": "Hello"}
    assert (await web.call("POST", "/api/v1/campaigns", json=body)).status == 404
