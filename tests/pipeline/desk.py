"""A whole Frontdesk on loopback for one test: the sandbox as carrier, the web, one worker."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, TypeVar
from urllib.parse import urlencode
from uuid import UUID

import aiohttp
import asyncpg
import uvicorn
from starlette.types import ASGIApp
from twilio.request_validator import RequestValidator

from frontdesk.app.http import web_app
from frontdesk.app.wiring import App, running
from frontdesk.db.pool import prepare
from frontdesk.domains.model import Domain
from frontdesk.sandbox.app import BusinessNumber, SandboxConfig, StatusDelays, build
from frontdesk.sandbox.exchange import Exchange
from frontdesk.settings import Settings

OWNER_TOKEN = "owner-token-of-the-tests"
ACCOUNT = "AC" + "0" * 32
AUTH_TOKEN = "auth-token-of-the-tests"
WHATSAPP_NUMBER = "+14155238886"
SMS_NUMBER = "+15005550006"
ADA = "+14155550101"
PATIENCE = 60.0

T = TypeVar("T")


async def until(check: Callable[[], Awaitable[T]], seconds: float = PATIENCE) -> T:
    """The first true answer of `check`; fails when none comes in time."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not (found := await check()):
        assert asyncio.get_running_loop().time() < deadline, f"still {found!r} after {seconds} s"
        await asyncio.sleep(0.01)
    return found


