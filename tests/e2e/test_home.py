"""A person signs in with a browser and watches the domain's conversations."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Locator, Page, Route, expect

from e2e.conftest import sign_in
from media import samples
from pipeline.desk import ADA, Desk, until
from pipeline.files import send

HOSTILE = "<img src=x onerror=\"document.title='hacked'\"><script>document.title='hacked'</script>"


def conversations(page: Page) -> Locator:
    return page.locator(".conversation")


async def opened(page: Page, desk: Desk, text: str = "Hello", **more: Any) -> None:
    """Somebody signed in has a conversation on the screen, which was answered."""
    await desk.write(text, **more)
    await desk.replies(1)
    await sign_in(page, desk)
    await conversations(page).first.click()
    await expect(page.locator(".message")).to_have_count(2)


async def test_a_stranger_sees_what_runs_and_how_to_sign_in(page: Page, web: Desk) -> None:
    await page.goto(web.url)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Frontdesk is running")
    await expect(page.get_by_text("frontdesk people sign-in")).to_be_visible()
    await expect(page.get_by_role("link", name="Phone")).to_have_count(0)
    await page.get_by_role("link", name="API").click()
    await expect(page).to_have_url(f"{web.url}/api")


async def test_a_stranger_is_led_to_the_phone_when_there_is_one(
    page: Page, open_desk: Callable[..., Any]
) -> None:
    desk: Desk = await open_desk(worker=False, FRONTDESK_SANDBOX="1")
    await page.goto(desk.url)
    await page.get_by_role("link", name="Phone").click()
    await expect(page).to_have_url(f"{desk.url}/sandbox/phone")
    await expect(page.get_by_text("Say hello to your front desk")).to_be_visible()
    await sign_in(page, desk)
    link = page.get_by_role("link", name="Open the phone")
    await expect(link).to_have_attribute("href", "/sandbox/phone")


async def test_a_link_that_was_used_says_how_to_get_another(page: Page, web: Desk) -> None:
    token = await web.app.domains.sign_in_link_token(web.domain.domain_id, "owner@frontdesk.local")
    await web.app.domains.sign_in(token)
    await page.goto(f"{web.url}/sign-in?token={token}")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(
        "This link does not sign you in"
    )
    await expect(page.locator("pre")).to_have_text("frontdesk people sign-in")


async def test_a_conversation_appears_by_itself_and_can_be_read(page: Page, desk: Desk) -> None:
    await sign_in(page, desk)
    await expect(page.get_by_text("No conversations yet")).to_be_visible()
    await desk.write("Hello", profile_name="Ada")
    await desk.replies(1)
    row = conversations(page)
    await expect(row).to_contain_text("Ada")
    await expect(row).to_contain_text(f"{ADA} · WhatsApp")
    await expect(page.get_by_text("No conversations yet")).to_be_hidden()
    await row.click()
    first, second = page.locator(".message").nth(0), page.locator(".message").nth(1)
    await expect(first.locator(".words")).to_have_text("Hello")
    await expect(first.locator(".from")).to_have_text("Ada")
    await expect(second.locator(".from")).to_have_text("Assistant")
    await expect(second.locator(".meta")).to_contain_text("Delivered")
    await expect(page.locator("#open footer")).to_contain_text("comes with the inbox")

    await desk.write("And now?")
    await expect(page.locator(".message")).to_have_count(4)
    await second.get_by_role("button").click()
    stages = second.get_by_role("table", name="Timeline").get_by_role("rowheader")
    await expect(stages.first).to_have_text("Received")
    await expect(stages.filter(has_text="Delivered")).to_be_visible()
    await second.get_by_role("button").click()
    await expect(stages).to_have_count(0)


async def test_what_customers_write_stays_text(page: Page, desk: Desk) -> None:
    await opened(page, desk, HOSTILE, profile_name=HOSTILE)
    await expect(page.locator(".message .words").first).to_have_text(HOSTILE)
    await expect(conversations(page).locator(".name")).to_have_text(HOSTILE)
    await expect(page.get_by_role("heading", name=HOSTILE)).to_be_visible()
    await page.locator(".message").first.get_by_role("button").click()
    assert await page.locator("#panes img, #panes script").count() == 0
    assert "hacked" not in await page.title()


def files(page: Page) -> Locator:
    return page.locator(".message .file")


async def test_a_photo_appears_by_itself_and_opens_large(
    page: Page, desk: Desk, tmp_path: Path
) -> None:
    # A browser that knows us by another name than carriers do has its cookie for that name alone.
    await opened(page, replace(desk, url=desk.url.replace("127.0.0.1", "localhost")))
    await send(desk, samples.jpeg(tmp_path, width=1200, height=900), body="This one")
    photo = page.get_by_role("button", name="Open the photo")
    await expect(photo).to_be_visible()
    image = photo.locator("img")
    await expect(image).to_have_attribute("src", re.compile(r"^/media/.+/thumbnail$"))
    await expect(image).to_have_js_property("naturalWidth", 400)
    await expect(page.locator(".message .words").nth(2)).to_have_text("This one")
    await expect(page.locator(".message .kind")).to_have_count(0)
    await photo.focus()
    await page.keyboard.press("Enter")
    large = page.get_by_role("dialog", name="Photo")
    await expect(large.locator("img")).to_have_js_property("naturalWidth", 1200)
    await page.keyboard.press("Escape")
    await expect(large).to_have_count(0)
    await expect(photo).to_be_focused()


async def test_a_photo_has_its_room_before_it_is_loaded(
    page: Page, desk: Desk, tmp_path: Path
) -> None:
    gate = asyncio.Event()

    async def hold(route: Route) -> None:
        await gate.wait()
        await route.continue_()

    await page.route("**/thumbnail", hold)
    await opened(page, desk)
    await send(desk, samples.jpeg(tmp_path, width=400, height=1200))
    photo = page.get_by_role("button", name="Open the photo")
    await expect(photo.locator("img")).to_have_attribute("src", re.compile("thumbnail$"))
    before = await photo.bounding_box()
    gate.set()
    await expect(photo.locator("img")).to_have_js_property("complete", True)
    assert before is not None
    assert (before["width"], before["height"]) == (100, 300)
    after = await photo.bounding_box()
    assert after is not None
    assert (after["width"], after["height"]) == (100, 300)


async def test_a_voice_note_plays_on_while_its_transcript_arrives(
    page: Page, desk: Desk, tmp_path: Path
) -> None:
    await opened(page, desk)
    await send(desk, samples.ogg_opus(tmp_path, 20))
    player = page.get_by_role("group", name="Voice note, 0:20")
    await expect(player).to_be_visible()
    why = files(page).locator("details.quiet")
    await expect(why.locator("summary")).to_contain_text("no transcriber is set up")
    await why.locator("summary").click()
    await expect(why).to_contain_text("FRONTDESK_TRANSCRIBER=openai:whisper-1")
    await player.get_by_role("button", name="Play the voice note").click()
    pause = player.get_by_role("button", name="Pause the voice note")
    await expect(pause).to_be_visible()
    await expect(player.locator(".long")).to_have_text("0:01")
    await desk.db.execute(
        "UPDATE files SET transcript = $1, language = 'en', error = NULL", f"Is it blue? {HOSTILE}"
    )
    said = files(page).locator(".said")
    await expect(said).to_contain_text("Transcript · English")
    await expect(said.locator(".text")).to_have_text(f"Is it blue? {HOSTILE}")
    await expect(why).to_have_count(0)
    assert await player.locator("audio").evaluate("audio => !audio.paused && audio.currentTime > 0")
    await expect(pause).to_be_focused()
    place = player.get_by_role("slider", name="Place in the voice note")
    await place.focus()
    await page.keyboard.press("End")
    await expect(player.get_by_role("button", name="Play the voice note")).to_be_visible()
    await expect(place).to_have_attribute("aria-valuetext", "0:20 of 0:20")


async def test_a_file_that_could_not_be_had_says_why(
    page: Page, desk: Desk, tmp_path: Path
) -> None:
    await opened(page, desk)
    await desk.fault("media_status", operation="media", status=404)
    await send(desk, samples.jpeg(tmp_path))
    await expect(files(page)).to_contain_text("This photo could not be fetched")
    await expect(files(page)).to_contain_text("404")
    await expect(files(page).locator("img")).to_have_count(0)


async def test_a_file_on_its_way_and_one_that_was_deleted_say_so(
    page: Page, web: Desk, tmp_path: Path
) -> None:
    await send(web, samples.mp3(tmp_path))
    await sign_in(page, web)
    await conversations(page).click()
    await expect(files(page)).to_have_text("Sound · arriving…")
    await web.start_worker()
    await expect(files(page).get_by_role("group", name="Sound, 0:02")).to_be_visible()
    media_id = await web.db.fetchval("SELECT media_id FROM media")
    assert (await web.call("DELETE", f"/api/v1/media/{media_id}")).status == 204
    await expect(files(page)).to_have_text("This sound was deleted")


async def test_a_video_waits_behind_its_picture_to_be_played(
    page: Page, desk: Desk, tmp_path: Path
) -> None:
    await opened(page, desk)
    await send(desk, samples.mp4(tmp_path))
    film = page.get_by_label("Video, 0:02")
    await expect(film).to_have_attribute("poster", re.compile("^/media/.+/thumbnail$"))
    await expect(film).to_have_js_property("controls", True)
    link = page.get_by_role("link", name="Download the video")
    await expect(link).to_have_attribute("download", "clip.mp4")


async def test_documents_are_opened_saved_and_read(page: Page, desk: Desk, tmp_path: Path) -> None:
    await opened(page, desk)
    await send(desk, samples.pdf(tmp_path))
    opens = page.get_by_role(
        "link", name=re.compile(r"^Open invoice\.pdf, PDF · 1\.\d KB · 3 pages$")
    )
    await expect(opens).to_have_attribute("target", "_blank")
    text = files(page).locator("details")
    await expect(text.locator(".text")).to_be_hidden()
    await text.locator("summary").focus()
    await page.keyboard.press("Enter")
    await expect(text.locator(".text")).to_contain_text("Invoice 4711")
    hostile = samples.docx(tmp_path, [HOSTILE])
    await send(desk, hostile)
    await expect(files(page)).to_have_count(2)
    await expect(files(page).nth(1).locator("details .text")).to_contain_text(HOSTILE)
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Download letter.docx").click()
    saved = await (await download.value).path()
    assert saved.read_bytes() == hostile.read_bytes()
    assert "hacked" not in await page.title()


async def test_a_place_and_a_person_are_shown_as_cards(
    page: Page, desk: Desk, tmp_path: Path
) -> None:
    await opened(page, desk)
    place = {"Latitude": "52.520008", "Longitude": "13.404954", "Label": "Bakery"}
    await desk.write("", fields={**place, "MessageType": "location"})
    link = page.get_by_role("link", name="Open in a map: Bakery, 52.520008, 13.404954")
    await expect(link).to_have_attribute("href", "geo:52.520008,13.404954")
    await send(desk, samples.vcard(tmp_path))
    card = page.get_by_role("link", name="Download the contact Ana Silva")
    await expect(card).to_contain_text("+1 415 555 0123")


async def test_a_draft_is_marked(page: Page, desk: Desk) -> None:
    await opened(page, desk)
    await desk.db.execute("UPDATE messages SET status = 'draft' WHERE sender = 'assistant'")
    await expect(page.locator(".message.draft .mark")).to_have_text("Draft, not sent")


async def test_people_take_over_and_hand_back(page: Page, desk: Desk) -> None:
    await opened(page, desk)
    await page.get_by_role("button", name="Take over").click()
    await expect(page.get_by_text("the assistant is silent")).to_be_visible()
    assert (await desk.conversation())["mode"] == "manual"
    await expect(conversations(page)).to_contain_text("people answer")
    await desk.write("Anybody?")
    await expect(page.locator(".message")).to_have_count(3)
    await page.get_by_role("button", name="Hand back").click()
    await expect(page.get_by_text("The assistant answers")).to_be_visible()
    assert (await desk.conversation())["mode"] == "assistant"


async def test_who_may_only_look_is_not_offered_the_switch(page: Page, desk: Desk) -> None:
    await desk.app.domains.add_person(desk.domain.domain_id, "eve@example.com", "Eve", "viewer")
    await desk.write("Hello")
    await sign_in(page, desk, "eve@example.com")
    await conversations(page).click()
    await expect(page.locator("#mode")).to_have_text("The assistant answers")
    await expect(page.locator("#switch")).to_be_hidden()
    await expect(page.get_by_role("status")).to_have_text("Up to date")


async def test_what_needs_people_and_what_failed_is_seen(page: Page, desk: Desk) -> None:
    await desk.app.conversations.dead_letter(desk.domain.domain_id, "turn", "the model was away")
    await desk.fault("error_code", code=30003)
    await desk.write("/human")

    async def failed() -> bool:
        return any(message["status"] == "failed" for message in await desk.messages())

    await until(failed)
    await sign_in(page, desk)
    await expect(conversations(page).locator(".flag")).to_contain_text("Needs people")
    await page.get_by_text("1 dead letter").click()
    await expect(page.get_by_text("turn: the model was away")).to_be_visible()
    await conversations(page).click()
    await expect(page.locator(".message .why")).to_contain_text("(30003)")


async def test_a_list_is_searched(page: Page, desk: Desk) -> None:
    await desk.write("bread", profile_name="Ada")
    await desk.write("cake", from_="+14155550102", profile_name="Bob")
    await sign_in(page, desk)
    await expect(conversations(page)).to_have_count(2)
    await page.get_by_role("searchbox").fill("Bob")
    await expect(conversations(page)).to_have_count(1)
    await page.get_by_role("searchbox").fill("nobody at all")
    await expect(page.get_by_text("Nothing found")).to_be_visible()


async def test_it_is_all_reached_with_the_keyboard(page: Page, desk: Desk) -> None:
    await desk.write("one", profile_name="Ada")
    await desk.replies(1)
    await desk.write("two", from_="+14155550102", profile_name="Bob")
    await desk.replies(1, to="+14155550102")
    await sign_in(page, desk)
    await expect(conversations(page)).to_have_count(2)
    await page.get_by_role("searchbox").focus()
    await page.keyboard.press("Tab")
    await expect(conversations(page).nth(0)).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await expect(conversations(page).nth(1)).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Ada")).to_be_visible()
    await desk.write("three", profile_name="Ada")
    await expect(conversations(page).first).to_contain_text("Ada")
    await expect(conversations(page).first).to_be_focused()
    meta = page.locator(".message .meta").first
    await meta.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("table", name="Timeline")).to_be_visible()
    await expect(meta).to_have_attribute("aria-expanded", "true")


async def test_a_long_thread_is_read_back_to_its_first_message(page: Page, web: Desk) -> None:
    for number in range(120):
        await web.write(f"message {number}")
    await sign_in(page, web)
    await conversations(page).click()
    await expect(page.locator(".message")).to_have_count(50)
    await expect(page.get_by_text("message 119").last).to_be_in_viewport()
    for count in (100, 120):
        await page.get_by_role("button", name="Show older messages").click()
        await expect(page.locator(".message")).to_have_count(count)
    await expect(page.get_by_role("button", name="Show older messages")).to_be_hidden()
    texts = await page.locator(".message .words").all_text_contents()
    assert texts == [f"message {number}" for number in range(120)]
    await web.write("message 120")
    await expect(page.locator(".message")).to_have_count(121)


async def test_a_lost_connection_is_said_and_mended_by_itself(page: Page, desk: Desk) -> None:
    await opened(page, desk)
    await page.route("**/api/v1/**", lambda route: route.abort())
    status = page.get_by_role("status")
    await expect(status).to_have_text("Frontdesk does not answer. Trying again…")
    await expect(page.locator(".message")).to_have_count(2)
    await page.get_by_role("button", name="Take over").click()
    await expect(page.get_by_role("alert")).to_contain_text("could not be switched")
    await page.unroute("**/api/v1/**")
    await expect(status).to_have_text("Up to date", timeout=20_000)


async def test_a_slow_connection_is_said(page: Page, web: Desk) -> None:
    await page.clock.install()
    await sign_in(page, web)
    status = page.get_by_role("status")
    await expect(status).to_have_text("Up to date")
    gate = asyncio.Event()

    async def hold(route: Route) -> None:
        await gate.wait()
        await route.continue_()

    await page.route("**/api/v1/**", hold)
    async with page.expect_request("**/api/v1/conversations?*"):
        await page.clock.fast_forward(2000)
    await page.clock.fast_forward(3000)
    await expect(status).to_have_text("Slow connection. Still waiting…")
    gate.set()
    await expect(status).to_have_text("Up to date")


async def test_a_session_that_ended_takes_the_conversations_off_the_screen(
    page: Page, desk: Desk
) -> None:
    await opened(page, desk, "a secret")
    await desk.db.execute("DELETE FROM api_tokens WHERE purpose = 'session'")
    await expect(page.get_by_role("heading", name="Your session has ended")).to_be_visible()
    assert "a secret" not in await page.content()


async def test_who_signs_out_is_a_stranger_again(page: Page, desk: Desk) -> None:
    await sign_in(page, desk)
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Frontdesk is running")
    await page.go_back()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Frontdesk is running")


async def test_on_a_phone_the_list_and_the_thread_take_turns(page: Page, desk: Desk) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    await opened(page, desk)
    await expect(conversations(page)).to_be_hidden()
    await page.get_by_role("link", name="Back to the conversations").click()
    await expect(conversations(page)).to_be_visible()
    await page.go_back()
    await expect(page.locator(".message").first).to_be_visible()
    for path in ("/", "/api"):
        await page.goto(desk.url + path)
        width = await page.evaluate("document.documentElement.scrollWidth")
        assert width == 390, f"{path} scrolls sideways"


async def test_the_api_is_described_with_examples_that_work(page: Page, web: Desk) -> None:
    await page.goto(f"{web.url}/api")
    paths = (await web.call("GET", "/openapi.json", None)).json["paths"]
    operations = page.locator(".operation")
    await expect(operations).to_have_count(sum(len(item) for item in paths.values()))
    await page.get_by_role("searchbox").fill("POST /api/v1/assistants")
    await expect(operations.filter(visible=True)).to_have_count(1)
    one = operations.filter(visible=True)
    await expect(one.locator("h3")).to_contain_text("/api/v1/assistants")
    curl = await one.locator("pre").last.text_content()
    assert curl is not None
    assert f"curl -X POST '{web.url}/api/v1/assistants'" in curl
    assert "Authorization: Bearer $TOKEN" in curl


@pytest.mark.parametrize("path", ["/", "/api", "/sign-in?token=x"])
async def test_a_page_loads_nothing_from_elsewhere_and_runs_nothing_inline(
    page: Page, web: Desk, path: str
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(web.url + path)
    await page.wait_for_load_state("networkidle")
    assert [url for url in asked if not url.startswith(web.url)] == []
    answer = await web.call("GET", path, None)
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "style=" not in answer.text
    assert "//" not in answer.text.replace("<!doctype", "")


async def test_fastapis_own_pages_are_away(web: Desk) -> None:
    for path in ("/docs", "/redoc"):
        assert (await web.call("GET", path, None)).status == 404
