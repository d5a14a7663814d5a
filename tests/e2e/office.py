"""A business at work: `frontdesk up` as a process of its own, its people and its customers."""

import asyncio
import itertools
import json
import re
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import aiohttp
from playwright.async_api import Locator, Page

from cli.command import Running
from cli.test_up import port
from pipeline.desk import until

BUSINESS = "+14155238886"
PATIENCE = 60.0
SETTLED = ("delivered", "read", "failed", "undelivered")
PASSWORD = "orbit lamp cactus violin"
COOKIE = "frontdesk_session"
POSTGRES = "fsync = off\nautovacuum = off\nmax_connections = 100\n"
"""The data lives as long as the run."""
ECHO = {"default_assistant_id": "echo"}
MENU_ITEMS: tuple[Literal["menuitem", "menuitemradio", "menuitemcheckbox"], ...] = (
    "menuitem",
    "menuitemradio",
    "menuitemcheckbox",
)


@dataclass
class Office:
    """One that runs. Tests share it, and so each has customers and colleagues of its own."""

    url: str
    data: Path
    token: str
    sign_in_url: str
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1000))
    owner: "Colleague | None" = None

    async def call(self, method: str, path: str, **more: Any) -> Any:
        """The JSON that the owner's program gets."""
        headers = {"Authorization": f"Bearer {self.token}"}
        async with (
            aiohttp.ClientSession(self.url, headers=headers) as http,
            http.request(method, path, **more) as answer,
        ):
            text = await answer.text()
            assert answer.ok, f"{method} {path}: {text}"
            return json.loads(text) if text else None

    async def come_in(self, path: str, body: dict[str, str], email: str = "") -> "Colleague":
        """Someone who has a session from now on."""
        async with (
            aiohttp.ClientSession(self.url, headers={"Origin": self.url}) as http,
            http.post(path, json=body) as answer,
        ):
            assert answer.status == 200, await answer.text()
            me = await answer.json()
            return Colleague(me["person_id"], email, me["name"], answer.cookies[COOKIE].value)

    async def the_owner(self) -> "Colleague":
        if self.owner is None:
            token = self.sign_in_url.partition("token=")[2]
            self.owner = await self.come_in("/api/v1/session/link", {"token": token})
        return self.owner

    async def colleague(self, first_name: str, role: str = "agent") -> "Colleague":
        """Joins by an invitation, with PASSWORD; nobody else has this name."""
        number = next(self.numbers)
        name, email = f"{first_name} {number}", f"{first_name.lower()}{number}@example.com"
        invited = {"email": email, "name": name, "role": role}
        url = (await self.call("POST", "/api/v1/people", json=invited))["invitation_url"]
        body = {"token": url.partition("token=")[2], "name": name, "password": PASSWORD}
        return await self.come_in("/api/v1/invitation", body, email)

    def customer(self, first_name: str) -> "Customer":
        """Somebody who has not written yet; nobody else has this name."""
        number = next(self.numbers)
        return Customer(self, f"+1415777{number}", f"{first_name} {number}")


@dataclass(frozen=True)
class Colleague:
    person_id: str
    email: str
    name: str
    session: str