class QuietServer(uvicorn.Server):
    """Leaves the signals to pytest: several servers share one process and one loop."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


def listening() -> socket.socket:
    """A socket on a free port, bound before its address is told to anybody."""
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(("127.0.0.1", 0))
    return bound


def address_of(bound: socket.socket) -> str:
    return f"http://127.0.0.1:{bound.getsockname()[1]}"


@asynccontextmanager
async def serving(app: ASGIApp, bound: socket.socket) -> AsyncGenerator[None]:
    config = uvicorn.Config(app, log_level="warning", ws="none", timeout_graceful_shutdown=2)
    server = QuietServer(config)
    task = asyncio.create_task(server.serve(sockets=[bound]))
    while not server.started:
        assert not task.done(), "the server did not start"
        await asyncio.sleep(0.005)
    try:
        yield
    finally:
        server.should_exit = True
        await task
        bound.close()


@dataclass
class Answer:
    """An HTTP answer, read whole."""

    status: int
    headers: dict[str, str]
    text: str
    json: Any = None

    @property
    def detail(self) -> str:
        return self.json["detail"]


@dataclass
class Desk:
    """One running Frontdesk. `write` is a customer, `call` a person's program, `post` a carrier."""

    app: App
    url: str
    sandbox_url: str
    exchange: Exchange
    http: aiohttp.ClientSession
    db: asyncpg.Connection
    domain: Domain
    worker: asyncio.Task[None] | None = None
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    # A customer ------------------------------------------------------------------------------

    async def write(
        self, body: str, from_: str = ADA, to: str = f"whatsapp:{WHATSAPP_NUMBER}", **more: Any
    ) -> str:
        """Sends a message and waits for its webhook; returns the carrier's id of it."""
        raw = {"from": from_, "to": to, "body": body, "wait": True, **more}
        async with self.http.post(f"{self.sandbox_url}/phone/messages", json=raw) as answer:
            assert answer.status == 201, await answer.text()
            return (await answer.json())["sid"]

    async def sent(self, to: str = ADA) -> list[dict[str, Any]]:
        """What the carrier took for a customer, in order of acceptance."""
        async with self.http.get(f"{self.sandbox_url}/messages", params={"to": to}) as answer:
            found = (await answer.json())["messages"]
        return [message for message in found if message["direction"] == "out"]

    async def replies(self, count: int, to: str = ADA) -> list[str]:
        """The texts that a customer got, once there are at least `count` and all has settled."""

        async def enough() -> bool:
            return len(await self.sent(to)) >= count

        await until(enough)
        await self.settled()
        return [message["body"] for message in await self.sent(to)]

    async def fault(self, kind: str, **settings: Any) -> None:
        raw = {"kind": kind, **settings}
        async with self.http.post(f"{self.sandbox_url}/faults", json=raw) as answer:
            assert answer.status == 201, await answer.text()

    # The product -----------------------------------------------------------------------------

    async def settled(self) -> None:
        """Waits until no lane has work and no message is on its way to the carrier."""

        async def idle() -> bool:
            return not await self.db.fetchval(
                "SELECT EXISTS (SELECT FROM conversations WHERE turn <> 'idle'"
                " OR delivery <> 'idle')"
                " OR EXISTS (SELECT FROM messages WHERE status IN ('queued', 'sending'))"
            )

        await until(idle)

    async def conversation(self, address: str = ADA) -> asyncpg.Record:
        row = await self.db.fetchrow("SELECT * FROM conversations WHERE address = $1", address)
        assert row is not None
        return row

    async def messages(self, address: str = ADA) -> list[asyncpg.Record]:
        """A conversation's messages in order."""
        return await self.db.fetch(
            "SELECT m.* FROM messages m JOIN conversations v USING (domain_id, conversation_id)"
            " WHERE v.address = $1 ORDER BY m.seq",
            address,
        )

    async def count(self, table: str) -> int:
        return await self.db.fetchval(f"SELECT count(*) FROM {table}") or 0

    async def start_worker(self) -> None:
        self.app.worker.stop.clear()
        self.worker = asyncio.create_task(self.app.worker.run())

    async def stop_worker(self) -> None:
        if self.worker is not None:
            self.app.worker.stop.set()
            await self.worker
            self.worker = None

    # Over HTTP -------------------------------------------------------------------------------

    async def call(
        self, method: str, path: str, token: str | None = OWNER_TOKEN, **more: Any
    ) -> Answer:
        headers: dict[str, str] = more.pop("headers", {})
        if token is not None:
            headers = {"Authorization": f"Bearer {token}", **headers}
        async with self.http.request(method, self.url + path, headers=headers, **more) as answer:
            return await _read(answer)

    async def post(
        self,
        path: str,
        form: dict[str, str] | bytes,
        *,
        token: str | None = AUTH_TOKEN,
        signed_url: str | None = None,
        signed_form: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """A carrier's webhook, signed with `token` by Twilio's own code; None: not signed."""
        sent = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        if token is not None:
            signed = signed_form or (form if isinstance(form, dict) else {})
            validator = RequestValidator(token)
            url = signed_url or self.url + path
            sent["X-Twilio-Signature"] = str(validator.compute_signature(url, signed))
        body = urlencode(form).encode() if isinstance(form, dict) else form
        async with self.http.post(self.url + path, data=BytesIO(body), headers=sent) as answer:
            return await _read(answer)


async def _read(answer: aiohttp.ClientResponse) -> Answer:
    if answer.status == 200 and answer.url.path == "/api/v1/events":
        # It has no end: what it begins with is enough.
        text = (await answer.content.readany()).decode()
    else:
        text = await answer.text(errors="replace")
    json = await answer.json() if answer.content_type == "application/json" and text else None
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Answer(answer.status, headers, text, json)


@asynccontextmanager
async def opened(
    dsn: str, settings: Callable[..., Settings], *, worker: bool = True, **env: str
) -> AsyncGenerator[Desk]:
    """A desk whose carrier's statuses take no time and whose default assistant is builtin:echo."""
    async with AsyncExitStack() as stack:
        web, carrier = listening(), listening()
        sandbox = build(
            SandboxConfig(
                public_url=address_of(carrier),
                accounts={ACCOUNT: AUTH_TOKEN},
                webhooks=address_of(web),
                numbers=(
                    BusinessNumber(f"whatsapp:{WHATSAPP_NUMBER}"),
                    BusinessNumber(SMS_NUMBER),
                ),
                delays=StatusDelays(sent=0, delivered=0),
            )
        )
        await stack.enter_async_context(serving(sandbox, carrier))
        made = settings(
            **{
                "FRONTDESK_PUBLIC_URL": address_of(web),
                "TWILIO_API_BASE_URL": address_of(carrier),
                **env,
            }
        )
        app = await stack.enter_async_context(running(made, dsn))
        domain = await app.domains.by_name("default")
        await app.domains.update(domain.domain_id, default_assistant_id="echo")
        await app.channels.ensure(domain.domain_id, "sms", SMS_NUMBER)
        await stack.enter_async_context(serving(web_app(app), web))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        db = await asyncpg.connect(dsn)
        stack.push_async_callback(db.close)
        await prepare(db)
        desk = Desk(
            app, address_of(web), address_of(carrier), sandbox.state.exchange, http, db, domain
        )
        stack.push_async_callback(desk.stop_worker)
        if worker:
            await desk.start_worker()
        yield desk


def message_form(
    body: str = "Hello",
    sid: str = "SM" + "1" * 32,
    from_: str = f"whatsapp:{ADA}",
    to: str = f"whatsapp:{WHATSAPP_NUMBER}",
    **more: str,
) -> dict[str, str]:
    """The form of a customer's message."""
    return {
        "MessageSid": sid,
        "AccountSid": ACCOUNT,
        "From": from_,
        "To": to,
        "Body": body,
        "NumMedia": "0",
        **more,
    }


def status_form(
    status: str,
    sid: str,
    to: str = f"whatsapp:{ADA}",
    from_: str = f"whatsapp:{WHATSAPP_NUMBER}",
    **more: str,
) -> dict[str, str]:
    """The form of a status callback."""
    return {
        "MessageSid": sid,
        "MessageStatus": status,
        "AccountSid": ACCOUNT,
        "From": from_,
        "To": to,
        **more,
    }


async def another_domain(desk: Desk, name: str = "rival") -> tuple[UUID, str]:
    """A second tenant with an owner of its own: the domain's id and the owner's token."""
    domain = await desk.app.domains.create(name, name.title(), None)
    await desk.app.domains.add_person(domain.domain_id, f"owner@{name}.example", "Owner", "owner")
    token = await desk.app.domains.issue_token(domain.domain_id, f"owner@{name}.example", "tests")
    return domain.domain_id, token
