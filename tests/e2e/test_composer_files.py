"""A person answers with files: chosen, dropped, pasted and recorded, also when things go wrong."""

import base64
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect
from playwright.async_api import TimeoutError as PlaywrightTimeout

from e2e.conftest import Windows
from e2e.office import Customer, Inbox, Office
from media import samples

pytestmark = pytest.mark.asyncio(loop_scope="module")

UPLOADS = "**/upload/conversation-media*"
GIVE = """
(box, [name, type, encoded, how]) => {
  const bytes = Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0));
  const held = new DataTransfer();
  held.items.add(new File([bytes], name, { type }));
  const init = { bubbles: true, cancelable: true };
  const paste = () => new ClipboardEvent("paste", { ...init, clipboardData: held });
  const drag = (one) => new DragEvent(one, { ...init, dataTransfer: held });
  const events = how === "paste" ? [paste()] : ["dragenter", "dragover", "drop"].map(drag);
  for (const event of events) box.dispatchEvent(event);
}
"""


async def give(inbox: Inbox, path: Path, content_type: str, how: str) -> None:
    encoded = base64.b64encode(path.read_bytes()).decode()
    await inbox.box.evaluate(GIVE, [path.name, content_type, encoded, how])


async def sent_media(customer: Customer, count: int) -> list[tuple[str, str]]:
    """Texts and kinds of what people sent, once it is so much."""

    return [
        (each["body"], each["media"][0]["kind"] if each["media"] else "text")
        for each in await customer.got(count)
    ]


@asynccontextmanager
async def slow_uploads(page: Page, bytes_per_second: int) -> AsyncGenerator[None]:
    network = await page.context.new_cdp_session(page)
    usual = {"offline": False, "latency": 0, "downloadThroughput": -1}
    slow = {**usual, "uploadThroughput": bytes_per_second}
    await network.send("Network.emulateNetworkConditions", slow)
    yield
    await network.send("Network.emulateNetworkConditions", {**usual, "uploadThroughput": -1})


async def is_seen(picture: Locator) -> None:
    await expect(picture).to_be_visible()
    await expect(picture).not_to_have_js_property("naturalWidth", 0)


async def is_uploaded(chip: Locator) -> None:
    await expect(chip).to_contain_text(re.compile(r"\d (k|M)?B"))
    await expect(chip.get_by_role("button", name=re.compile("^Remove"))).to_be_visible()


async def test_files_are_chosen_dropped_and_pasted_and_one_is_removed(
    windows: Windows, office: Office, tmp_path: Path
) -> None:
    ada = await office.customer("Ada").in_manual_mode()
    inbox = await windows.conversation(ada)
    photo, bill, drawing = samples.jpeg(tmp_path), samples.pdf(tmp_path), samples.png(tmp_path)
    await inbox.attach(photo, samples.txt(tmp_path))
    await give(inbox, bill, "application/pdf", "drop")
    await give(inbox, drawing, "image/png", "paste")
    await expect(inbox.tray).to_have_count(4)
    await inbox.page.get_by_role("button", name="Remove note.txt").click()
    await expect(inbox.tray).to_have_count(3)
    await is_seen(inbox.tray.first.locator("img"))
    await inbox.box.fill("Your bill, Ada")
    await inbox.send.click()
    await expect(inbox.tray).to_have_count(0)
    await expect(inbox.box).to_have_value("")
    await expect(inbox.message("invoice.pdf")).to_be_visible()
    found = await sent_media(ada, 3)
    assert sorted(kind for _, kind in found if kind != "text") == ["document", "image", "image"]
    assert "Your bill, Ada" in [text for text, _ in found]


@pytest.mark.parametrize("kind", ["image", "audio", "video", "document"])
async def test_a_file_goes_without_a_word(
    windows: Windows, office: Office, tmp_path: Path, kind: str
) -> None:
    bea = await office.customer("Bea").in_manual_mode()
    inbox = await windows.conversation(bea)
    makes = {
        "image": samples.jpeg,
        "audio": samples.mp3,
        "video": samples.mp4,
        "document": samples.pdf,
    }
    await inbox.attach(makes[kind](tmp_path))
    await inbox.send.click()
    assert await sent_media(bea, 1) == [("", kind)]
    own = inbox.messages.last
    shown = {
        "image": own.get_by_role("button", name=re.compile("^Open")),
        "audio": own.get_by_role("button", name="Play"),
        "video": own.locator("video"),
        "document": own.get_by_role("link", name="Download invoice.pdf"),
    }
    await expect(shown[kind]).to_be_visible()


