"""An assistant writes the first message, knows what it was for, and is not asked for ever."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web as http

from assistants.servers import Scripted, garbage, responds, scripted
from frontdesk.assistants.instructions import compose
from frontdesk.assistants.model import Assistant
from frontdesk.assistants.model import Turn as Question
from frontdesk.kernel.ids import new_id
from outreach.starting import ANA, bodies, ended, started
from pipeline.brains import give_brain
from pipeline.desk import Desk, another_domain, until

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
async def brain(desk: Desk) -> AsyncGenerator[Scripted]:
    """The desk's assistant: it answers as the test told it to."""
    async with scripted() as server:
        await give_brain(desk, server)
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


async def to_write(desk: Desk, domain_id: UUID, rows: int, minutes_ago: int) -> None:
    await desk.db.execute(
        "INSERT INTO outreach (domain_id, outreach_id, source, channel, address, call_type,"
        " instruction, status, job_at)"
        " SELECT $1, uuidv7(), 'api', 'sms', $2, 'reminder', 'Hello', 'writing',"
        "  now() - make_interval(mins => $4, secs => n)"
        " FROM generate_series(1, $3::int) n",
        domain_id,
        ANA,
        rows,
        minutes_ago,
    )


async def test_a_domain_with_many_to_write_keeps_no_other_waiting(web: Desk) -> None:
    rival, _ = await another_domain(web)
    await to_write(web, web.domain.domain_id, 300, 60)
    await to_write(web, rival, 5, 0)
    writing = web.app.worker.outreach.writing
    together = await writing.claim(4)
    assert Counter(row.domain_id for row, _ in together) == {web.domain.domain_id: 2, rival: 2}
    # One at a time, chance decides: it is not against the same one sixty times.
    alone = [(await writing.claim(1))[0][0] for _ in range(60)]
    assert sum(row.domain_id == rival for row in alone) == 3
    assert len({row.outreach_id for row in alone}) == 60
    rest = await writing.claim(500)
    assert len(rest) == 305 - 64
    assert await writing.claim(1) == []


async def test_workers_that_claim_at_once_share_what_there_is(web: Desk) -> None:
    await to_write(web, web.domain.domain_id, 40, 1)
    writing = web.app.worker.outreach.writing
    claims = await asyncio.gather(*(writing.claim(4) for _ in range(5)))
    claimed = [row.outreach_id for claim in claims for row, _ in claim]
    assert len(claimed) == len(set(claimed))
    left = len(await writing.claim(40))
    assert len(claimed) + left == 40


async def test_a_silent_writers_row_is_taken_over_and_another_ones_is_not(web: Desk) -> None:
    await to_write(web, web.domain.domain_id, 2, 0)
    writing = web.app.worker.outreach.writing
    assert len(await writing.claim(5)) == 2
    assert await writing.claim(5) == []
    await web.db.execute(
        "UPDATE outreach SET job_at = now() - interval '2 minutes'"
        " WHERE outreach_id = (SELECT outreach_id FROM outreach LIMIT 1)"
    )
    [(row, _)] = await writing.claim(5)
    assert row.attempts == 2
