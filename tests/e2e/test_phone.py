"""A customer at the sandbox's phone sends and gets photos, files, voice notes and places."""

import asyncio
import base64
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Locator, Page, async_playwright, expect

from e2e.conftest import ARGUMENTS, CHROMIUM, fault_of, require_chromium
from frontdesk.sandbox.app import BusinessNumber, SandboxConfig, StatusDelays
from media import samples
from sandbox import servers
from sandbox.servers import ACCOUNT, ADA, SMS, TOKEN, WHATSAPP, Business, Sandbox, until

MICROPHONE = "--use-fake-device-for-media-stream"
ALLOWED = "--use-fake-ui-for-media-stream"
GIVE = """
([name, type, encoded, kind]) => {
  const bytes = Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0));
  const held = new DataTransfer();
  held.items.add(new File([bytes], name, { type }));
  const at = document.querySelector(kind === "paste" ? ".text" : ".thread");
  const init = { bubbles: true, cancelable: true };
  if (kind === "paste") at.dispatchEvent(new ClipboardEvent("paste", { ...init, clipboardData: held }));
  else for (const one of ["dragenter", "dragover", "drop"]) at.dispatchEvent(new DragEvent(one, { ...init, dataTransfer: held }));
}
"""  # noqa: E501 - a program of another language


@dataclass
class Carrier:
    sandbox: Sandbox
    business: Business

    async def send(self, **fields: Any) -> str:
        """A message of the business; answers its sid."""
        messages = self.sandbox.twilio().messages
        addresses = {"to": f"whatsapp:{ADA}", "from_": WHATSAPP}
        return str((await asyncio.to_thread(messages.create, **addresses, **fields)).sid)

    async def got(self, count: int) -> list[dict[str, Any]]:
        """What the customer sent, once it is that much and the business has all of it."""

        def settled() -> list[dict[str, Any]]:
            found = [m for m in self.sandbox.messages() if m["direction"] == "in"]
            done = len(found) >= count and all(m["webhook"] == "accepted" for m in found)
            return found if done else []

        return await asyncio.to_thread(until, settled, 15)


@pytest.fixture
def carrier() -> Iterator[Carrier]:
    with servers.business() as business:
        config = SandboxConfig(
            public_url="http://sandbox.test/sandbox",
            accounts={ACCOUNT: TOKEN},
            webhooks=business.url,
            numbers=(BusinessNumber(WHATSAPP, "Corner Bakery"), BusinessNumber(SMS, "Bakery")),
            delays=StatusDelays(sent=0, delivered=0),
        )
        with servers.sandbox(config, mounted=True) as sandbox:
            yield Carrier(sandbox, business)


@asynccontextmanager
async def opened(carrier: Carrier, *arguments: str, **context: Any) -> AsyncGenerator[Page]:
    require_chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*ARGUMENTS, *arguments]
        )
        page = await browser.new_page(viewport={"width": 390, "height": 844}, **context)
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda said: problems.extend(fault_of(said)))
        await page.goto(f"{carrier.sandbox.url}/phone")
        await expect(page.get_by_text("Connected")).to_be_attached()
        yield page
        await browser.close()
        assert problems == []


@pytest.fixture
async def page(carrier: Carrier) -> AsyncIterator[Page]:
    async with opened(carrier, MICROPHONE, ALLOWED) as one:
        yield one


async def attach(page: Page, what: str, *files: Path) -> None:
    await page.get_by_role("button", name="Attach", exact=True).click()
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name=what).click()
    await (await chooser.value).set_files(list(files))


async def give(page: Page, path: Path, content_type: str, how: str) -> None:
    encoded = base64.b64encode(path.read_bytes()).decode()
    await page.evaluate(GIVE, [path.name, content_type, encoded, how])


def message_box(page: Page) -> Locator:
    return page.get_by_label("Message", exact=True)


def tray(page: Page) -> Locator:
    return page.get_by_role("list", name="Files to send").get_by_role("listitem")


def own(page: Page) -> Locator:
    return page.locator(".row.mine")


async def is_seen(photo: Locator) -> None:
    await expect(photo).to_be_visible()
    await expect(photo).not_to_have_js_property("naturalWidth", 0)


