"""kill -9, SIGTERM and SIGSTOP, at any moment: nothing acknowledged is lost, nothing is doubled."""

import asyncio
import random
import signal

import pytest

from faults.stack import CUSTOMERS, Stack, until

pytestmark = pytest.mark.fault

ROUNDS = 20
SEED = 1956
LONGER_THAN_A_HEARTBEAT = 12.0
RATE = 4


@pytest.mark.timeout(300)
async def test_twenty_kills_under_load_lose_nothing_acknowledged_and_double_nothing(
    stack: Stack,
) -> None:
    chance = random.Random(SEED)
    for number in range(ROUNDS):
        victim = chance.choice((stack.web, stack.worker))
        moment = stack.carrier.count + chance.randrange(1, 3 * len(CUSTOMERS))
        burst = asyncio.create_task(stack.carrier.burst(f"round {number}"))
        await stack.carrier.wrote(moment)
        # The process is anywhere in its work on what it has just been given.
        await asyncio.sleep(chance.uniform(0, 0.1))
        victim.kill()
        victim.start()
        await burst
        await stack.ready()
        await stack.has_what_it_acknowledged()
    # Whoever starts catches up with what was refused meanwhile.
    stack.worker.kill()
    stack.worker.start()
    await stack.answers_everything()
    await stack.each_text_was_stored_and_answered_once()


async def test_a_worker_told_to_stop_finishes_what_it_has_in_hand(stack: Stack) -> None:
    await stack.carrier.fault("latency", seconds=0.5)
    await stack.carrier.burst("before the stop")
    assert await stack.worker.stop() == 0
    assert await stack.fetch("SELECT content FROM messages WHERE status = 'sending'") == []
    await stack.carrier.clear_faults()
    stack.worker.start()
    await stack.answers_everything()
    await stack.each_text_was_answered_once_in_order()


async def test_a_web_process_told_to_stop_answers_whom_it_has_heard(stack: Stack) -> None:
    burst = asyncio.create_task(stack.carrier.burst("around the stop", each=20))
    await stack.carrier.wrote(2 * len(CUSTOMERS))
    assert await stack.web.stop() == 0
    await burst
    await stack.has_what_it_acknowledged()
    assert len(stack.carrier.taken) < stack.carrier.count
    stack.web.start()
    await stack.answers_everything()
    await stack.each_text_was_stored_and_answered_once()


async def test_a_worker_that_wakes_from_a_long_freeze_sends_nothing_again(stack: Stack) -> None:
    await stack.carrier.fault("latency", seconds=0.3)
    burst = asyncio.create_task(stack.carrier.burst("around the freeze"))
    await until(lambda: stack.fetch("SELECT FROM messages WHERE status = 'sending'"))
    stack.worker.signal(signal.SIGSTOP)
    try:
        await burst
        stack.second_worker.start()
        await stack.answers_everything(LONGER_THAN_A_HEARTBEAT + 10)
    finally:
        stack.worker.signal(signal.SIGCONT)
    # Once it has ended it has done all that it was about to do.
    assert await stack.worker.stop() == 0
    await stack.each_text_was_answered_once_in_order()


async def test_a_worker_that_wakes_while_another_takes_over_sends_nothing_again(
    stack: Stack,
) -> None:
    # Messages wait for their places in the channel's rate: they are committed, and not sent.
    await stack.execute(f"UPDATE channels SET rate = {RATE}")
    customers = [f"+1415557{number:04}" for number in range(20)]
    await stack.carrier.burst("around the change", 1, customers)

    async def only_waiting_ones_are_left() -> bool:
        return (await stack.carrier.stats())["outbound"] >= RATE

    await until(only_waiting_ones_are_left)
    stack.worker.signal(signal.SIGSTOP)
    try:
        stack.second_worker.start()
        await stack.second_worker.says("sent again", LONGER_THAN_A_HEARTBEAT + 10)
    finally:
        stack.worker.signal(signal.SIGCONT)
    await stack.answers_everything()
    assert await stack.worker.stop() == 0
    await stack.each_text_was_answered_once_in_order()
