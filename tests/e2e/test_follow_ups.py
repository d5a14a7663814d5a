"""What is sent when nobody answers: set, seen, taken back, and ended by an answer."""

import re

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from e2e.conftest import Windows
from e2e.office import Customer, Inbox, Office
from e2e.test_keyboard_and_axe import SCHEMES, Scheme, is_open_to_everybody

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module", autouse=True)
async def synced(office: Office) -> None:
    """The channel's templates are those of the carrier."""
    await office.call("POST", "/api/v1/templates/sync", json={})


def asked(page: Page, customer: Customer) -> Locator:
    return page.get_by_role("dialog", name=f"Follow up with {customer.name}", exact=True)


def waiting(page: Page) -> Locator:
    return page.get_by_role("list", name="Waiting follow-ups", exact=True).get_by_role("listitem")


def past(page: Page) -> Locator:
    return page.get_by_role("list", name="Past follow-ups", exact=True).get_by_role("listitem")


async def write_text(form: Locator, text: str, *, after: str) -> None:
    await form.get_by_role("radio", name=re.compile("^Write a text")).press("Space")
    await form.get_by_role("button", name=after, exact=True).press("Enter")
    await form.get_by_role("textbox", name="Text", exact=True).fill(text)


async def test_one_is_set_by_keyboard_and_everybody_sees_it(
    windows: Windows, office: Office
) -> None:
    ida = await office.customer("Ida").in_manual_mode()
    inbox = await windows.conversation(ida)
    other = (await windows.conversation(ida, await office.colleague("Kim"))).page
    page = inbox.page
    await expect(page.get_by_text("Messages that go out by themselves")).to_be_visible()
    await expect(other.get_by_text("Messages that go out by themselves")).to_be_visible()
    await page.keyboard.press("Alt+u")
    form = asked(page, ida)
    await expect(form.get_by_role("radio", name="After hours", exact=True)).to_be_focused()
    await write_text(form, "Did you see my message?", after="4 hours")
    await expect(form.get_by_label("Hours", exact=True)).to_have_value("4")
    # What was filled in is not thrown away by accident.
    await page.keyboard.press("Escape")
    sure = page.get_by_role("alertdialog", name="Discard what you filled in?", exact=True)
    await sure.get_by_role("button", name="Cancel", exact=True).press("Enter")
    await form.get_by_role("button", name="Set follow-up", exact=True).press("Enter")
    await expect(form).to_have_count(0)
    for each in (page, other):
        await expect(waiting(each)).to_contain_text("Did you see my message?")
    await is_open_to_everybody(page)

    await (
        waiting(page).get_by_role("button", name=re.compile("^Cancel the follow-up")).press("Enter")
    )
    for each in (page, other):
        await expect(waiting(each)).to_have_count(0)
    shown = page.get_by_role("button", name="Show 1 past one", exact=True)
    await expect(shown).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(past(page)).to_contain_text("Canceled")
    await page.get_by_role("button", name="Undo", exact=True).press("Enter")
    for each in (page, other):
        await expect(waiting(each)).to_contain_text("Did you see my message?")

    await ida.write("Yes, thank you")
    await expect(waiting(page)).to_have_count(0)
    await expect(past(page).filter(has_text="Not needed: they answered")).to_be_visible()
    assert all("Did you see" not in each["body"] for each in await ida.got())


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_after_the_window_only_a_template_is_taken(
    windows: Windows, office: Office, scheme: Scheme
) -> None:
    jon = await office.customer("Jon").in_manual_mode()
    inbox = await windows.conversation(jon, color_scheme=scheme)
    page = inbox.page
    more = page.get_by_role("button", name="More actions", exact=True)
    await inbox.choose(more, "Follow up if no answer…")
    form = asked(page, jon)
    await is_open_to_everybody(page)
    await write_text(form, "Still there?", after="2 days")
    warned = form.get_by_role("alert").filter(has_text="only a template goes out")
    await expect(warned).to_be_visible()
    await is_open_to_everybody(page)
    await form.get_by_role("button", name="Set follow-up", exact=True).press("Enter")
    instead = warned.get_by_role("button", name="Use a template", exact=True)
    await expect(instead).to_be_focused()
    await instead.press("Enter")
    choice = form.get_by_role("list", name="Choose a template", exact=True)
    await choice.get_by_role("button", name=re.compile("^appointment_reminder")).press("Enter")
    await form.get_by_label("{{1}}").fill("Jon")
    await form.get_by_role("button", name="Set follow-up", exact=True).press("Enter")
    missing = form.get_by_label("{{2}}")
    await expect(missing).to_be_focused()
    await is_open_to_everybody(page)
    await missing.fill("Monday at 9:00")
    await expect(form.get_by_role("figure")).to_contain_text("Monday at 9:00")
    await missing.press("Enter")
    await expect(form).to_have_count(0)
    await expect(waiting(page)).to_contain_text("Template appointment_reminder")
    await is_open_to_everybody(page)


