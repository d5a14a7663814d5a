"""Real servers in threads: the sandbox, and the business that its webhooks reach."""

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import requests
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response as TwilioResponse
from twilio.rest import Client

from frontdesk.kernel.clock import Clock, utc_now
from frontdesk.sandbox.app import SandboxConfig, SandboxServer, build, running

ACCOUNT = "AC" + "0" * 31 + "1"
TOKEN = "token-of-the-account"
WHATSAPP = "whatsapp:+14155238886"
SMS = "+14155550199"
ADA = "+14155550101"

T = TypeVar("T")


def until(check: Callable[[], T], seconds: float = 5.0) -> T:
    """The first true answer of `check`; fails when none comes in time."""
    deadline = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < deadline, f"still {found!r} after {seconds} s"
        time.sleep(0.005)
    return found


@contextmanager
def serving(host: uvicorn.Server) -> Generator[str]:
    """Runs a server on a free port and answers its address."""
    thread = threading.Thread(target=lambda: asyncio.run(host.serve()))
    thread.start()
    try:
        until(lambda: host.started or not thread.is_alive())
        port = host.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        host.should_exit = True
        thread.join(10)
        assert not thread.is_alive()


@contextmanager
def sandbox(
    config: SandboxConfig, *, mounted: bool = False, port: int = 0, clock: Clock = utc_now
) -> Generator["Sandbox"]:
    app = build(config, clock)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        async with running(app):
            yield

    host = Starlette(routes=[Mount("/sandbox", app)], lifespan=lifespan) if mounted else app
    settings = uvicorn.Config(host, port=port, log_level="warning", ws="none")
    with serving(SandboxServer(settings, app)) as url:
        yield Sandbox(url + "/sandbox" if mounted else url)


class ToSandbox(TwilioHttpClient):
    """The SDK's own HTTP client with the host of each address replaced."""

    def __init__(self, base: str, headers: dict[str, str], timeout: float) -> None:
        super().__init__(timeout=timeout)
        self._base = base
        self._headers = headers

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> TwilioResponse:
        kwargs["headers"] = {**(kwargs.get("headers") or {}), **self._headers}
        for host in ("api", "content"):
            url = url.replace(f"https://{host}.twilio.com", self._base)
        return super().request(method, url, *args, **kwargs)


@dataclass
class Sandbox:
    url: str

    def twilio(self, fault: str = "", token: str = TOKEN, timeout: float = 10) -> Client:
        """The official SDK; `fault` goes with each of its calls."""
        headers = {"X-Sandbox-Fault": fault} if fault else {}
        return Client(ACCOUNT, token, http_client=ToSandbox(self.url, headers, timeout))

    def get(self, path: str, **query: Any) -> Any:
        answer = requests.get(self.url + path, params=query, timeout=10)
        assert answer.ok, answer.text
        return answer.json()

    def post(self, path: str, **body: Any) -> Any:
        answer = requests.post(self.url + path, json=body, timeout=20)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def write(self, body: str, to: str = WHATSAPP, from_: str = ADA, **more: Any) -> Any:
        """A customer's message, once the business has answered its webhook."""
        return self.post("/phone/messages", **{"from": from_}, to=to, body=body, wait=True, **more)

    def send(self, name: str, content: bytes, kind: str, to: str = WHATSAPP, **more: str) -> Any:
        """A customer's file, as the phone's page sends it."""
        form = {"from": ADA, "to": to, "wait": "true", **more}
        files = {"file": (name, content, kind)}
        answer = requests.post(self.url + "/phone/messages", data=form, files=files, timeout=20)
        assert answer.ok, answer.text
        return answer.json()

    def bytes_of(self, message: dict[str, Any]) -> bytes:
        """What the phone has of a message's only file."""
        (item,) = message["media"]
        answer = requests.get(f"{self.url}/{item['url']}", timeout=10)
        assert answer.ok, answer.text
        return answer.content

    def fault(self, kind: str, **settings: Any) -> None:
        self.post("/faults", kind=kind, **settings)

    def messages(self, **query: Any) -> list[dict[str, Any]]:
        return self.get("/messages", **query)["messages"]

    def message(self, sid: str | None) -> dict[str, Any]:
        return next(m for m in self.messages() if m["sid"] == sid)


@dataclass
class Heard:
    """One request that reached the business."""

    url: str
    form: dict[str, str]
    headers: dict[str, str]
    body: bytes = b""


@dataclass
class Business:
    """Answers 200 to everything, or the statuses of `answers` first; serves `files` by path, and
    proves to Meta that it knows the `verify_token`."""

    url: str = ""
    verify_token: str = ""
    heard: list[Heard] = field(default_factory=list[Heard])
    answers: list[int] = field(default_factory=list[int])
    files: dict[str, Response] = field(default_factory=dict[str, Response])
    fetched: list[str] = field(default_factory=list[str])

    async def hear(self, request: Request) -> Response:
        body = await request.body()
        is_form = request.headers["content-type"].startswith("application/x-www-form-urlencoded")
        form = dict(parse_qsl(body.decode(), keep_blank_values=True)) if is_form else {}
        self.heard.append(Heard(str(request.url), form, dict(request.headers), body))
        return Response("<Response/>", self.answers.pop(0) if self.answers else 200)

    def serve(self, path: str, content: bytes, content_type: str, **headers: str) -> str:
        """The address of a file that the business sends."""
        given = {"content-type": content_type, **headers}
        self.files[path] = Response(content, headers=given)
        return self.url + path

    async def give(self, request: Request) -> Response:
        asked = request.query_params
        if asked.get("hub.mode") == "subscribe":
            known = asked.get("hub.verify_token") == self.verify_token
            return Response(asked["hub.challenge"] if known else "", 200 if known else 403)
        self.fetched.append(f"{request.method} {request.url.path}")
        return self.files.get(request.url.path, Response(status_code=404))

    def statuses(self, sid: str | None) -> list[str]:
        return [h.form["MessageStatus"] for h in self.heard if h.form.get("MessageSid") == sid]


@contextmanager
def business(verify_token: str = "") -> Generator[Business]:
    one = Business(verify_token=verify_token)
    routes = [
        Route("/{path:path}", one.hear, methods=["POST"]),
        Route("/{path:path}", one.give, methods=["GET"]),
    ]
    app = Starlette(routes=routes)
    host = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", ws="none"))
    with serving(host) as url:
        one.url = url
        yield one