async def test_a_picture_goes_with_its_words(
    windows: Windows, office: Office, tmp_path: Path
) -> None:
    cleo = await office.customer("Cleo").in_manual_mode()
    inbox = await windows.conversation(cleo)
    phone = await windows.phone(cleo)
    await inbox.box.fill("Here's the product image")
    await inbox.attach(samples.jpeg(tmp_path))
    await inbox.send.click()
    theirs = phone.get_by_role("log").get_by_role("button", name="Open the photo")
    await expect(theirs).to_be_visible()
    assert await sent_media(cleo, 1) == [("Here's the product image", "image")]


async def test_a_voice_note_is_recorded_heard_and_sent(windows: Windows, office: Office) -> None:
    dora = await office.customer("Dora").in_manual_mode()
    inbox = await windows.conversation(dora)
    page = inbox.page
    record = page.get_by_role("button", name="Record a voice note")
    await record.click()
    length = page.get_by_role("timer", name="Length of the recording")
    await expect(length).to_have_text("0:01")
    await page.get_by_role("button", name="Discard the recording").click()
    await expect(inbox.box).to_be_visible()

    await record.click()
    await expect(length).to_have_text("0:01")
    await page.get_by_role("button", name="Stop").click()
    await page.get_by_role("button", name="Listen").click()
    await expect(page.get_by_role("button", name="Pause")).to_be_visible()
    await inbox.send.click()
    await expect(inbox.messages.last.get_by_role("group", name="Voice note")).to_be_visible()
    assert await sent_media(dora, 1) == [("", "voice")]
    (note,) = (await dora.got())[0]["media"]
    assert note["content_type"] == "audio/ogg"


async def test_what_the_channel_does_not_take_is_named_before_it_is_uploaded(
    windows: Windows, office: Office, tmp_path: Path
) -> None:
    emil = await office.customer("Emil").in_manual_mode()
    inbox = await windows.conversation(emil)
    asked: list[str] = []
    inbox.page.on("request", lambda request: asked.append(request.url))
    large, program, empty = tmp_path / "large.pdf", tmp_path / "setup.exe", tmp_path / "empty.txt"
    large.write_bytes(samples.pdf(tmp_path).read_bytes() + bytes(17 * 1024 * 1024))
    program.write_bytes(b"MZ\x90\x00" + bytes(1000))
    empty.touch()
    await inbox.attach(large, program, empty)
    await expect(inbox.tray.first).to_contain_text("WhatsApp takes documents of up to 16 MB")
    await expect(inbox.tray.nth(1)).to_contain_text("This kind of file is not accepted")
    await expect(inbox.tray.nth(2)).to_contain_text("empty.txt is empty")
    await inbox.box.fill("See above")
    await inbox.send.click()
    await expect(inbox.page.get_by_text("Remove it or try it again, then send")).to_be_visible()
    assert [url for url in asked if "/upload/" in url or "manual-response" in url] == []
    for name in ("large.pdf", "setup.exe", "empty.txt"):
        await inbox.page.get_by_role("button", name=f"Remove {name}").click()
    await inbox.send.click()
    assert await sent_media(emil, 1) == [("See above", "text")]


async def test_what_the_customer_sends_is_seen_heard_and_still_there_after_a_reload(
    windows: Windows, office: Office, tmp_path: Path
) -> None:
    fay = await office.customer("Fay").in_manual_mode()
    inbox = await windows.conversation(fay)
    await fay.write("This one?", samples.jpeg(tmp_path))
    await fay.write("", samples.ogg_opus(tmp_path))
    await fay.write("", samples.pdf(tmp_path))

    picture = inbox.thread.get_by_role("button", name="Open photo.jpg")
    voice = inbox.thread.get_by_role("group", name="Voice note")
    link = inbox.thread.get_by_role("link", name="Download invoice.pdf")

    async def shown() -> None:
        await is_seen(picture.locator("img").last)
        box = await picture.bounding_box()
        assert box is not None
        assert box["height"] <= 300
        await voice.get_by_role("button", name="Play").click()
        await expect(voice.get_by_role("button", name="Pause")).to_be_visible()
        async with inbox.page.expect_download() as download:
            await link.click()
        saved = await (await download.value).path()
        assert saved.read_bytes() == samples.pdf(tmp_path).read_bytes()

    await shown()
    await picture.click()
    await is_seen(inbox.page.get_by_role("dialog").get_by_role("img").first)
    await inbox.page.keyboard.press("Escape")
    await inbox.page.reload()
    await shown()


