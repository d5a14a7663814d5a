"""A person with a browser, and a person at a terminal, talk to the business."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from playwright.async_api import ConsoleMessage, Page, async_playwright, expect

from frontdesk.kernel.errors import FrontdeskError, Invalid, NotFound, Unavailable
from frontdesk.sandbox.app import SandboxConfig
from frontdesk.sandbox.client import Reply, converse
from sandbox import servers
from sandbox.servers import ADA, SMS, WHATSAPP, Business, Sandbox, until

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


def _scripts_fault(said: ConsoleMessage) -> list[str]:
    """Refused calls and lost connections are told by the page; anything else is its own fault."""
    network = "Failed to load resource" in said.text or "net::ERR" in said.text
    return [said.text] if said.type == "error" and not network else []


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium at {CHROMIUM}; install the package `chromium`")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = await browser.new_page(viewport={"width": 390, "height": 844})
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda said: problems.extend(_scripts_fault(said)))
        yield page
        await browser.close()
        assert problems == []


@pytest.fixture
def mounted(config: SandboxConfig) -> Iterator[Sandbox]:
    with servers.sandbox(config, mounted=True) as one:
        yield one


def reply(sandbox: Sandbox, body: str, fault: str = "") -> str:
    client = sandbox.twilio(fault)
    sent = client.messages.create(to=f"whatsapp:{ADA}", from_=WHATSAPP, body=body)
    return str(sent.sid)


async def test_a_conversation_on_the_screen(page: Page, mounted: Sandbox, business: Business):
    await page.goto(f"{mounted.url}/phone")
    await page.get_by_text("Say hello to your front desk").wait_for()
    await page.get_by_role("button", name="Write “Hello”").click()
    own = page.locator(".row.mine")
    await expect(own).to_contain_text("Hello")
    await expect(own.locator(".ticks")).to_have_attribute("title", "Delivered")
    await expect(page.locator(".typing")).to_be_visible()
    assert business.heard[0].form["From"] == f"whatsapp:{ADA}"

    text = (
        "*Open* now, _really_ ~not~ `x_y_z`\n• bread\n• cake\nhttps://example.com/a_b_c\n<b>1</b>"
    )
    sid = await asyncio.to_thread(reply, mounted, text)
    answer = page.locator(".row.theirs:not(.typing)")
    await expect(answer.locator("strong")).to_have_text("Open")
    await expect(answer.locator("em")).to_have_text("really")
    await expect(answer.locator("s")).to_have_text("not")
    await expect(answer.locator("code")).to_have_text("x_y_z")
    await expect(answer.locator("li")).to_have_text(["bread", "cake"])
    await expect(answer.locator("a")).to_have_attribute("href", "https://example.com/a_b_c")
    await expect(answer).to_contain_text("<b>1</b>")
    await expect(page.locator(".typing")).to_have_count(0)
    await expect(own.locator(".ticks")).to_have_attribute("title", "Answered")
    await expect(answer.locator(".ticks")).to_have_attribute("title", "Read")
    assert mounted.message(sid)["status"] == "read"


async def test_what_failed_says_why(page: Page, mounted: Sandbox, business: Business):
    business.answers = [503]
    await page.goto(f"{mounted.url}/phone")
    message = page.get_by_label("Message", exact=True)
    await message.fill("first line")
    await message.press("Shift+Enter")
    await message.press_sequentially("second line")
    await message.press("Enter")
    await expect(page.locator(".row.mine .why")).to_contain_text("HTTP 503")
    assert mounted.messages()[0]["body"] == "first line\nsecond line"
    await asyncio.to_thread(reply, mounted, "lost", "error_code; code=30003")
    await expect(page.locator(".row.theirs .why")).to_contain_text("Error 30003")


async def test_several_phones_are_kept_over_a_reload(page: Page, mounted: Sandbox):
    await page.goto(f"{mounted.url}/phone")
    await page.get_by_role("button", name="Add phone").click()
    second = page.locator(".phone").nth(1)
    await second.locator(".from").fill("0044 20 7946 0000")
    await second.locator(".from").press("Tab")
    await second.locator(".to").select_option(SMS)
    await page.reload()
    second = page.locator(".phone").nth(1)
    await expect(second.locator(".from")).to_have_value("+442079460000")
    await second.get_by_role("button", name="/help").click()
    await expect(second.locator(".row.mine")).to_contain_text("/help")
    assert [(m["from"], m["to"]) for m in mounted.messages()] == [("+442079460000", SMS)]
    await second.locator(".from").fill("12")
    await expect(second.get_by_role("alert")).to_contain_text("7 to 15 digits")
    await second.get_by_role("button", name="Hello", exact=True).click()
    assert len(mounted.messages()) == 1
    await second.get_by_role("button", name="Remove this phone").click()
    await expect(page.locator(".phone")).to_have_count(1)


async def test_the_page_comes_back_by_itself_after_the_sandbox_was_away(
    page: Page, config: SandboxConfig, tmp_path: Path
):
    kept = replace(config, journal=tmp_path / "journal")
    link = page.get_by_role("status")
    with servers.sandbox(kept) as before:
        port = int(before.url.rpartition(":")[2])
        await page.goto(f"{before.url}/phone")
        await page.get_by_role("button", name="/list").click()
        await expect(page.locator(".row.mine")).to_contain_text("/list")
        await expect(link).to_have_text("Connected")
    await expect(link).to_contain_text("Connection lost")
    await page.get_by_label("Message", exact=True).fill("kept text")
    await page.get_by_label("Message", exact=True).press("Enter")
    await expect(page.locator(".notice")).to_contain_text("Your text is kept")
    await expect(page.get_by_label("Message", exact=True)).to_have_value("kept text")
    with servers.sandbox(kept, port=port):
        await expect(link).to_have_text("Connected")
        await page.get_by_label("Message", exact=True).press("Enter")
        await expect(page.locator(".row.mine")).to_have_count(2)
        await expect(page.locator(".notice")).to_be_hidden()
        await page.close()


def test_the_page_allows_nothing_from_elsewhere_and_nothing_inline(mounted: Sandbox):
    answer = requests.get(f"{mounted.url}/phone", timeout=5)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "style=" not in answer.text
    assert "http" not in answer.text.replace("http-equiv", "")


def stream(sandbox: Sandbox, last_event_id: str = "") -> tuple[str, str]:
    """The id and the data of the first message that a live stream tells."""
    headers = {"Last-Event-ID": last_event_id}
    url = f"{sandbox.url}/phone/events?number=%2B14155550101"
    with requests.get(url, headers=headers, stream=True, timeout=5) as answer:
        lines = (line.decode() for line in answer.iter_lines(chunk_size=1))
        event_id = next(line for line in lines if line.startswith("id: "))
        return event_id.removeprefix("id: "), next(lines)


def test_a_stream_that_comes_back_gets_only_what_it_missed(sandbox: Sandbox):
    sandbox.write("one")
    last, told = stream(sandbox)
    assert '"body":"one"' in told
    sandbox.write("two")
    assert '"body":"two"' in stream(sandbox, last)[1]
    assert '"body":"one"' in stream(sandbox, f"another-{last.partition('-')[2]}")[1]


async def hear(sandbox: Sandbox, text: str, from_: str = ADA, to: str | None = None) -> list[Reply]:
    talk = converse(sandbox.url, from_, text, to=to, quiet=0.3, patience=5)
    return [one async for one in talk]


async def test_a_terminal_hears_every_reply_until_it_is_quiet(mounted: Sandbox):
    def answer_twice() -> None:
        until(mounted.messages)
        reply(mounted, "first")
        reply(mounted, "second")
        reply(mounted, "third", "error_code; code=30003")

    answering = threading.Thread(target=answer_twice)
    answering.start()
    replies = await hear(mounted, "Hello")
    answering.join()
    assert [(one.body, one.status) for one in replies] == [
        ("first", "delivered"),
        ("second", "delivered"),
        ("third", "failed"),
    ]
    assert replies[2].error == "Unreachable destination handset"


async def test_a_terminal_is_told_what_went_wrong(sandbox: Sandbox, business: Business):
    business.answers = [503]
    with pytest.raises(Unavailable, match="not taken in: HTTP 503"):
        await hear(sandbox, "Hello")
    with pytest.raises(Invalid, match="no number"):
        await hear(sandbox, "Hello", from_="12")
    wrong: list[tuple[Sandbox, type[FrontdeskError]]] = [
        (Sandbox("http://127.0.0.1:1"), Unavailable),
        (Sandbox(f"{sandbox.url}/elsewhere"), Unavailable),
    ]
    for elsewhere, error in wrong:
        with pytest.raises(error):
            await hear(elsewhere, "Hello")


async def test_a_terminal_needs_a_business_number_of_its_channel(config: SandboxConfig):
    with servers.sandbox(SandboxConfig("http://s.test", config.accounts)) as bare:
        talk = converse(bare.url, ADA, "Hello", channel="sms")
        with pytest.raises(NotFound, match="no sms number"):
            await anext(talk)
