"""Batches: calls that wait at the same time go to the database as one.

A call that comes alone is run at once. While a batch is on its way the next one gathers, so under
load a round trip and a flush to disk carry many calls, and none waits for company.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

MOST = 100
"""Calls in one batch."""
PATIENCE = 0.25
"""Seconds after which the next batch goes although one is still on its way."""


class Batcher(Generic[Item, Result]):
    """`run` gets what waits and returns the results that it has, by place.

    A call without a result in a batch of several is run again alone: there it may wait for a lock
    that would have kept the whole batch, and there no result means None. So is each call of a
    batch that failed, so that a bad one costs the others nothing. `run` must bear both.
    """

    def __init__(
        self,
        run: Callable[[Sequence[Item]], Awaitable[Mapping[int, Result]]],
        most: int = MOST,
    ) -> None:
        self._run = run
        self._most = most
        self._waiting: deque[tuple[Item, asyncio.Future[Result | None]]] = deque()
        self._draining = False
        self._tasks: set[asyncio.Task[None]] = set()

    async def __call__(self, item: Item) -> Result | None:
        done: asyncio.Future[Result | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        if not self._draining:
            self._draining = True
            self._spawn(self._drain())
        return await done

    async def _drain(self) -> None:
        try:
            while self._waiting:
                size = min(self._most, len(self._waiting))
                calls = [self._waiting.popleft() for _ in range(size)]
                # One that waits for a row that somebody holds keeps nobody else waiting.
                await asyncio.wait((self._spawn(self._settle(calls)),), timeout=PATIENCE)
        finally:
            # In the same step as the last look at what waits: who calls next starts another.
            self._draining = False

    async def _settle(self, calls: Sequence[tuple[Item, asyncio.Future[Result | None]]]) -> None:
        try:
            results = await self._run([item for item, _ in calls])
        except Exception as error:
            if len(calls) > 1:
                self._alone(calls)
            elif not calls[0][1].done():
                calls[0][1].set_exception(error)
            return
        except BaseException:
            for _, done in calls:
                done.cancel()
            raise
        lacking = [call for place, call in enumerate(calls) if place not in results]
        for place, result in results.items():
            if not calls[place][1].done():
                calls[place][1].set_result(result)
        if len(calls) > 1:
            self._alone(lacking)
        elif lacking and not lacking[0][1].done():
            lacking[0][1].set_result(None)

    def _alone(self, calls: Sequence[tuple[Item, asyncio.Future[Result | None]]]) -> None:
        for call in calls:
            self._spawn(self._settle([call]))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
