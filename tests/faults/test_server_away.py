"""The whole server is away while customers write. Carriers do not repeat what they posted."""

import asyncio

import pytest

from faults.stack import Stack, lasting

pytestmark = [pytest.mark.fault, pytest.mark.timeout(240)]

AWAY = lasting(5)


async def test_what_was_written_while_everything_was_away_is_answered_once_and_in_order(
    stack: Stack,
) -> None:
    await stack.carrier.burst("before")
    stack.web.kill()
    stack.worker.kill()
    taken = set(stack.carrier.taken)
    deadline = asyncio.get_running_loop().time() + AWAY
    number = 0
    while asyncio.get_running_loop().time() < deadline:
        await stack.carrier.burst(f"away {number}", 1, pause=0.4)
        number += 1
    assert stack.carrier.taken == taken
    assert number > 1
    # The web process catches up before it takes anything new in, so that this comes after.
    stack.web.start()
    await stack.healthy()
    await stack.carrier.burst("back", 1)
    stack.worker.start()
    await stack.answers_everything()
    await stack.each_text_was_answered_once_in_order()
    await stack.has_what_it_acknowledged()
    await stack.knows_that_all_is_delivered()