async def test_the_bar_sets_one_for_a_date_that_is_to_come(
    windows: Windows, office: Office
) -> None:
    lea = await office.customer("Lea").in_manual_mode()
    page = (await windows.conversation(lea)).page
    # Its code comes after the first paint, and with it the count in the window's title.
    await expect(page).to_have_title(re.compile(r"^\(\d+\) "))
    await page.keyboard.press("Control+k")
    bar = page.get_by_role("dialog", name="Search and commands")
    await page.keyboard.type("follow up")
    await expect(
        bar.get_by_role("option", name=re.compile("^Follow up if no answer"))
    ).to_be_visible()
    await page.keyboard.press("Enter")
    form = asked(page, lea)
    await form.get_by_role("radio", name="On a date", exact=True).press("Space")
    when = form.get_by_label("Date and time", exact=True)
    await when.fill("2020-01-01T09:00")
    await expect(form.get_by_text("This time has passed", exact=False)).to_be_visible()
    await form.get_by_role("button", name="Set follow-up", exact=True).press("Enter")
    await expect(when).to_be_focused()
    soon = await page.evaluate(
        "() => new Date(Date.now() - new Date().getTimezoneOffset() * 6e4 + 36e5)"
        ".toISOString().slice(0, 16)"
    )
    await when.fill(soon)
    await form.get_by_role("radio", name=re.compile("^Write a text")).press("Space")
    await form.get_by_role("textbox", name="Text", exact=True).fill("Shall we go on?")
    await form.get_by_role("button", name="Set follow-up", exact=True).press("Enter")
    await expect(waiting(page)).to_contain_text("Shall we go on?")


async def test_what_was_sent_leads_to_its_message(windows: Windows, office: Office) -> None:
    max_ = await office.customer("Max").in_manual_mode()
    inbox: Inbox = await windows.conversation(max_)
    page = inbox.page
    path = f"/api/v1/conversations/{await max_.chat_id()}/follow-ups"
    await office.call("POST", path, json={"after_hours": 0.0005, "content": "Just a reminder"})
    await expect(inbox.message("Just a reminder")).to_be_visible()
    assert (await max_.got(1))[-1]["body"] == "Just a reminder"
    await page.get_by_role("button", name="Show 1 past one", exact=True).press("Enter")
    await expect(past(page)).to_contain_text("Sent")
    await past(page).get_by_role("link", name="Show the message", exact=True).press("Enter")
    await expect(page).to_have_url(re.compile("message="))


async def test_nothing_is_set_for_who_wants_no_messages(windows: Windows, office: Office) -> None:
    nora = await office.customer("Nora").in_manual_mode()
    await nora.write("STOP")
    page = (await windows.conversation(nora)).page
    await expect(page.get_by_text("Opted out", exact=True).first).to_be_visible()
    await page.keyboard.press("Alt+u")
    form = asked(page, nora)
    await expect(form.get_by_text("The customer has opted out")).to_be_visible()
    await expect(form.get_by_role("button", name="Set follow-up", exact=True)).to_have_count(0)
    await is_open_to_everybody(page)
