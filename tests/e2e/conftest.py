"""Browsers in which a page's own fault, or a breach of its policy, fails the test."""

from collections.abc import AsyncGenerator, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    async_playwright,
    expect,
)

from e2e.office import COOKIE, Colleague, Customer, Inbox, Office, at_work
from frontdesk.web.dashboard import BUILT

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MICROPHONE = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
# A machine that is busy with other things still comes to it.
DEADLINE = 45_000.0
expect.set_options(timeout=DEADLINE)

REPORTS = """
addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy: ${event.violatedDirective} refused ${event.blockedURI} ${event.sample}`);
});
"""
PHONE = """
if (!localStorage.getItem("frontdesk.sandbox.phones")) {
  localStorage.setItem("frontdesk.sandbox.phones", JSON.stringify([{ from: "NUMBER", name: "NAME" }]));
}
"""  # noqa: E501 - a program of another language


def fault_of(said: ConsoleMessage) -> list[str]:
    """Refused calls and lost connections are told by the page; anything else is its own fault."""
    network = "Failed to load resource" in said.text or "net::ERR" in said.text
    return [said.text] if said.type in ("error", "warning") and not network else []


@dataclass
class Windows:
    """Opens windows of the inbox and of phones, each as alone as one of another person's."""

    browser: Browser
    office: Office
    problems: list[str] = field(default_factory=list[str])
    contexts: list[BrowserContext] = field(default_factory=list[BrowserContext])

    async def bare(self, **settings: Any) -> Page:
        """Of nobody who is signed in."""
        settings.setdefault("viewport", {"width": 1440, "height": 900})
        context = await self.browser.new_context(base_url=self.office.url, **settings)
        self.contexts.append(context)
        context.set_default_timeout(DEADLINE)
        await context.add_init_script(REPORTS)
        page = await context.new_page()
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda said: self.problems.extend(fault_of(said)))
        return page

    async def inbox(
        self, person: Colleague | None = None, path: str = "/inbox", **settings: Any
    ) -> Inbox:
        """The owner's, if nobody is named."""
        page = await self.bare(**settings)
        person = person or await self.office.the_owner()
        url, session = self.office.url, person.session
        await page.context.add_cookies([{"name": COOKIE, "value": session, "url": url}])
        await page.goto(path)
        return Inbox(page, self.office.url)

    async def conversation(
        self, customer: Customer, person: Colleague | None = None, **settings: Any
    ) -> Inbox:
        """The inbox with the customer's conversation, once it can be worked in."""
        path = f"/inbox/{await customer.chat_id()}"
        inbox = await self.inbox(person, path, **settings)
        await expect(inbox.messages.first).to_be_visible()
        return inbox

    async def phone(self, customer: Customer) -> Page:
        page = await self.bare(viewport={"width": 390, "height": 844})
        script = PHONE.replace("NUMBER", customer.number).replace("NAME", customer.name)
        await page.context.add_init_script(script)
        await page.goto("/sandbox/phone")
        await expect(page.get_by_text("Connected")).to_be_attached()
        return page


def require_chromium() -> None:
    """Skips where there is no browser."""
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium at {CHROMIUM}; install the package `chromium`")


def require_inbox() -> None:
    """Skips where there is no browser, or nothing to open in it."""
    require_chromium()
    if not (BUILT / "index.html").exists():
        pytest.skip("the inbox is not built; run: make dashboard")


@pytest.fixture(scope="session")
def office() -> Generator[Office]:
    """One for all the modules that run in this process."""
    require_inbox()
    with at_work() as office:
        yield office


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncGenerator[Browser]:
    require_chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*ARGUMENTS, *MICROPHONE]
        )
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def windows(chromium: Browser, office: Office) -> AsyncGenerator[Windows]:
    windows = Windows(chromium, office)
    yield windows
    for context in windows.contexts:
        await context.close()
    assert windows.problems == []
