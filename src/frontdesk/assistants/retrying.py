"""Attempts at something that fails now and then: how often, how long, how far apart."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from frontdesk.assistants.model import AssistantFailed, Options

T = TypeVar("T")
Sleep = Callable[[float], Awaitable[None]]

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 8.0


class AttemptFailed(Exception):
    """One attempt failed. `reason` is written for people; `retry` says that another may do."""

    def __init__(self, reason: str, *, retry: bool, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry = retry
        self.retry_after = retry_after


async def attempts(
    attempt: Callable[[float], Awaitable[T]], options: Options, sleep: Sleep = asyncio.sleep
) -> T:
    """Calls `attempt(seconds it may take)` until one succeeds.

    All attempts and the pauses between them share twice the time of one, because a customer is
    waiting. A `Retry-After` longer than what is left ends it. Raises AssistantFailed.
    """
    clock = asyncio.get_running_loop().time
    deadline = clock() + 2 * options.timeout_seconds
    for number in range(options.retries + 1):
        left = deadline - clock()
        try:
            return await attempt(min(options.timeout_seconds, left))
        except AttemptFailed as failure:
            pause = failure.retry_after
            if pause is None:
                # Half of it is chance, so that turns which failed together do not return together.
                pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2**number) * random.uniform(0.5, 1)  # noqa: S311 - not a secret
            last = number == options.retries or pause >= deadline - clock()
            if last or not failure.retry:
                tries = "" if number == 0 else f" (tried {number + 1} times)"
                raise AssistantFailed(failure.reason + tries) from failure
        await sleep(pause)
    raise AssertionError("range is never empty: retries is at least 0")