async def test_a_photo_is_chosen_captioned_and_sent(
    page: Page, carrier: Carrier, tmp_path: Path
) -> None:
    await attach(page, "Photos and videos", samples.jpeg(tmp_path), samples.png(tmp_path))
    await expect(tray(page)).to_have_count(2)
    await expect(tray(page).first.locator("canvas")).to_be_visible()
    name = samples.png(tmp_path).name
    await page.get_by_role("button", name=f"Remove {name}").click()
    await expect(tray(page)).to_have_count(1)
    await expect(message_box(page)).to_have_attribute("placeholder", "Add a caption")
    await message_box(page).fill("My *cake*")
    await page.get_by_role("button", name="Send", exact=True).click()
    await is_seen(own(page).locator(".photo img"))
    await expect(own(page).locator("strong")).to_have_text("cake")
    await expect(tray(page)).to_have_count(0)
    await expect(message_box(page)).to_have_value("")
    (message,) = await carrier.got(1)
    assert (message["body"], message["media"][0]["kind"]) == ("My *cake*", "image")


async def test_files_are_dropped_and_pasted_and_their_text_follows(
    page: Page, carrier: Carrier, tmp_path: Path
) -> None:
    pdf, words = samples.pdf(tmp_path), samples.txt(tmp_path)
    await give(page, pdf, "application/pdf", "drop")
    await give(page, words, "text/plain", "paste")
    await expect(tray(page)).to_have_count(2)
    await message_box(page).fill("Please sign")
    await message_box(page).press("Enter")
    await expect(own(page)).to_have_count(3)
    link = own(page).first.get_by_role("link", name=f"Download {pdf.name}")
    async with page.expect_download() as download:
        await link.click()
    saved = await (await download.value).path()
    assert saved.read_bytes() == pdf.read_bytes()
    sent = await carrier.got(3)
    assert [m["body"] for m in sent] == ["", "", "Please sign"]
    assert [m["media"][0]["filename"] for m in sent[:2]] == [pdf.name, words.name]


async def test_a_voice_note_is_recorded_sent_and_played(page: Page, carrier: Carrier) -> None:
    await page.get_by_role("button", name="Record a voice note").click()
    await expect(page.get_by_role("timer")).to_have_text("0:01")
    await page.get_by_role("button", name="Send the voice note").click()
    play = own(page).get_by_role("button", name="Play the voice note")
    await expect(play).to_be_visible()
    await expect(own(page).locator(".player-time")).to_have_text("0:01")
    (message,) = await carrier.got(1)
    assert message["media"][0]["content_type"] == "audio/ogg"
    assert carrier.business.heard[0].form["MessageType"] == "audio"
    await play.click()
    await expect(own(page).get_by_role("button", name="Pause the voice note")).to_be_visible()

    await page.get_by_role("button", name="Record a voice note").click()
    await expect(page.get_by_role("timer")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("timer")).to_be_hidden()
    assert len(carrier.sandbox.messages()) == 1


async def test_without_permission_or_microphone_the_phone_says_what_to_do(carrier: Carrier) -> None:
    async with opened(carrier, MICROPHONE) as page:
        await page.get_by_role("button", name="Record a voice note").click()
        await expect(page.locator(".notice")).to_contain_text("The microphone is not allowed here")
    async with opened(carrier, ALLOWED) as page:
        await page.get_by_role("button", name="Record a voice note").click()
        await expect(page.locator(".notice")).to_contain_text("There is no microphone")


async def test_what_the_business_sends_is_seen_and_enlarged(
    page: Page, carrier: Carrier, tmp_path: Path
) -> None:
    await page.get_by_role("button", name="Hello", exact=True).click()
    await carrier.got(1)
    serve = carrier.business.serve
    photo = serve("/a.jpg", samples.jpeg(tmp_path).read_bytes(), "image/jpeg")
    sid = await carrier.send(body="Like this?", media_url=[photo])
    theirs = page.locator(".row.theirs:not(.typing)")
    await is_seen(theirs.locator(".photo img"))
    await expect(theirs.locator(".words")).to_contain_text("Like this?")
    await expect(theirs.locator(".ticks")).to_have_attribute("title", "Read")
    assert carrier.sandbox.message(sid)["status"] == "read"
    await theirs.get_by_role("button", name="Open the photo").press("Enter")
    await is_seen(page.get_by_role("dialog", name="Photo").get_by_role("img"))
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)

    note = serve("/n.ogg", samples.ogg_opus(tmp_path).read_bytes(), "audio/ogg")
    await carrier.send(media_url=[note])
    await expect(theirs.get_by_role("button", name="Play the voice note")).to_be_visible()
    bill = serve("/b.pdf", samples.pdf(tmp_path).read_bytes(), "application/pdf")
    await carrier.send(media_url=[bill])
    await expect(theirs.get_by_role("link", name="Download PDF document")).to_be_visible()
    await carrier.send(media_url=[serve("/x.zip", b"PK", "application/zip")])
    await expect(theirs.last.locator(".why")).to_contain_text("Error 63021")


