"""Everything works by keyboard, and axe finds nothing that keeps people out."""

import re
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from e2e.conftest import Windows
from e2e.office import Customer, Inbox, Office
from media import samples

pytestmark = pytest.mark.asyncio(loop_scope="module")

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
SECTIONS = (
    "account",
    "assistants",
    "documents",
    "channels",
    "templates",
    "email-pulls",
    "business-hours",
    "people",
    "teams",
    "canned-replies",
    "labels",
    "views",
    "domain",
    "credits",
    "opt-outs",
    "tokens",
    "audit",
)
AUDIT = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
STILL = """
() => Promise.all(document.getAnimations()
  .filter((each) => each.effect?.getComputedTiming().iterations !== Infinity)
  .map((each) => each.finished.catch(() => null)))
"""
LOOK = """
() => {
  const node = document.activeElement;
  const outlined = (each) => {
    const style = getComputedStyle(each);
    return parseFloat(style.outlineWidth) > 0 && style.outlineStyle !== "none";
  };
  const around = [node];
  for (let up = node.parentElement; up && around.length < 5; up = up.parentElement) around.push(up);
  const marked = node.role === "listbox"
    ? [...node.querySelectorAll("[data-active]")].some(outlined) : around.some(outlined);
  const name = node.ariaLabel || node.textContent.slice(0, 40) || node.placeholder || node.tagName;
  return [name, marked && node.getBoundingClientRect().width > 0];
}
"""
"""What the focus is on, and whether that shows: on it, or on what it stands in."""


async def is_open_to_everybody(page: Page, *, menu: bool = False) -> None:
    """Once what moves has come to rest. An open menu lies over all landmarks, and in none."""
    await page.evaluate(STILL)
    options = {**AUDIT, "rules": {"region": {"enabled": not menu}}}
    if await page.evaluate("document.documentElement.dataset.theme") == "dark":
        # The rest is the same in the light.
        options = {**AUDIT, "runOnly": COLOURS}
    found: list[dict[str, Any]] = (await Axe().run(page, options=options)).response["violations"]
    told = [
        f"{each['id']}: {each['help']}\n    {node['html'][:300]}\n    {node['failureSummary']}"
        for each in found
        for node in each["nodes"]
    ]
    assert not told, "\n".join(told)


@pytest.fixture
async def ada(office: Office) -> Customer:
    return await office.customer("Ada").in_manual_mode()


async def press(inbox: Inbox, *keys: str) -> None:
    for key in keys:
        await inbox.page.keyboard.press(key)


async def test_a_conversation_is_answered_without_a_mouse(
    windows: Windows, office: Office, ada: Customer
) -> None:
    bea = await office.customer("Bea").in_manual_mode()
    inbox = await windows.inbox(path="/inbox?status=all")
    await expect(inbox.row(bea)).to_be_visible()
    await press(inbox, "Alt+j")
    await expect(inbox.row(bea)).to_have_attribute("aria-current", "true")
    await press(inbox, "Alt+j")
    await expect(inbox.row(ada)).to_have_attribute("aria-current", "true")
    await press(inbox, "Alt+k")
    await expect(inbox.row(bea)).to_have_attribute("aria-current", "true")
    # The thread is drawn after the list: keys that come before it are still about the one before.
    await expect(inbox.page.get_by_role("textbox", name=f"Reply to {bea.name}")).to_be_visible()

    await press(inbox, "Alt+p")
    note = inbox.page.get_by_role("textbox", name=f"Private note about {bea.name}")
    await expect(note).to_be_focused()
    await inbox.page.keyboard.type("Wants blue")
    await press(inbox, "Control+Enter")
    await expect(inbox.message("Wants blue")).to_be_visible()
    await press(inbox, "Alt+l")
    await expect(inbox.page.get_by_role("textbox", name="Reply to")).to_be_focused()
    await inbox.page.keyboard.type("We have blue")
    await press(inbox, "Enter")
    assert [each["body"] for each in await bea.got(1)] == ["We have blue"]

    await press(inbox, "Alt+m")
    await inbox.page.wait_for_function("document.activeElement.closest('[role=menu]') !== null")
    await press(inbox, "End")
    await expect(inbox.menu_item("Choose date and time…")).to_be_focused()
    await press(inbox, "ArrowUp")
    await expect(inbox.menu_item("Until they reply")).to_be_focused()
    await press(inbox, "Enter")
    await expect(inbox.message("put this off until the customer writes")).to_be_visible()
    await press(inbox, "Alt+e")
    await expect(inbox.message("closed the conversation")).to_be_visible()
    await press(inbox, "Alt+e")
    await expect(inbox.message("opened the conversation again")).to_be_visible()


