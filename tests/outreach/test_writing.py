"""An assistant writes the first message, knows what it was for, and is not asked for ever."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from aiohttp import web as http

from assistants.servers import Scripted, garbage, responds, scripted
from frontdesk.assistants.instructions import compose
from frontdesk.assistants.model import Assistant
from frontdesk.assistants.model import Turn as Question
from frontdesk.kernel.ids import new_id
from outreach.starting import ANA, bodies, ended, started
from pipeline.desk import Desk, until

pytestmark = pytest.mark.timeout(60)

OPTIONS = {"retries": 0, "pause_seconds": 0}


@pytest.fixture
async def brain(desk: Desk) -> AsyncGenerator[Scripted]:
    """The desk's assistant: it answers as the test told it to."""
    async with scripted() as server:
        await desk.app.assistants.create(
            desk.domain.domain_id,
            "brain",
            {"name": "Brain", "model": f"remote:{server.url}/vac", "options": OPTIONS},
        )
        await desk.app.domains.update(desk.domain.domain_id, default_assistant_id="brain")
        yield server


async def test_it_is_told_whom_it_writes_to_and_what_for(desk: Desk, brain: Scripted) -> None:
    asked: list[dict[str, Any]] = []

    async def answers(request: http.Request, body: dict[str, Any]) -> http.StreamResponse:
        del request
        asked.append(body)
        return http.json_response({"answer": "Dear Ana, it is **ready**."})

    brain.will(answers)
    call_id = await started(
        desk, instruction="Say the order is ready", name="Ana", variables={"order": "4711"}
    )
    assert (await ended(desk, call_id))["status"] == "sent"
    assert await bodies(desk) == ["Dear Ana, it is ready."]
    [body] = asked
    for fact in ("Say the order is ready", "Ana", "order: 4711", "reminder"):
        assert fact in body["user_input"]


async def test_a_named_assistant_writes_and_goes_on(desk: Desk, brain: Scripted) -> None:
    await desk.app.domains.update(desk.domain.domain_id, default_assistant_id="echo")
    brain.will(responds(json={"answer": "It is ready."}))
    await ended(desk, await started(desk, assistant_id="brain"))
    assert (await desk.conversation(ANA))["assistant_id"] == "brain"


async def test_one_that_fails_is_asked_again_later(desk: Desk, brain: Scripted) -> None:
    brain.will(garbage(), responds(json={"answer": "It is ready."}))
    call_id = await started(desk)

    async def put_off() -> bool:
        row = await desk.db.fetchrow(
            "SELECT attempts, reason, job_token FROM outreach WHERE outreach_id = $1", call_id
        )
        assert row is not None
        return row["attempts"] == 1 and row["reason"] is not None and row["job_token"] is None

    await until(put_off)
    await desk.db.execute("UPDATE outreach SET job_at = now()")
    assert (await ended(desk, call_id))["status"] == "sent"
    assert len(await bodies(desk)) == 1


async def test_the_answers_are_given_with_the_instruction_in_mind(desk: Desk) -> None:
    await ended(desk, await started(desk, instruction="Say the order is ready"))
    chat = (await desk.conversation(ANA))["conversation_id"]
    contexts = desk.app.worker.turn.contexts
    domain_id = desk.domain.domain_id
    assert await contexts.instruction(domain_id, chat) == "Say the order is ready"
    assert await contexts.instruction(domain_id, new_id()) is None
    await desk.db.execute("UPDATE outreach SET updated_at = now() - interval '31 days'")
    assert await contexts.instruction(domain_id, chat) is None


def test_a_model_is_told_what_the_conversation_is_for() -> None:
    assistant = Assistant(new_id(), "brain", "Brain", "openai:gpt")
    told = compose(assistant, Question(["Yes"], instruction="Say the order is ready"))
    assert "Say the order is ready" in told
    assert "no customer writes" in compose(assistant, Question(["Write"], opening=True))


async def test_a_worker_that_stops_gives_back_what_it_was_having_written(
    desk: Desk, brain: Scripted
) -> None:
    brain.will(brain.hang)
    call_id = await started(desk)

    async def asked() -> bool:
        return bool(brain.requests)

    await until(asked)
    await desk.stop_worker()
    brain.will(responds(json={"answer": "It is ready."}))
    await desk.start_worker()
    row = await ended(desk, call_id)
    assert (row["status"], row["attempts"]) == ("sent", 1)
    assert await bodies(desk) == ["It is ready."]
