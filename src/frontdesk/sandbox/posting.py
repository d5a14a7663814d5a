"""Posts to the business: one HTTP session, tasks in the background, a record of each attempt."""

import asyncio
import time
from collections.abc import Coroutine, Mapping
from typing import Any, Literal

import aiohttp
from yarl import URL

from frontdesk.sandbox.exchange import Exchange
from frontdesk.sandbox.model import Delivery, Message, Outcome

BODY_KEPT = 2_000


def outcome(status: int | None) -> Outcome:
    """What became of a customer's message whose webhook was answered so."""
    if status is None:
        return "unreachable"
    return "accepted" if 200 <= status < 300 else "refused"


class Poster:
    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        # Carriers keep no cookies and open as many connections as they need.
        self._session = aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(),
            connector=aiohttp.TCPConnector(limit=100),
            headers={"Accept": "*/*"},
        )

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def post(
        self,
        message: Message | None,
        kind: Literal["message", "status"],
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        attempt: int = 1,
    ) -> int | None:
        """The status of the answer, None without one. What concerns a message is kept with it."""
        delivery = await self._attempt("POST", kind, url, body, headers, attempt)
        if message is not None:
            self._exchange.record(message, delivery)
        self._exchange.count(f"{kind} webhook", delivery.status or "no answer")
        return delivery.status

    async def get(self, url: str, headers: Mapping[str, str]) -> Delivery:
        return await self._attempt("GET", "message", url, b"", headers, 1)

    async def _attempt(
        self,
        method: str,
        kind: Literal["message", "status"],
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        attempt: int,
    ) -> Delivery:
        if self._session is None:
            return Delivery(kind, url, None, "", "the sandbox is not running", attempt, 0.0)
        started = time.monotonic()
        status, text, error = None, "", None
        try:
            async with self._session.request(
                method,
                URL(url, encoded=True),
                data=body,
                headers=headers,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=self._exchange.config.webhook_timeout),
            ) as answer:
                raw = await answer.content.read(BODY_KEPT)
                status, text = answer.status, raw.decode("utf-8", "replace")
        except (aiohttp.ClientError, TimeoutError, ValueError) as wrong:
            error = f"{type(wrong).__name__}: {wrong}".rstrip(": ")
        return Delivery(kind, url, status, text, error, attempt, time.monotonic() - started)
