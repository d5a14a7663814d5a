"""The carrier misbehaves in every way it can: each answer still arrives once, and in order."""

import asyncio

import pytest

from faults.stack import Stack, lasting

pytestmark = [pytest.mark.fault, pytest.mark.timeout(240)]

BUSY = lasting(10)


async def test_a_carrier_that_is_too_busy_gets_everything_later_once_and_in_order(
    stack: Stack,
) -> None:
    await stack.carrier.fault("rate_limit", for_seconds=BUSY, retry_after=1)
    deadline = asyncio.get_running_loop().time() + BUSY
    number = 0
    while asyncio.get_running_loop().time() < deadline - 1:
        await stack.carrier.burst(f"busy {number}", 1, pause=1)
        number += 1
    assert (await stack.carrier.stats())["outbound"] == 0
    await stack.answers_everything()
    assert (await stack.carrier.stats())["calls"]["create 429"] > number
    await stack.each_text_was_answered_once_in_order()
    await stack.knows_that_all_is_delivered()


async def test_a_carrier_that_fails_in_every_way_gets_each_answer_once(stack: Stack) -> None:
    # Longer than the ten seconds that its client waits for an answer.
    await stack.carrier.fault("timeout", seconds=11, times=3)
    await stack.carrier.fault("timeout_lost", seconds=11, times=3)
    await stack.carrier.fault("server_error", probability=0.15, times=10)
    await stack.carrier.fault("reset", when="before", probability=0.1, times=5)
    await stack.carrier.fault("reset", when="after", probability=0.1, times=5)
    for kind in ("duplicate_callbacks", "out_of_order_callbacks", "callback_before_response"):
        await stack.carrier.fault(kind, probability=0.4)
    await stack.carrier.burst("in bad weather", each=8, pause=0.3)
    await stack.answers_everything(60)
    await stack.each_text_was_answered_once_in_order()
    await stack.knows_that_all_is_delivered()
    met = (await stack.carrier.stats())["faults_taken"]
    assert {"timeout", "timeout_lost", "server_error", "reset"} <= met.keys()
    assert {"duplicate_callbacks", "out_of_order_callbacks"} <= met.keys()


async def test_more_than_the_channel_may_send_goes_out_at_the_channels_rate(stack: Stack) -> None:
    rate, customers = 4, [f"+1415557{number:04}" for number in range(60)]
    await stack.execute(f"UPDATE channels SET rate = {rate}")
    began = asyncio.get_running_loop().time()
    await stack.carrier.burst("all at once", 1, customers)
    await stack.answers_everything(3 * len(customers) / rate)
    # A second's worth may go at once, and nothing more than the rate after it.
    assert asyncio.get_running_loop().time() - began > len(customers) / rate - 2
    await stack.each_text_was_answered_once_in_order()