@dataclass
class Customer:
    """Writes without a screen where the phone is not what a test is about."""

    office: Office
    number: str
    name: str
    _answered: int = 0

    async def write(self, body: str, *files: Path) -> None:
        """Until it is committed."""
        fields = {
            "from": self.number,
            "to": f"whatsapp:{BUSINESS}",
            "profile_name": self.name,
            "wait": "true",
        }
        if not files:
            more = {**fields, "body": body, "wait": True}
            await self.office.call("POST", "/sandbox/phone/messages", json=more)
            return
        for path in files:
            form = aiohttp.FormData(fields)
            form.add_field("body", body)
            form.add_field("file", path.read_bytes(), filename=path.name)
            await self.office.call("POST", "/sandbox/phone/messages", data=form)

    async def got(self, count: int = 0) -> list[dict[str, Any]]:
        """What people sent to this customer, once it is so much and all has been delivered."""

        async def enough() -> tuple[list[dict[str, Any]]] | None:
            path = f"/sandbox/messages?to={quote(self.number)}"
            found = (await self.office.call("GET", path))["messages"]
            out = [message for message in found if message["direction"] == "out"][self._answered :]
            settled = all(message["status"] in SETTLED for message in out)
            return (out,) if settled and len(out) >= count else None

        found = await until(enough, PATIENCE)
        return found[0] if found else []

    async def chat_id(self) -> str:
        path = f"/api/v1/sessions?phone_number={quote(self.number)}"
        return (await self.office.call("GET", path))["items"][0]["chat_id"]

    async def change(self, **change: Any) -> None:
        path = f"/api/v1/conversations/{await self.chat_id()}"
        await self.office.call("PATCH", path, json=change)

    async def in_manual_mode(self, body: str = "Hello") -> "Customer":
        """Has written and was answered; from now on only people answer."""
        await self.write(body)
        self._answered = len(await self.got(1))
        await self.change(mode="manual")
        return self


@dataclass(frozen=True)
class Inbox:
    """A window of the inbox, by what its parts are called."""

    page: Page
    url: str

    def row(self, customer: Customer) -> Locator:
        return self.page.get_by_role("option", name=re.compile(f"^{re.escape(customer.name)},"))

    @property
    def thread(self) -> Locator:
        return self.page.get_by_role("log")

    def message(self, text: str | re.Pattern[str]) -> Locator:
        return self.thread.get_by_role("article").filter(has_text=text)

    @property
    def messages(self) -> Locator:
        return self.thread.get_by_role("article")

    @property
    def box(self) -> Locator:
        return self.page.get_by_role("textbox", name=re.compile("^(Reply to|Private note about)"))

    @property
    def tray(self) -> Locator:
        return self.page.get_by_role("list", name="Files to send").get_by_role("listitem")

    @property
    def send(self) -> Locator:
        return self.page.get_by_role("button", name="Send", exact=True)

    def answering(self, who: Literal["Assistant", "People"]) -> Locator:
        switch = self.page.get_by_role("radiogroup", name="Who answers")
        return switch.get_by_role("radio", name=who)

    async def attach(self, *files: Path) -> None:
        async with self.page.expect_file_chooser() as chooser:
            await self.page.get_by_role("button", name="Attach files").click()
        await (await chooser.value).set_files(list(files))

    def menu_item(self, name: str) -> Locator:
        """Of whichever menu is open, ticked or not."""
        menus = self.page.get_by_role("menu")
        items = [menus.get_by_role(role, name=name, exact=True) for role in MENU_ITEMS]
        return items[0].or_(items[1]).or_(items[2])

    async def choose(self, button: Locator, *items: str) -> None:
        """Opens a menu, and goes through it by keys, which no pointer disturbs."""
        await button.click()
        *submenus, last = items
        for name in submenus:
            await self.menu_item(name).press("ArrowRight")
        await self.menu_item(last).press("Enter")


@contextmanager
def at_work() -> Generator[Office]:
    """Answered by the echo assistant."""
    # Where the account that PostgreSQL runs as can come to, if the tests run as root.
    root = Path(tempfile.mkdtemp(prefix="frontdesk-e2e-"))
    root.chmod(0o711)
    data = root / "data"
    settings = data / "postgres" / "custom.conf"
    settings.parent.mkdir(mode=0o711, parents=True)
    settings.write_text(POSTGRES)
    env = {"FRONTDESK_DATA": str(data), "FRONTDESK_PORT": str(port())}
    try:
        with Running("up", "--json", env=env, log=root / "up.log") as up:
            told = json.loads(up.line())
            office = Office(told["url"], data, told["owner_token"], told["sign_in"])
            asyncio.run(office.call("PUT", "/api/v1/domains/default", json=ECHO))
            yield office
            up.stop()
    finally:
        shutil.rmtree(root, ignore_errors=True)
