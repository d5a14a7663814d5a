"""Calls that wait at the same time run as one; none waits for company, or pays for another's
fault."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from frontdesk.db.batching import Batcher


class Doubler:
    """Answers with twice the number. Even a slow run is let go by `open`."""

    def __init__(self) -> None:
        self.runs: list[list[int]] = []
        self.open = asyncio.Event()
        self.open.set()
        self.bad: set[int] = set()
        self.left_out: set[int] = set()

    async def __call__(self, items: Sequence[int]) -> Mapping[int, int]:
        self.runs.append(list(items))
        await self.open.wait()
        if bad := self.bad.intersection(items):
            raise ValueError(f"{bad} cannot be doubled")
        several = len(items) > 1
        return {
            place: 2 * item
            for place, item in enumerate(items)
            if not (several and item in self.left_out)
        }


async def all_of(batcher: Batcher[int, int], *items: int) -> list[int | BaseException | None]:
    return await asyncio.gather(*(batcher(item) for item in items), return_exceptions=True)


async def test_a_call_alone_runs_at_once_and_those_that_come_meanwhile_run_together() -> None:
    doubler = Doubler()
    batcher = Batcher(doubler)
    doubler.open.clear()
    first = asyncio.create_task(batcher(1))
    while not doubler.runs:
        await asyncio.sleep(0)
    others = asyncio.create_task(all_of(batcher, 2, 3, 4))
    for _ in range(5):
        await asyncio.sleep(0)
    assert doubler.runs == [[1]], "the next batch gathers while one is on its way"
    doubler.open.set()
    assert (await first, await others) == (2, [4, 6, 8])
    assert doubler.runs == [[1], [2, 3, 4]]
    assert await batcher(5) == 10


async def test_a_batch_has_a_size_and_the_rest_follows() -> None:
    doubler = Doubler()
    batcher = Batcher(doubler, most=2)
    assert await all_of(batcher, 1, 2, 3, 4, 5) == [2, 4, 6, 8, 10]
    assert max(len(run) for run in doubler.runs) == 2


async def test_one_that_fails_costs_the_others_nothing() -> None:
    doubler = Doubler()
    doubler.bad = {2}
    one, two, three = await all_of(Batcher(doubler), 1, 2, 3)
    assert (one, three) == (2, 6)
    assert isinstance(two, ValueError)


async def test_what_a_batch_leaves_out_is_run_alone() -> None:
    doubler = Doubler()
    doubler.left_out = {2}
    assert await all_of(Batcher(doubler), 1, 2, 3) == [2, 4, 6]
    assert doubler.runs[-1] == [2]


async def test_without_a_result_alone_a_call_has_none() -> None:
    async def nothing(items: Sequence[int]) -> Mapping[int, int]:
        return {}

    assert await all_of(Batcher(nothing), 1, 2) == [None, None]


async def test_who_gives_up_waiting_costs_the_others_nothing() -> None:
    doubler = Doubler()
    batcher = Batcher(doubler)
    doubler.open.clear()
    impatient = asyncio.create_task(batcher(1))
    patient = asyncio.create_task(batcher(2))
    await asyncio.sleep(0)
    impatient.cancel()
    doubler.open.set()
    assert await patient == 4
    with pytest.raises(asyncio.CancelledError):
        await impatient
    assert await batcher(3) == 6


async def test_one_that_hangs_keeps_no_other_waiting() -> None:
    doubler = Doubler()
    batcher = Batcher(doubler)
    doubler.open.clear()
    hanging = asyncio.create_task(batcher(1))
    while not doubler.runs:
        await asyncio.sleep(0)
    others = asyncio.create_task(all_of(batcher, 2, 3))
    while len(doubler.runs) < 2:
        await asyncio.sleep(0.01)
    assert doubler.runs == [[1], [2, 3]]
    assert not hanging.done()
    doubler.open.set()
    assert (await hanging, await others) == (2, [4, 6])
