"""Wires the emulated carrier into one ASGI app, alone at `/` or mounted at `/sandbox`."""

import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount

from frontdesk.kernel.clock import Clock, utc_now
from frontdesk.kernel.errors import FrontdeskError
from frontdesk.sandbox.cdn import Cdn
from frontdesk.sandbox.controls import Controls
from frontdesk.sandbox.exchange import CarrierError, Exchange
from frontdesk.sandbox.graph_content import GraphContent
from frontdesk.sandbox.graph_errors import GraphError, graph_error
from frontdesk.sandbox.graph_rest import GraphRest
from frontdesk.sandbox.graph_webhooks import GraphWire
from frontdesk.sandbox.model import (
    BusinessNumber,
    GraphAccount,
    SandboxConfig,
    StatusDelays,
    Vendor,
)
from frontdesk.sandbox.phone import Phone
from frontdesk.sandbox.posting import Poster
from frontdesk.sandbox.twilio_content import TwilioContent
from frontdesk.sandbox.twilio_rest import TwilioRest, carrier_error
from frontdesk.sandbox.twilio_webhooks import TwilioWire
from frontdesk.sandbox.views import json_response
from frontdesk.sandbox.webhooks import Webhooks, Wire

__all__ = [
    "BusinessNumber",
    "GraphAccount",
    "SandboxConfig",
    "SandboxServer",
    "StatusDelays",
    "build",
    "exchange_of",
    "running",
    "serve",
]

PREFIX = "/sandbox"
SHUTDOWN_SECONDS = 3


def build(config: SandboxConfig, clock: Clock = utc_now) -> Starlette:
    """The app. Starlette runs no lifespan of a mounted app: its parent enters `running(app)`."""
    exchange = Exchange(config, clock)
    poster = Poster(exchange)
    graph_wire = GraphWire(exchange, poster)
    wires: dict[Vendor, Wire] = {"twilio": TwilioWire(exchange, poster), "meta": graph_wire}
    webhooks = Webhooks(exchange, poster, wires)
    cdn = Cdn(exchange)
    rest = TwilioRest(exchange, webhooks, cdn)
    graph = GraphRest(exchange, webhooks, graph_wire, cdn)
    routes = [
        *rest.routes(),
        *TwilioContent(exchange, rest).routes(),
        *cdn.routes(),
        *Phone(exchange, webhooks).routes(),
        *Controls(exchange, webhooks, graph_wire).routes(),
        *GraphContent(exchange, graph, webhooks, graph_wire).routes(),
        *graph.routes(),
    ]
    app = Starlette(
        # Alone, the app answers at the addresses that it has when mounted as well.
        routes=[*routes, Mount(PREFIX, routes=routes)],
        exception_handlers={
            GraphError: graph_error,
            CarrierError: carrier_error,
            FrontdeskError: _refusal,
        },
        lifespan=running,
    )
    app.state.exchange = exchange
    app.state.webhooks = webhooks
    return app


def exchange_of(app: Starlette) -> Exchange:
    """For the host process: to connect numbers, and to `end_streams` when it stops."""
    exchange: Exchange = app.state.exchange
    return exchange


@asynccontextmanager
async def running(app: Starlette) -> AsyncGenerator[None]:
    """Reads the journal, takes up what was under way, posts webhooks; closes all of it."""
    exchange: Exchange = app.state.exchange
    webhooks: Webhooks = app.state.webhooks
    await webhooks.open()
    await exchange.refresh()
    for message in exchange.open():
        webhooks.start(webhooks.progress(message, {}))
    for message in exchange.untold():
        webhooks.start(webhooks.announce(message))
    try:
        yield
    finally:
        await webhooks.close()
        exchange.close()


class SandboxServer(uvicorn.Server):
    """Ends the live streams when it is told to stop, where uvicorn would wait for them."""

    def __init__(self, config: uvicorn.Config, sandbox: Starlette) -> None:
        super().__init__(config)
        self._exchange = exchange_of(sandbox)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._exchange.end_streams()
        await super().shutdown(sockets)


async def serve(config: SandboxConfig, host: str = "127.0.0.1", port: int = 1957) -> None:
    """Runs the sandbox alone until it is told to stop."""
    app = build(config)
    settings = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="warning",
        ws="none",
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    await SandboxServer(settings, app).serve()


async def _refusal(_: Request, error: Exception) -> Response:
    assert isinstance(error, FrontdeskError)
    return json_response({"detail": error.detail}, error.status)
