"""Credit, opt-outs, segments, imports and mailboxes, in the browser."""

import re
from collections.abc import Generator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from cli.test_up import port
from e2e.conftest import Windows, require_inbox
from e2e.office import Office, at_work
from e2e.test_keyboard_and_axe import is_open_to_everybody

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def office() -> Generator[Office]:
    """One of its own: once credit has come in, its domain pays for each message."""
    require_inbox()
    with at_work() as office:
        yield office


async def choose_menu(page: Page, item: str) -> None:
    await page.get_by_role("button", name="Import, export, segments", exact=True).press("Enter")
    await page.get_by_role("menuitem", name=item, exact=True).press("Enter")


async def test_contacts_are_imported_after_a_dry_run_and_put_into_a_list(
    windows: Windows, office: Office, tmp_path: Path
) -> None:
    one, two = office.customer("Tara"), office.customer("Uwe")
    name = f"Regulars {next(office.numbers)}"
    page = (await windows.inbox(path="/contacts")).page
    await choose_menu(page, "New segment")
    form = page.get_by_role("dialog", name="New segment", exact=True)
    await form.get_by_role("radio", name=re.compile("^A list")).check()
    await form.get_by_label("Name", exact=True).fill(name)
    await form.get_by_role("textbox", name=re.compile("^Add phone numbers")).fill(one.number)
    await is_open_to_everybody(page)
    await form.get_by_role("button", name="Create", exact=True).click()
    await expect(form).to_have_count(0)
    await expect(page.get_by_text("1 contact", exact=True)).to_be_visible()

    file = tmp_path / "more.csv"
    file.write_text(f"phone,name,city\n{two.number},{two.name},Cádiz\nnonsense,Nobody,\n")
    await choose_menu(page, "Import contacts…")
    asked = page.get_by_role("dialog", name="Import contacts", exact=True)
    await expect(asked.get_by_role("combobox")).to_contain_text(name)
    async with page.expect_file_chooser() as chooser:
        await asked.get_by_role("button", name="Choose a CSV file", exact=True).click()
    await (await chooser.value).set_files(file)
    await expect(asked.get_by_text("New", exact=True).locator("..")).to_contain_text("1")
    await expect(asked.get_by_text("1 row is left out", exact=True)).to_be_visible()
    await is_open_to_everybody(page)
    before = await office.call("GET", "/api/v1/contacts", params={"q": two.number})
    assert before["items"] == []
    await asked.get_by_role("button", name="Import", exact=True).click()
    await expect(page.get_by_text("2 contacts", exact=True)).to_be_visible()
    member = page.get_by_role("option", name=re.compile(f"^{two.name}"))
    await member.click()
    await expect(page.get_by_role("heading", name=re.compile(two.name))).to_be_visible()
    await is_open_to_everybody(page)
    await choose_menu(page, f"Take {two.name} off this list")
    await expect(page.get_by_text("1 contact", exact=True)).to_be_visible()
    await expect(member).to_have_count(0)


async def test_a_segment_by_a_rule_shows_whoever_fits(windows: Windows, office: Office) -> None:
    vera = await office.customer("Vera").in_manual_mode()
    name = f"Recent {next(office.numbers)}"
    page = (await windows.inbox(path="/contacts")).page
    await choose_menu(page, "New segment")
    form = page.get_by_role("dialog", name="New segment", exact=True)
    await form.get_by_label("Name", exact=True).fill(name)
    await form.get_by_label("Wrote in the last … days").fill("7")
    await is_open_to_everybody(page)
    await form.get_by_role("button", name="Create", exact=True).click()
    await expect(page.get_by_role("option", name=re.compile(f"^{vera.name}"))).to_be_visible()
    await choose_menu(page, f"Edit “{name}”")
    form = page.get_by_role("dialog", name=f"Edit “{name}”", exact=True)
    await form.get_by_label("Country of the number").fill("ES")
    await form.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_text("Nobody here", exact=True)).to_be_visible()
    await choose_menu(page, f"Delete “{name}”")
    sure = page.get_by_role("alertdialog")
    await sure.get_by_role("button", name="Delete", exact=True).click()
    await expect(page.get_by_role("option", name=re.compile(f"^{vera.name}"))).to_be_visible()


