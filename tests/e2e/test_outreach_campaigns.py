"""A campaign from a file to its report, as somebody does it in the browser."""

import re
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from e2e.conftest import Windows
from e2e.office import Customer, Office
from e2e.test_keyboard_and_axe import is_open_to_everybody

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module", autouse=True)
async def synced(office: Office) -> None:
    """The channel's templates are those of the carrier."""
    await office.call("POST", "/api/v1/templates/sync", json={})


def file_of(folder: Path, customers: list[Customer], *more: str) -> Path:
    rows = [f"{each.number},{each.name},Monday" for each in customers]
    path = folder / f"customers {customers[0].number}.csv"
    path.write_text("\n".join(["Mobile,Client,day", *rows, *more]) + "\n")
    return path


async def give(page: Page, file: Path) -> None:
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Choose a file", exact=True).click()
    await (await chooser.value).set_files(file)


async def select(page: Page, field: Locator, option: str) -> None:
    """By keys, which no pointer disturbs."""
    await field.press("Enter")
    await page.get_by_role("option", name=option, exact=True).press("Enter")
    await expect(field).to_contain_text(option)


async def next_step(page: Page, current: str) -> None:
    await page.get_by_role("button", name="Next", exact=True).click()
    await expect(page.locator("[aria-current=step]")).to_contain_text(current)


async def draft(page: Page, name: str, file: Path) -> None:
    """As far as the last step."""
    await page.goto("/campaigns/new")
    await page.get_by_role("textbox", name="Name (optional)", exact=True).fill(name)
    await give(page, file)
    await expect(page.locator("[aria-current=step]")).to_contain_text("Columns")
    await select(page, page.get_by_role("combobox", name="Phone number", exact=True), "Mobile")
    await select(page, page.get_by_role("combobox", name="Name (optional)"), "Client")
    await next_step(page, "Message")
    template = page.get_by_role("combobox", name="Template", exact=True)
    await select(page, template, "appointment_reminder · en")
    await select(page, page.get_by_role("combobox", name="Where 1 comes from"), "Client")
    await select(page, page.get_by_role("combobox", name="Where 2 comes from"), "day")
    await next_step(page, "Options")


def count_of(page: Page, stage: str) -> Locator:
    funnel = page.get_by_role("region", name="How far it got", exact=True)
    return funnel.get_by_role("listitem").filter(has_text=re.compile(f"^{stage}"))


async def test_a_file_becomes_messages_and_a_report(
    windows: Windows, office: Office, tmp_path: Path
) -> None:
    customers = [office.customer("Pia") for _ in range(3)]
    name = f"Spring {next(office.numbers)}"
    file = file_of(tmp_path, customers, "12,Broken,Monday", f"{customers[0].number},Twice,Monday")
    inbox = await windows.inbox(path="/campaigns/new")
    page = inbox.page
    await expect(page.get_by_role("heading", name="New campaign", exact=True)).to_be_visible()
    await is_open_to_everybody(page)
    await draft(page, name, file)
    await is_open_to_everybody(page)
    await next_step(page, "Check and start")
    report = page.get_by_role("region", name="Check and start", exact=True)
    await expect(report.get_by_text("Would be sent", exact=True).locator("..")).to_contain_text("3")
    await expect(report.get_by_text("Not a valid number", exact=True)).to_be_visible()
    await expect(report.get_by_text("Twice in this campaign", exact=True)).to_be_visible()
    await is_open_to_everybody(page)

    await page.get_by_role("button", name="Start now", exact=True).click()
    sure = page.get_by_role("alertdialog", name="Write to 3 recipients?", exact=True)
    await sure.get_by_role("button", name="Start now", exact=True).click()
    await expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
    await expect(count_of(page, "Recipients")).to_contain_text("5")
    await expect(count_of(page, "Sent")).to_contain_text("3")
    await expect(count_of(page, "Delivered")).to_contain_text("3")
    await expect(page.get_by_text("Done", exact=True)).to_be_visible()
    for each in customers:
        assert "Monday" in (await each.got(1))[-1]["body"]
    table = page.get_by_role("table", name="Recipients", exact=True)
    await expect(table.get_by_role("cell").filter(has_text=customers[1].name)).to_be_visible()
    await is_open_to_everybody(page)

    last = page.get_by_role("link", name=f"Open the conversation with {customers[2].name}")
    await last.press("Enter")
    await expect(inbox.message("Monday")).to_be_visible()
    await customers[2].write("Gladly!")
    await expect(inbox.message("Gladly!").first).to_be_visible()
    await page.go_back()
    await expect(count_of(page, "Answered")).to_contain_text("1")


async def test_the_same_file_asks_before_it_is_used_again(
    windows: Windows, office: Office, tmp_path: Path
) -> None:
    file = file_of(tmp_path, [office.customer("Rosa")])
    page = (await windows.inbox(path="/campaigns/new")).page
    await give(page, file)
    await expect(page.locator("[aria-current=step]")).to_contain_text("Columns")
    await page.goto("/campaigns/new")
    await give(page, file)
    known = page.get_by_role("alertdialog", name="This file was used before", exact=True)
    await is_open_to_everybody(page)
    await known.get_by_role("button", name="Cancel", exact=True).click()
    await expect(known).to_have_count(0)
    await give(page, file)
    await known.get_by_role("button", name="Use it again", exact=True).click()
    await expect(page.locator("[aria-current=step]")).to_contain_text("Columns")


async def test_a_campaign_is_paused_goes_on_and_is_canceled(
    windows: Windows, office: Office, tmp_path: Path
) -> None:
    customers = [office.customer("Sven") for _ in range(20)]
    name = f"Slow {next(office.numbers)}"
    page = (await windows.inbox(path="/campaigns/new")).page
    await draft(page, name, file_of(tmp_path, customers))
    rate = page.get_by_role("textbox", name=re.compile("^Messages per second"))
    await rate.fill("0.1")
    await next_step(page, "Check and start")
    await page.get_by_role("button", name="Start now", exact=True).click()
    sure = page.get_by_role("alertdialog", name="Write to 20 recipients?", exact=True)
    await sure.get_by_role("button", name="Start now", exact=True).click()
    for action, state in (
        ("Pause", "Paused"),
        ("Go on", "Running"),
        ("Cancel campaign", "Canceled"),
    ):
        await page.get_by_role("button", name=action, exact=True).click()
        asked = page.get_by_role("alertdialog")
        await expect(asked).to_contain_text(name)
        await asked.get_by_role("button", name=action, exact=True).click()
        await expect(asked).to_have_count(0)
        await expect(page.locator("header").get_by_text(state, exact=True)).to_be_visible()
    await expect(page.get_by_role("button", name="Delete", exact=True)).to_be_visible()
    await page.goto("/campaigns")
    listed = page.get_by_role("list", name="Campaigns", exact=True).get_by_role("listitem")
    await expect(listed.filter(has_text=name)).to_contain_text("Canceled")
    await is_open_to_everybody(page)
