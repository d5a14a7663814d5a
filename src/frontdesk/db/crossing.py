"""Transactions that cross: the database ends one of them, which is run again."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import asyncpg

Args = ParamSpec("Args")
T = TypeVar("T")

TRIES = 4
CROSSED = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)


def again_when_crossed(run: Callable[Args, Awaitable[T]]) -> Callable[Args, Awaitable[T]]:
    """For what does one transaction, and nothing else before that is over."""

    @wraps(run)
    async def patiently(*args: Args.args, **kwargs: Args.kwargs) -> T:
        for attempt in range(TRIES - 1):
            try:
                return await run(*args, **kwargs)
            except CROSSED:
                # Those that crossed must not come back together.
                await asyncio.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311  no secret
        return await run(*args, **kwargs)

    return patiently
