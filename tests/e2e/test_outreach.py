"""Writing first: the dialog, the templates, and their way to the customer's phone."""

import asyncio
import re

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from e2e.conftest import Windows
from e2e.office import Customer, Inbox, Office
from e2e.test_keyboard_and_axe import is_open_to_everybody

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module", autouse=True)
async def synced(office: Office) -> None:
    """The channel's templates are those of the carrier."""
    await office.call("POST", "/api/v1/templates/sync", json={})


def dialog(page: Page, name: str) -> Locator:
    return page.get_by_role("dialog", name=name, exact=True)


async def choose_reminder(within: Locator) -> None:
    choice = within.get_by_role("list", name="Choose a template", exact=True)
    await choice.get_by_role("button", name=re.compile("^appointment_reminder")).click()


async def fill(within: Locator, **values: str) -> None:
    for name, value in values.items():
        await within.get_by_label(f"{{{{{name.strip('_')}}}}}").fill(value)


async def begin(inbox: Inbox, customer: Customer) -> Locator:
    """The dialog, with the template chosen and filled in."""
    await inbox.page.get_by_role("button", name="New conversation", exact=True).press("Enter")
    asked = dialog(inbox.page, "New conversation")
    # Whom to write to is what it was opened for.
    await expect(asked.get_by_role("combobox", name="Phone number")).to_be_focused()
    await inbox.page.keyboard.type(customer.number)
    await asked.get_by_role("textbox", name="Name (optional)", exact=True).fill(customer.name)
    await choose_reminder(asked)
    await fill(asked, _1="Nadia", _2="Monday at 9:00")
    return asked


async def test_a_template_begins_a_conversation_and_the_phone_shows_it(
    windows: Windows, office: Office
) -> None:
    nadia = office.customer("Nadia")
    inbox, phone = await asyncio.gather(windows.inbox(), windows.phone(nadia))
    asked = await begin(inbox, nadia)
    await expect(asked.get_by_text("United States")).to_be_visible()
    await is_open_to_everybody(inbox.page)
    await asked.get_by_role("button", name="Start", exact=True).click()

    await expect(inbox.page).to_have_url(re.compile("/inbox/[0-9a-f-]{36}"))
    await expect(inbox.messages.first).to_contain_text("Monday at 9:00")
    await expect(asked).to_have_count(0)
    await expect(phone.get_by_role("log")).to_contain_text("Monday at 9:00")


async def test_what_is_wrong_stands_beside_its_field_and_nothing_is_sent(
    windows: Windows, office: Office
) -> None:
    nobody = office.customer("Nobody")
    inbox = await windows.inbox()
    asked = await begin(inbox, nobody)
    await asked.get_by_role("combobox", name="Phone number").fill("12")
    await fill(asked, _2="")
    await asked.get_by_role("button", name="Start", exact=True).click()
    number = asked.get_by_role("combobox", name="Phone number")
    await expect(number).to_have_attribute("aria-invalid", "true")
    await expect(number).to_be_focused()
    await expect(asked.get_by_text("Fill this in.", exact=True)).to_be_visible()
    # What was filled in is not thrown away by accident.
    await inbox.page.keyboard.press("Escape")
    sure = inbox.page.get_by_role("alertdialog", name="Discard this conversation?", exact=True)
    await sure.get_by_role("button", name="Discard", exact=True).click()
    await expect(asked).to_have_count(0)
    assert await nobody.got() == []


async def test_where_free_text_is_not_taken_a_template_is_sent(
    windows: Windows, office: Office
) -> None:
    omar = office.customer("Omar")
    body = {
        "domain_name": "default",
        "phone_number": omar.number,
        "name": omar.name,
        "channel": "wmsg",
        "type": "informational",
        "template": "appointment_reminder",
        "variables": {"1": "Omar", "2": "Friday"},
    }
    await office.call("POST", "/start", json=body)
    await omar.got(1)
    inbox = await windows.conversation(omar)
    locked = inbox.page.get_by_text("The customer has not written yet.")
    await expect(locked).to_be_visible()
    await inbox.page.get_by_role("button", name="Choose a template", exact=True).press("Enter")
    picker = dialog(inbox.page, f"Send {omar.name} a template")
    await is_open_to_everybody(inbox.page)
    await choose_reminder(picker)
    await fill(picker, _1="Omar", _2="Saturday")
    await is_open_to_everybody(inbox.page)
    await picker.get_by_role("button", name="Send", exact=True).press("Enter")
    await expect(inbox.message("Saturday")).to_be_visible()
    await expect(picker).to_have_count(0)
    assert "Saturday" in (await omar.got(2))[-1]["body"]

    # Once the customer has written, people write as they like.
    await omar.write("See you then")
    await expect(inbox.box).to_be_editable()
    await expect(locked).to_have_count(0)


async def test_templates_are_synced_written_and_looked_at(windows: Windows, office: Office) -> None:
    inbox = await windows.inbox(path="/settings/templates")
    page = inbox.page
    await expect(page.get_by_text("appointment_reminder", exact=True)).to_be_visible()
    await page.get_by_role("button", name="Sync", exact=True).click()
    await expect(page.get_by_text("Synced: nothing has changed")).to_be_visible()
    await page.get_by_role("button", name="Preview appointment_reminder", exact=True).click()
    shown = dialog(page, "appointment_reminder")
    await expect(shown.get_by_text("Tuesday at 10:00")).to_be_visible()
    await page.keyboard.press("Escape")
    await is_open_to_everybody(page)

    name = f"visit_{next(office.numbers)}"
    await page.get_by_role("button", name="New template", exact=True).click()
    form = dialog(page, "New template")
    await form.get_by_label("Name", exact=True).fill(name)
    await form.get_by_label("Text", exact=True).fill("Hi {{1}}, may we come on ")
    await form.get_by_role("button", name="Add a variable", exact=True).click()
    body = form.get_by_label("Text", exact=True)
    await expect(body).to_be_focused()
    await expect(body).to_have_value("Hi {{1}}, may we come on {{2}}")
    await body.fill("Hi {{1}}, may we come on {{2}}?")
    await fill(form, _1="Ana", _2="Tuesday")
    await expect(form.get_by_text("Hi Ana, may we come on Tuesday?")).to_be_visible()
    await is_open_to_everybody(page)
    await form.get_by_role("button", name="Hand in for approval", exact=True).click()
    await expect(form).to_have_count(0)
    row = page.get_by_role("listitem").filter(has=page.get_by_text(name, exact=True))
    await expect(row).to_contain_text("Hi {{1}}, may we come on {{2}}?")
    await expect(row).to_contain_text(re.compile("Pending|Approved"))
