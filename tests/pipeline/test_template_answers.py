"""What a language model answers with a template reaches the customer as the carrier's template."""

from collections.abc import AsyncGenerator
from typing import Any
from uuid import UUID

import pytest

from assistants.servers import Scripted, completes, scripted
from frontdesk.assistants import llm
from outreach.starting import template
from pipeline.desk import SMS_NUMBER, Desk

CALL = {
    "name": "send_template",
    "arguments": {"name": "order_update", "variables": {"1": "Ada", "2": "today"}},
}


assert llm  # loaded before anybody waits for an answer: that takes seconds


@pytest.fixture
async def brain(desk: Desk) -> AsyncGenerator[Scripted]:
    """The desk's assistant is a language model that says what the test told it to."""
    async with scripted() as server:
        await desk.app.assistants.create(
            desk.domain.domain_id,
            "brain",
            {
                "name": "Brain",
                "model": "openai:small",
                "base_url": f"{server.url}/v1",
                "instructions": "When somebody asks for an order, send zz_order.",
                "options": {"retries": 0, "pause_seconds": 0},
            },
        )
        await desk.app.domains.update(desk.domain.domain_id, default_assistant_id="brain")
        yield server


async def approved_at_the_carrier(desk: Desk) -> UUID:
    """The sandbox's own, with the number of variables that `CALL` fills in."""
    synced = await desk.call("POST", "/api/v1/templates/sync", json={})
    assert synced.status == 200, synced.text
    template_id = await desk.db.fetchval(
        "SELECT template_id FROM templates WHERE name = 'order_update' AND status = 'approved'"
    )
    assert template_id is not None
    return template_id


async def test_on_whatsapp_it_is_the_carriers_template(desk: Desk, brain: Scripted) -> None:
    template_id = await approved_at_the_carrier(desk)
    brain.will(completes(None, tool=CALL))
    await desk.write("Where is my order?")
    [text] = await desk.replies(1)
    assert "Ada" in text
    [_, answer] = await desk.messages()
    kept: dict[str, Any] = answer["structured"]["template"]
    assert kept["template_id"] == str(template_id)
    assert kept["variables"] == {"1": "Ada", "2": "today"}
    assert (answer["sender"], answer["content"]) == ("assistant", text)
    assert [call["name"] for call in answer["structured"]["tool_calls"]] == ["send_template"]


async def test_as_a_text_message_it_is_a_plain_text(desk: Desk, brain: Scripted) -> None:
    await template(desk, kind="sms", name="order_update", body="{{1}}, it comes {{2}}.")
    brain.will(completes(None, tool=CALL))
    await desk.write("Where is my order?", to=SMS_NUMBER)
    assert await desk.replies(1) == ["Ada, it comes today."]
    answer = (await desk.messages())[-1]
    assert "template" not in answer["structured"]


async def test_of_many_templates_those_that_the_instructions_name_are_offered(
    desk: Desk, brain: Scripted
) -> None:
    for number in range(30):
        await template(desk, name=f"aa_{number:02}", body="Hello.")
    await template(desk, name="zz_order", body="Hello.")
    brain.will(completes("It comes today."))
    await desk.write("Where is my order?")
    assert await desk.replies(1) == ["It comes today."]
    system = str(brain.requests[0]["messages"][0]["content"])
    listed = [line for line in system.splitlines() if line.startswith("- ") and "(no var" in line]
    assert len(listed) == 20
    assert listed[0].startswith("- zz_order:en")
