"""Upkeep goes on, whatever one of its steps meets."""

import pytest

from conversations.agents import chat_with, hire
from conversations.test_schedule import due, schedule
from pipeline.desk import Desk

FAILING = """
CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'of the test' USING ERRCODE = '{code}'; END $$;
CREATE TRIGGER fails BEFORE DELETE ON parked_statuses EXECUTE FUNCTION fails();
"""


@pytest.mark.parametrize(
    "code", ["query_canceled", "too_many_connections", "disk_full", "undefined_column"]
)
async def test_a_step_that_fails_keeps_no_other_from_its_turn(desk: Desk, code: str) -> None:
    await desk.write("Hello")
    await desk.replies(1)
    grace, chat = await hire(desk, "Grace"), await chat_with(desk)
    await desk.db.execute(FAILING.format(code=code))
    try:
        for number in range(2):
            await schedule(grace, chat, f"{number}")
            await due(desk)
            await desk.replies(number + 2)
    finally:
        await desk.db.execute("DROP FUNCTION fails CASCADE")
    assert [each["body"] for each in await desk.sent()] == ["Hello", "0", "1"]
