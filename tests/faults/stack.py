"""Frontdesk as its operator runs it: processes that can be killed, beside a carrier that cannot.

The carrier runs in a thread of the test and counts; what it took and delivered is the truth that
the tests compare with what customers wrote.
"""

import asyncio
import os
import signal
import subprocess
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import asyncpg
import psutil

from cli.command import COMMAND, environment
from pipeline.desk import ACCOUNT, AUTH_TOKEN, OWNER_TOKEN, WHATSAPP_NUMBER

PATIENCE = 60.0
ASKED = float(os.environ.get("FRONTDESK_FAULT_SECONDS", "0"))
"""How long a fault lasts; 0: as long as each test needs to show its point."""
CUSTOMERS = [f"+1415556{number:04}" for number in range(10)]

T = TypeVar("T")


def lasting(default: float) -> float:
    """Seconds that a fault lasts; FRONTDESK_FAULT_SECONDS=60 for the long version."""
    return ASKED or default


async def until(
    check: Callable[[], Awaitable[T]], seconds: float = PATIENCE, why: Callable[[], str] = str
) -> T:
    """The first true answer of `check`; fails when none comes in time."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not (found := await check()):
        assert asyncio.get_running_loop().time() < deadline, f"not within {seconds} s\n{why()}"
        await asyncio.sleep(0.05)
    return found


class Process:
    """One of the processes, started again as often as it takes."""

    def __init__(self, name: str, *arguments: str, env: Mapping[str, str], log: Path) -> None:
        self.name = name
        self.log = log
        self._argv = [*COMMAND, *arguments]
        self.env = environment(env)
        self._process: subprocess.Popen[bytes] | None = None
        self._logged = 0

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def lives(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._logged = log.tell()
            self._process = subprocess.Popen(
                self._argv, env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def said(self) -> str:
        """What it has logged since it was started last."""
        return self.log.read_bytes()[self._logged :].decode(errors="replace")

    async def says(self, text: str, seconds: float = PATIENCE) -> None:
        async def found() -> bool:
            assert self.lives, f"{self.name} has ended:\n{self.said()}"
            return text in self.said()

        await until(found, seconds, self.said)

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    async def stop(self) -> int:
        """SIGTERM; returns the exit code."""
        assert self._process is not None
        self._process.terminate()
        return await asyncio.to_thread(self._process.wait, PATIENCE)

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.pid).children(recursive=True)

    def end(self) -> None:
        """Ends it and its children whatever their state."""
        if self._process is None:
            return
        family = self.children() if self.lives else []
        self.kill()
        for child in family:
            try:
                child.kill()
            except psutil.NoSuchProcess:
                continue


@dataclass
class Carrier:
    """The sandbox as the network sees it, and the customers who write through it."""

    url: str
    http: aiohttp.ClientSession
    written: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """By customer, in order."""
    taken: set[str] = field(default_factory=set[str])
    """The texts whose webhook was answered with 200."""

    @property
    def count(self) -> int:
        return sum(map(len, self.written.values()))

    async def write(self, customer: str, text: str) -> bool:
        """A customer's message. True if its webhook was answered with 200."""
        self.written[customer].append(text)
        to = f"whatsapp:{WHATSAPP_NUMBER}"
        raw = {"from": customer, "to": to, "body": text, "wait": True}
        async with self.http.post(f"{self.url}/phone/messages", json=raw) as answer:
            assert answer.status == 201, await answer.text()
            accepted = (await answer.json())["webhook"] == "accepted"
        if accepted:
            self.taken.add(text)
        return accepted

    async def wrote(self, count: int) -> None:
        """Returns as soon as so many messages have been begun, at whatever moment that is."""
        while self.count < count:
            await asyncio.sleep(0.001)

    async def burst(
        self, name: str, each: int = 3, customers: Iterable[str] = CUSTOMERS, pause: float = 0
    ) -> None:
        """Every customer writes some messages, one after the other."""

        async def one(place: int, customer: str) -> None:
            for number in range(each):
                await self.write(customer, f"{name}, customer {place}, message {number}")
                await asyncio.sleep(pause)

        await asyncio.gather(*(one(*each) for each in enumerate(customers)))

    async def load(self, name: str, stop: asyncio.Event) -> None:
        """All customers write until told to stop, each about four times a second."""
        number = 0
        while not stop.is_set():
            await self.burst(f"{name} {number}", 1, pause=0.25)
            number += 1

    async def fault(self, kind: str, **settings: Any) -> None:
        raw = {"kind": kind, **settings}
        async with self.http.post(f"{self.url}/faults", json=raw) as answer:
            assert answer.status == 201, await answer.text()

    async def clear_faults(self) -> None:
        async with self.http.delete(f"{self.url}/faults") as answer:
            assert answer.status == 200

    async def stats(self) -> dict[str, Any]:
        async with self.http.get(f"{self.url}/stats") as answer:
            return await answer.json()

    async def answered(self) -> dict[str, list[str]]:
        """What each customer was told, a line for each text, in order of acceptance.

        Echoes of several texts come as one message of several lines.
        """
        async with self.http.get(f"{self.url}/messages") as answer:
            messages = (await answer.json())["messages"]
        lines: dict[str, list[str]] = defaultdict(list)
        for message in messages:
            if message["direction"] == "out" and message["status"] in ("delivered", "read"):
                lines[message["customer"]] += message["body"].splitlines()
        return lines

    def missing(self, answered: Mapping[str, list[str]]) -> dict[str, list[str]]:
        """What was written and not answered."""
        left = {
            customer: [text for text in texts if text not in set(answered.get(customer, []))]
            for customer, texts in self.written.items()
        }
        return {customer: texts for customer, texts in left.items() if texts}