async def test_the_bar_finds_a_customer_and_runs_commands(windows: Windows, ada: Customer) -> None:
    inbox = await windows.inbox()
    bar = inbox.page.get_by_role("dialog", name="Search and commands")
    # Its code comes after the first paint, and with it the count in the window's title.
    await expect(inbox.page).to_have_title(re.compile(r"^\(\d+\) "))
    await press(inbox, "Control+k")
    await expect(bar.get_by_role("combobox")).to_be_focused()
    await inbox.page.keyboard.type(ada.name)
    found = bar.get_by_role("option", name=re.compile(re.escape(ada.name)))
    await expect(found.first).to_be_visible()
    await is_open_to_everybody(inbox.page)
    await press(inbox, "Enter")
    await expect(bar).to_have_count(0)
    heading = inbox.page.get_by_role("heading", name=ada.name)
    await expect(heading.first).to_be_visible()
    await press(inbox, "Control+k")
    await inbox.page.keyboard.type("Theme: Dark")
    await expect(bar.get_by_role("option", name="Theme: Dark")).to_be_visible()
    await press(inbox, "Enter")
    await expect(inbox.page.locator("html")).to_have_attribute("data-theme", "dark")


async def test_the_sheet_lists_the_keys(windows: Windows, ada: Customer) -> None:
    inbox = await windows.conversation(ada)
    await inbox.page.get_by_role("listbox").focus()
    await press(inbox, "?")
    sheet = inbox.page.get_by_role("dialog", name="Keyboard shortcuts")
    for action in ("Next conversation", "Close or reopen", "Write a note", "Snooze"):
        await expect(sheet.get_by_text(action, exact=True)).to_be_visible()
    await is_open_to_everybody(inbox.page)
    await press(inbox, "Escape")
    await expect(sheet).to_have_count(0)


