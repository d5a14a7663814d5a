"""What every call of a carrier's API has in common: it is counted, and it may meet faults."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Protocol

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

from frontdesk.sandbox.broken import ConnectionReset, linger
from frontdesk.sandbox.exchange import CarrierError, Exchange
from frontdesk.sandbox.faults import HEADER, Asked, Fault
from frontdesk.sandbox.model import Message
from frontdesk.sandbox.webhooks import Webhooks

Call = Callable[[Request], Coroutine[Any, Any, Response]]


class Refusals(Protocol):
    """How a vendor words the refusals that were asked for."""

    def rate_limited(self, fault: Fault) -> CarrierError: ...

    def error(self, fault: Fault) -> CarrierError | None:
        """None: the vendor reports this error later, on the message."""
        ...


class Calls:
    def __init__(self, exchange: Exchange, webhooks: Webhooks, refusals: Refusals) -> None:
        self._exchange = exchange
        self._webhooks = webhooks
        self._refusals = refusals

    def counted(self, operation: str, call: Call) -> Call:
        async def counted(request: Request) -> Response:
            try:
                answer = await call(request)
            except CarrierError as refused:
                self._exchange.count(operation, refused.status)
                raise
            reset = isinstance(answer, ConnectionReset)
            self._exchange.count(operation, "reset" if reset else answer.status_code)
            return answer

        return counted

    def faults(self, request: Request, operation: str, addresses: Iterable[str] = ()) -> Asked:
        return self._exchange.faults.take(operation, addresses, request.headers.get(HEADER))

    async def before(self, request: Request, asked: Asked) -> Response | None:
        """What goes wrong before anything is done."""
        if "latency" in asked:
            await asyncio.sleep(asked["latency"].seconds)
        if "rate_limit" in asked:
            raise self._refusals.rate_limited(asked["rate_limit"])
        if "server_error" in asked:
            status = asked["server_error"].status
            return Response(f"<html><body>{status}</body></html>", status, media_type="text/html")
        if "timeout_lost" in asked:
            await linger(request, asked["timeout_lost"].seconds)
            return ConnectionReset()
        if "reset" in asked and asked["reset"].when == "before":
            return ConnectionReset()
        refused = self._refusals.error(asked["error_code"]) if "error_code" in asked else None
        if refused is not None:
            raise refused
        return None

    async def after(self, answer: Response, asked: Asked) -> Response:
        """What goes wrong when all is done but the answer."""
        if "reset" in asked and asked["reset"].when == "after":
            reset = ConnectionReset()
            if answer.background is not None:
                await answer.background()
            return reset
        return answer

    async def accepted(
        self, request: Request, message: Message, answer: Response, asked: Asked
    ) -> Response:
        """Sends an accepted message on its way, after the answer if nothing else was asked for."""
        if "callback_before_response" in asked:
            await self._webhooks.progress(message, asked)
        elif "timeout" in asked:
            self._start(message, asked)
        else:
            answer.background = BackgroundTask(self._later, message, asked)
        if "timeout" in asked:
            await linger(request, asked["timeout"].seconds)
        return await self.after(answer, asked)

    async def _later(self, message: Message, asked: Asked) -> None:
        self._start(message, asked)

    def _start(self, message: Message, asked: Asked) -> None:
        self._webhooks.start(self._webhooks.progress(message, asked))