async def test_a_place_is_written_or_told_by_the_browser(carrier: Carrier) -> None:
    here = {"latitude": 52.529, "longitude": 13.4014}
    async with opened(carrier, geolocation=here, permissions=["geolocation"]) as page:
        await page.get_by_role("button", name="Attach", exact=True).press("Enter")
        await page.get_by_role("button", name="Location").press("Enter")
        dialog = page.get_by_role("dialog", name="Send a location")
        await dialog.get_by_role("button", name="Use my location").click()
        await expect(dialog.get_by_label("Latitude")).to_have_value("52.529000")
        await dialog.get_by_label("Label").fill("My shop")
        await dialog.get_by_role("button", name="Send location").click()
        link = own(page).get_by_role("link", name="Open the location My shop")
        await expect(link).to_have_attribute("href", "geo:52.529,13.4014")
        (message,) = await carrier.got(1)
        form = carrier.business.heard[0].form
        assert (form["Latitude"], form["Longitude"], form["Label"]) == (
            "52.529",
            "13.4014",
            "My shop",
        )
        assert message["location"]["address"] == ""


async def test_contacts_stickers_and_films_are_shown_as_what_they_are(
    page: Page, carrier: Carrier, tmp_path: Path
) -> None:
    await give(page, samples.vcard(tmp_path), "text/vcard", "drop")
    await page.get_by_role("button", name="Send", exact=True).click()
    card = own(page).get_by_role("link", name=re.compile("Download the contact [A-Z]"))
    await expect(card).to_contain_text("+")
    await attach(page, "Sticker", samples.png(tmp_path))
    await page.get_by_role("button", name="Send", exact=True).click()
    await is_seen(own(page).nth(1).get_by_role("img", name="Sticker"))
    await attach(page, "Photos and videos", samples.mp4(tmp_path))
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(own(page).nth(2).locator("video")).to_be_visible()
    kinds = [message["media"][0]["kind"] for message in await carrier.got(3)]
    assert kinds == ["contact", "sticker", "video"]


async def test_a_file_that_was_not_sent_says_why_and_is_tried_again(
    page: Page, carrier: Carrier, tmp_path: Path
) -> None:
    torn = tmp_path / "torn.jpg"
    torn.write_bytes(b"\xff\xd8\xff torn")
    await attach(page, "Photos and videos", torn)
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(tray(page)).to_contain_text("send it as a document")
    await page.get_by_role("button", name="Remove torn.jpg").click()

    pdf = samples.pdf(tmp_path)
    await attach(page, "Document", pdf)
    await page.route("**/phone/messages", lambda route: route.abort())
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(tray(page)).to_contain_text("The sandbox cannot be reached")
    await page.unroute("**/phone/messages")
    await page.get_by_role("button", name=f"Try {pdf.name} again").click()
    await expect(own(page)).to_have_count(1)
    await expect(tray(page)).to_have_count(0)
    await carrier.got(1)


NAMELESS = """
() => [...document.querySelectorAll("button, a, input:not([hidden]), select, textarea, img, video")]
  .filter((node) => !(node.ariaLabel || node.hasAttribute("alt") || node.textContent.trim()
    || node.labels?.length || node.closest("button[aria-label]")))
  .map((node) => node.outerHTML)
"""


@pytest.mark.parametrize("channel", [WHATSAPP, SMS])
async def test_everything_has_a_name_and_nothing_scrolls_sideways(
    page: Page, carrier: Carrier, tmp_path: Path, channel: str
) -> None:
    await page.locator(".to").select_option(channel)
    photo, pdf = samples.jpeg(tmp_path), samples.pdf(tmp_path)

    def send(path: Path, kind: str) -> None:
        carrier.sandbox.send(path.name, path.read_bytes(), kind, to=channel)

    await asyncio.to_thread(send, photo, "image/jpeg")
    await asyncio.to_thread(send, pdf, "application/pdf")
    await asyncio.to_thread(send, samples.ogg_opus(tmp_path), "audio/ogg")
    await expect(own(page)).to_have_count(3)
    await attach(page, "Document", pdf)
    await expect(tray(page)).to_have_count(1)
    assert await page.evaluate(NAMELESS) == []
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
    thread: Callable[[str], Any] = page.locator(".thread").evaluate
    assert await thread("node => node.scrollWidth - node.clientWidth") == 0