async def test_tab_goes_through_all_and_the_focus_is_always_seen(
    windows: Windows, ada: Customer
) -> None:
    inbox = await windows.conversation(ada)
    page = inbox.page
    await page.evaluate("document.activeElement?.blur()")
    await press(inbox, "Tab")
    await expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    unseen: list[str] = []
    names: set[str] = set()
    for _ in range(60):
        await press(inbox, "Tab")
        if await page.evaluate("document.activeElement === document.body"):
            break
        name, seen = await page.evaluate(LOOK)
        names.add(name)
        if not seen:
            unseen.append(name)
    assert unseen == []
    wanted = {"Attach files", "Close", "More actions", "Emoji", "Record a voice note"}
    assert wanted <= names


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_sign_in_and_invitation_keep_nobody_out(windows: Windows, scheme: Scheme) -> None:
    page = await windows.bare(color_scheme=scheme)
    for path in ("/sign-in", "/sign-in?token=x", "/invitation?token=x"):
        await page.goto(path)
        await expect(page.get_by_role("heading").first).to_be_visible()
        await is_open_to_everybody(page)


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_the_inbox_keeps_nobody_out(
    windows: Windows, office: Office, ada: Customer, tmp_path: Path, scheme: Scheme
) -> None:
    await office.colleague("Gil")
    await ada.write("*Look* at https://example.com", samples.jpeg(tmp_path))
    await ada.write("", samples.ogg_opus(tmp_path))
    await ada.write("", samples.pdf(tmp_path))
    inbox = await windows.conversation(ada, color_scheme=scheme)
    page = inbox.page
    await inbox.box.fill("Here it is")
    await inbox.send.click()
    await expect(inbox.message("Here it is")).to_have_accessible_name(re.compile("Delivered$"))
    await is_open_to_everybody(page)

    await inbox.attach(samples.png(tmp_path))
    await expect(page.get_by_role("button", name="Remove drawing.png")).to_be_visible()
    await is_open_to_everybody(page)
    for button in ("Emoji", "Send later", "Options for sending", "Snooze", "More actions"):
        await page.get_by_role("button", name=button, exact=True).click()
        popup = page.get_by_role("menu").or_(page.get_by_role("dialog"))
        await expect(popup.first).to_be_visible()
        await is_open_to_everybody(page, menu=True)
        await press(inbox, "Escape")
        await expect(popup).to_have_count(0)
    await page.get_by_role("tab", name="Private note").click()
    await inbox.box.press_sequentially("@Gi")
    await expect(page.get_by_role("option", name=re.compile("^Gil")).first).to_be_visible()
    await is_open_to_everybody(page)
    await inbox.box.fill("")
    await inbox.messages.last.press("Enter")
    await expect(page.get_by_role("menu")).to_be_visible()
    await is_open_to_everybody(page, menu=True)


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_contacts_and_settings_keep_nobody_out(
    windows: Windows, office: Office, ada: Customer, scheme: Scheme
) -> None:
    shortcut = f"hello{next(office.numbers)}"
    reply = {"shortcut": shortcut, "title": "Hello", "content": "Hello {{contact.first_name}}"}
    await office.call("POST", "/api/v1/canned-replies", json={**reply, "media_ids": []})
    inbox = await windows.inbox(path="/contacts", color_scheme=scheme)
    page = inbox.page
    await expect(page.get_by_text(ada.name).first).to_be_visible()
    await is_open_to_everybody(page)
    await page.get_by_text(ada.name).first.click()
    await expect(page.get_by_role("heading", name=re.compile(re.escape(ada.name)))).to_be_visible()
    await is_open_to_everybody(page)
    for section in SECTIONS:
        await page.goto(f"/settings/{section}")
        await expect(page.get_by_role("heading", level=1).last).to_be_visible()
        await expect(page.get_by_role("status", name="Loading")).to_have_count(0)
        await is_open_to_everybody(page)


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_campaigns_keep_nobody_out(windows: Windows, office: Office, scheme: Scheme) -> None:
    name = f"Mondays {next(office.numbers)}"
    segment = await office.call("POST", "/api/v1/segments", json={"name": name, "kind": "list"})
    rule = {"every": "week", "on": 1, "at": "09:00", "timezone": "Europe/Madrid"}
    plan = {"channel": "sms", "instruction": "Tell them what is new this week"}
    repeat = {"name": name, "segment_id": segment["segment_id"], "plan": plan, "rule": rule}
    await office.call("POST", "/api/v1/repeats", json=repeat)
    inbox = await windows.inbox(path="/campaigns", color_scheme=scheme)
    page = inbox.page
    await expect(page.get_by_role("heading", name="Campaigns", exact=True)).to_be_visible()
    await is_open_to_everybody(page)
    await page.get_by_role("tab", name="Recurring", exact=True).click()
    row = page.get_by_role("listitem").filter(has_text=name)
    await expect(row).to_contain_text("Every Monday at 9:00")
    await is_open_to_everybody(page)

    await page.get_by_role("button", name="New recurring campaign", exact=True).press("Enter")
    form = page.get_by_role("dialog", name="New recurring campaign", exact=True)
    await expect(form.get_by_label("Name", exact=True)).to_be_focused()
    await is_open_to_everybody(page)
    await form.get_by_role("button", name="Create", exact=True).press("Enter")
    await expect(form.get_by_text("Give it a name.", exact=True)).to_be_visible()
    await expect(form.get_by_label("Name", exact=True)).to_be_focused()
    await is_open_to_everybody(page)
    await press(inbox, "Escape")
    await expect(form).to_have_count(0)

    await row.get_by_role("button", name=f"Edit {name}", exact=True).press("Enter")
    form = page.get_by_role("dialog", name=f"Edit {name}", exact=True)
    await form.get_by_label("At", exact=True).fill("10:30")
    await is_open_to_everybody(page)
    await form.get_by_role("button", name="Save", exact=True).press("Enter")
    await expect(row).to_contain_text("Every Monday at 10:30")


async def test_a_phone_keeps_nobody_out(windows: Windows, ada: Customer) -> None:
    inbox = await windows.inbox(viewport={"width": 390, "height": 844})
    await expect(inbox.row(ada)).to_be_visible()
    await is_open_to_everybody(inbox.page)
    await inbox.row(ada).click()
    await expect(inbox.messages.first).to_be_visible()
    await is_open_to_everybody(inbox.page)