async def test_an_upload_that_breaks_is_tried_again(
    windows: Windows, office: Office, tmp_path: Path
) -> None:
    gus = await office.customer("Gus").in_manual_mode()
    inbox = await windows.conversation(gus)
    await inbox.page.route(UPLOADS, lambda route: route.abort())
    await inbox.attach(samples.pdf(tmp_path))
    await expect(inbox.tray).to_contain_text("The connection broke")
    await inbox.page.unroute(UPLOADS)
    with suppress(PlaywrightTimeout):  # it tries again by itself as well
        await inbox.page.get_by_role("button", name="Upload invoice.pdf again").click(timeout=5_000)
    await is_uploaded(inbox.tray)
    await inbox.send.click()
    assert await sent_media(gus, 1) == [("", "document")]


async def test_what_is_written_without_a_network_goes_when_it_is_back(
    windows: Windows, office: Office, tmp_path: Path
) -> None:
    hal = await office.customer("Hal").in_manual_mode()
    inbox = await windows.conversation(hal)
    await inbox.page.context.set_offline(True)
    await inbox.attach(samples.jpeg(tmp_path))
    await inbox.box.fill("On its way")
    await inbox.send.click()
    await expect(inbox.message("On its way")).to_be_visible()
    assert await hal.got() == []
    await inbox.page.context.set_offline(False)
    assert await sent_media(hal, 1) == [("On its way", "image")]
    await expect(inbox.message("On its way")).to_have_count(1)
    await expect(inbox.message("On its way")).to_have_accessible_name(re.compile("Delivered$"))


async def test_while_the_storage_is_down_text_goes_and_files_wait(
    windows: Windows, office: Office, tmp_path: Path
) -> None:
    ida = await office.customer("Ida").in_manual_mode()
    inbox = await windows.conversation(ida)
    store, away = office.data / "media", office.data / "media.away"
    store.rename(away)
    store.touch()
    try:
        await inbox.attach(samples.pdf(tmp_path))
        again = inbox.page.get_by_role("button", name="Upload invoice.pdf again")
        await expect(again).to_be_visible()
        detail = inbox.tray.get_by_text(re.compile("cannot store|Trying again"))
        await expect(detail).to_be_visible()
    finally:
        store.unlink()
        away.rename(store)
    await again.click()
    await is_uploaded(inbox.tray)
    await inbox.send.click()
    assert await sent_media(ida, 1) == [("", "document")]


async def test_a_reload_in_the_middle_of_an_upload_names_the_file(
    windows: Windows, office: Office, tmp_path: Path
) -> None:
    jon = await office.customer("Jon").in_manual_mode()
    inbox = await windows.conversation(jon)
    inbox.page.on("dialog", lambda dialog: dialog.accept())
    sound = samples.wav(tmp_path, 20)
    async with slow_uploads(inbox.page, 10_000):
        await inbox.box.fill("Listen to this")
        await inbox.attach(sound)
        await expect(inbox.tray.get_by_role("progressbar")).to_be_visible()
        await inbox.page.reload()
        notice = inbox.page.get_by_role("alert").filter(has_text="sound.wav")
        await expect(notice).to_contain_text("The page was reloaded before")
        await expect(inbox.box).to_have_value("Listen to this")
    async with inbox.page.expect_file_chooser() as chooser:
        await notice.get_by_role("button", name="Choose again").click()
    await (await chooser.value).set_files([sound])
    await is_uploaded(inbox.tray)
    await expect(notice).to_have_count(0)


async def test_other_conversations_do_not_wait_for_an_upload(
    windows: Windows, office: Office, tmp_path: Path
) -> None:
    kim = await office.customer("Kim").in_manual_mode()
    lea = await office.customer("Lea").in_manual_mode()
    inbox = await windows.conversation(kim)
    async with slow_uploads(inbox.page, 60_000):
        await inbox.attach(samples.wav(tmp_path, 10))
        await inbox.box.fill("A recording")
        await inbox.send.click()
        await expect(inbox.message("A recording")).to_be_visible()
        await inbox.row(lea).click()
        await inbox.box.fill("Hello Lea")
        await inbox.send.click()
        assert await sent_media(lea, 1) == [("Hello Lea", "text")]
        assert await kim.got() == []
    found = await sent_media(kim, 2)
    assert {kind for _, kind in found} == {"text", "voice"}


async def test_an_upload_is_canceled(windows: Windows, office: Office, tmp_path: Path) -> None:
    mia = await office.customer("Mia").in_manual_mode()
    inbox = await windows.conversation(mia)
    async with slow_uploads(inbox.page, 10_000):
        await inbox.attach(samples.wav(tmp_path, 20))
        await inbox.page.get_by_role("button", name="Cancel the upload of sound.wav").click()
        await expect(inbox.tray).to_have_count(0)
