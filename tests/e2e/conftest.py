"""A browser in which a page's own fault, or a breach of its policy, fails the test."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

from pipeline.desk import Desk

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


def fault_of(said: ConsoleMessage) -> list[str]:
    """Refused calls and lost connections are told by the page; anything else is its own fault."""
    network = "Failed to load resource" in said.text or "net::ERR" in said.text
    return [said.text] if said.type in ("error", "warning") and not network else []


@pytest.fixture
async def chromium() -> AsyncGenerator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium at {CHROMIUM}; install the package `chromium`")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
async def page(chromium: Browser) -> AsyncGenerator[Page]:
    page = await chromium.new_page(viewport={"width": 1440, "height": 900})
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.extend(fault_of(said)))
    yield page
    assert problems == []


async def sign_in(page: Page, desk: Desk, email: str = "owner@frontdesk.local") -> None:
    """By the link and its button, as a person does."""
    token = await desk.app.domains.sign_in_link_token(desk.domain.domain_id, email)
    await page.goto(f"{desk.url}/sign-in?token={token}")
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url(f"{desk.url}/")