@dataclass
class Stack:
    """A web process and workers over one PostgreSQL, with the carrier beside them."""

    carrier: Carrier
    web: Process
    worker: Process
    second_worker: Process
    url: str
    dsn: str

    async def start(self) -> None:
        self.web.start()
        self.worker.start()
        await self.ready()

    async def ready(self) -> None:
        await self.healthy()
        await self.worker.says("worker ready")

    async def healthy(self, seconds: float = PATIENCE) -> None:
        """The web process takes messages in."""

        async def healthy() -> bool:
            assert self.web.lives, f"the web process has ended:\n{self.web.said()}"
            return await self.is_healthy()

        await until(healthy, seconds, self.web.said)

    async def is_healthy(self) -> bool:
        try:
            async with self.carrier.http.get(f"{self.url}/whatsapp/health") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    async def fetch(self, query: str) -> list[asyncpg.Record]:
        db = await asyncpg.connect(self.dsn)
        try:
            return await db.fetch(query)
        finally:
            await db.close()

    async def execute(self, statement: str) -> None:
        db = await asyncpg.connect(self.dsn)
        try:
            await db.execute(statement)
        finally:
            await db.close()

    async def stored(self) -> dict[str, list[str]]:
        """The customers' texts that are in the database, in order."""
        rows = await self.fetch(
            "SELECT v.address, m.content FROM messages m"
            " JOIN conversations v USING (domain_id, conversation_id)"
            " WHERE m.sender = 'user' ORDER BY m.seq"
        )
        texts: dict[str, list[str]] = defaultdict(list)
        for row in rows:
            texts[row["address"]].append(row["content"])
        return texts

    async def has_what_it_acknowledged(self) -> None:
        stored = Counter(text for texts in (await self.stored()).values() for text in texts)
        assert {text: stored[text] for text in self.carrier.taken if stored[text] != 1} == {}

    async def answers_everything(self, seconds: float = PATIENCE) -> None:
        """Waits until every text is answered, and nothing is left to do."""
        left: dict[str, list[str]] = {}

        async def nothing_missing() -> bool:
            nonlocal left
            left = self.carrier.missing(await self.carrier.answered())
            return not left

        await until(nothing_missing, seconds, lambda: f"unanswered: {left}")
        await until(self.is_idle, seconds, lambda: "lanes are busy although all is answered")

    async def is_idle(self) -> bool:
        rows = await self.fetch(
            "SELECT FROM conversations WHERE turn <> 'idle' OR delivery <> 'idle' UNION ALL"
            " SELECT FROM messages WHERE status IN ('queued', 'sending')"
        )
        return not rows

    async def each_text_was_stored_and_answered_once(self) -> None:
        """Whatever the order: a refused message may be caught up after the customer's next."""
        answered, stored = await self.carrier.answered(), await self.stored()
        for customer, texts in self.carrier.written.items():
            assert Counter(stored[customer]) == Counter(texts)
            assert Counter(answered[customer]) == Counter(texts)

    async def each_text_was_answered_once_in_order(self) -> None:
        answered, stored = await self.carrier.answered(), await self.stored()
        for customer, texts in self.carrier.written.items():
            assert stored[customer] == texts
            assert answered[customer] == texts

    async def knows_that_all_is_delivered(self) -> None:
        async def all_delivered() -> bool:
            return not await self.fetch(
                "SELECT FROM messages WHERE sender <> 'user' AND status <> 'delivered'"
            )

        await until(all_delivered)


def settings_of(carrier_url: str, port: int, data: Path, dsn: str | None) -> dict[str, str]:
    """The variables by which an operator sets all of it up."""
    env = {
        "FRONTDESK_DATA": str(data),
        "FRONTDESK_PORT": str(port),
        "FRONTDESK_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "FRONTDESK_OWNER_TOKEN": OWNER_TOKEN,
        "FRONTDESK_TRUSTED_HOSTS": "127.0.0.0/8,localhost",
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "TWILIO_WHATSAPP_NUMBER": WHATSAPP_NUMBER,
        "TWILIO_API_BASE_URL": carrier_url,
    }
    return env if dsn is None else {**env, "FRONTDESK_DATABASE_URL": dsn}
