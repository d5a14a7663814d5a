"""Tells the business what it must hear: customers' messages, and what became of its own."""

import asyncio
from typing import Protocol

from frontdesk.sandbox.exchange import Exchange
from frontdesk.sandbox.faults import Asked
from frontdesk.sandbox.fetching import Fetcher, Rules
from frontdesk.sandbox.model import Failure, Message, Vendor, channel_of
from frontdesk.sandbox.posting import Poster, outcome


class Wire(Protocol):
    """One vendor's webhooks and error codes."""

    def rules(self, message: Message) -> Rules: ...

    def failure(self, code: int | None) -> Failure:
        """The failure with this code; None: for a reason that is not known."""
        ...

    def obstacle(self, message: Message) -> Failure | None:
        """What keeps the message from its customer."""
        ...

    async def tell(self, message: Message) -> int | None:
        """Posts a customer's message; the status of the first answer, None without one."""
        ...

    async def tell_status(self, message: Message, status: str) -> None: ...


class Webhooks:
    def __init__(self, exchange: Exchange, poster: Poster, wires: dict[Vendor, Wire]) -> None:
        self._exchange = exchange
        self._fetcher = Fetcher(exchange)
        self._wires = wires
        self.open, self.close, self.start = poster.open, poster.close, poster.start

    async def announce(self, message: Message) -> None:
        """Posts a customer's message. It stays in the list whatever comes of it."""
        status = await self._wires[message.vendor].tell(message)
        self._exchange.settle(message, outcome(status))

    async def progress(self, message: Message, asked: Asked) -> None:
        """Takes an outbound message through its statuses and tells the business of each."""
        wire = self._wires[message.vendor]
        late: list[str] = []
        delays = self._exchange.config.delays
        steps: list[tuple[str, float]] = [("sent", delays.sent), ("delivered", delays.delivered)]
        if delays.read is not None and channel_of(message.to) == "whatsapp":
            steps.append(("read", delays.read))
        fault = asked.get("error_code")
        failure = wire.failure(fault.code) if fault is not None else wire.obstacle(message)
        failure = failure or await self._fetcher.collect(message, wire.rules(message))
        if failure is not None:
            steps = [("failed", delays.sent)]
        for status, delay in steps:
            if delay:
                await asyncio.sleep(delay)
            told = (failure.code, failure.text) if failure is not None else (None, None)
            moved = self._exchange.advance(message, status, *told)
            if moved and "out_of_order_callbacks" in asked:
                late.insert(0, status)
            elif moved:
                await self.call_back(message, status, asked)
        for status in late:
            await self.call_back(message, status, asked)

    async def call_back(self, message: Message, status: str, asked: Asked) -> None:
        if "drop_callbacks" in asked:
            return
        for _ in range(2 if "duplicate_callbacks" in asked else 1):
            await self._wires[message.vendor].tell_status(message, status)

    async def read(self, message: Message) -> None:
        """The customer has the message on the screen."""
        if channel_of(message.to) == "whatsapp" and message.status == "delivered":
            self._exchange.advance(message, "read")
            await self.call_back(message, "read", {})