async def test_who_says_stop_is_listed_with_how_it_came_to_that(
    windows: Windows, office: Office
) -> None:
    walt = await office.customer("Walt").in_manual_mode()
    await walt.write("STOP")
    page = (await windows.inbox(path="/settings/opt-outs")).page
    entries = page.get_by_role("list", name="Opted out", exact=True).get_by_role("listitem")
    await expect(entries.filter(has_text=walt.name)).to_be_visible()
    await is_open_to_everybody(page)
    await walt.write("START")
    await page.get_by_role("tab", name="Log", exact=True).click()
    log = page.get_by_role("list", name="Log", exact=True).get_by_role("listitem")
    await expect(log.filter(has_text=walt.number)).to_have_count(2)
    await is_open_to_everybody(page)
    await page.get_by_role("tab", name="Answers and rules", exact=True).click()
    await page.get_by_role("switch").check()
    await is_open_to_everybody(page)
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    settings = (await office.call("GET", "/api/v1/domains/default"))["settings"]
    assert settings["opt_out"]["double_opt_in"] is True


async def test_a_mailbox_that_cannot_be_reached_says_so(windows: Windows, office: Office) -> None:
    page = (await windows.inbox(path="/settings/email-pulls")).page
    await page.get_by_role("button", name="New mailbox", exact=True).click()
    form = page.get_by_role("dialog", name="New mailbox", exact=True)
    await form.get_by_label("Name", exact=True).fill("Website")
    test = form.get_by_role("button", name="Test connection", exact=True)
    await expect(test).to_be_disabled()
    await form.get_by_label("IMAP server", exact=True).fill("127.0.0.1")
    await form.get_by_label("Port", exact=True).fill(str(port()))
    await form.get_by_label("Username", exact=True).fill("desk@example.com")
    await form.get_by_label("Password", exact=True).fill("secret")
    await test.click()
    await expect(form.get_by_role("status").filter(has_text="127.0.0.1")).to_be_visible()
    await is_open_to_everybody(page)
    await page.keyboard.press("Escape")
    await page.get_by_role("alertdialog").get_by_role("button", name="Discard").click()
    await expect(form).to_have_count(0)
    await is_open_to_everybody(page)


async def test_credit_is_topped_up_runs_low_and_refuses(windows: Windows, office: Office) -> None:
    zoe = await office.customer("Zoe").in_manual_mode()
    inbox = await windows.inbox(path="/settings/credits")
    page = inbox.page
    await expect(page.get_by_text("Sending is free of charge", exact=True)).to_be_visible()
    await is_open_to_everybody(page)
    await page.get_by_role("button", name="Top up", exact=True).click()
    form = page.get_by_role("dialog", name="Top up", exact=True)
    await form.get_by_label("Amount", exact=True).fill("2")
    await is_open_to_everybody(page)
    await form.get_by_role("button", name="Add 2", exact=True).click()
    await expect(page.get_by_text("2 credits", exact=True)).to_be_visible()
    await expect(form).to_have_count(0)

    level = page.get_by_role("textbox", name="Tell when the balance falls below", exact=True)
    await level.fill("100")
    await level.press("Enter")
    low = page.get_by_text("Credit is running low: 2 left.", exact=True)
    await expect(low).to_be_visible()
    await is_open_to_everybody(page)
    for part in ("Statement", "Monthly report", "Prices"):
        await page.get_by_role("tab", name=part, exact=True).click()
        await expect(page.get_by_role("tabpanel", name=part, exact=True)).to_be_visible()
        await is_open_to_everybody(page)

    await page.goto(f"/inbox/{await zoe.chat_id()}")
    await inbox.box.fill("Good morning")
    await inbox.send.click()
    refused = page.get_by_text(re.compile("balance of 2 credits does not cover 3"))
    await expect(refused.first).to_be_visible()
    assert all("Good morning" not in each["body"] for each in await zoe.got())
    # Topped up, the same message goes.
    await office.call("POST", "/api/v1/domains/default/credits", json={"amount": 98, "reason": ""})
    await page.get_by_role("button", name=re.compile("^(Retry|Try again|Send again)")).first.click()
    await expect(inbox.message("Good morning")).to_be_visible()
    assert (await zoe.got(1))[-1]["body"] == "Good morning"
