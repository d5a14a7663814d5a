"""How people come in, stay in, and are out again."""

import re

import pytest
from playwright.async_api import Page, Route, expect

from cli.command import answer
from e2e.conftest import Windows
from e2e.office import COOKIE, PASSWORD, Office

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    await page.get_by_role("textbox", name="E-mail address").fill(email)
    await page.get_by_role("textbox", name="Password").fill(password)
    await page.get_by_role("button", name="Sign in", exact=True).click()


async def session_ends_at(page: Page, method: str, path: str = "") -> None:
    """From the first such request on: none that the page makes by itself meets it before."""
    over: list[str] = []

    async def handle(route: Route) -> None:
        asked = route.request
        if not over and asked.method == method and asked.url.endswith(path):
            over.append(asked.url)
            await page.context.clear_cookies()
        await route.continue_()

    await page.route("**/*", handle)


async def is_in_the_inbox(page: Page) -> None:
    await expect(page).to_have_url(re.compile("/inbox$"))
    await expect(page.get_by_role("navigation", name="Main")).to_be_visible()


async def test_a_link_of_the_command_line_works_once(windows: Windows, office: Office) -> None:
    ana = await office.colleague("Ana")
    env = {"FRONTDESK_DATA": str(office.data)}
    url = answer("people", "sign-in", ana.email, env=env)["sign_in"]
    page = await windows.bare()
    await page.goto(url)
    await page.get_by_role("button", name="Sign in").click()
    await is_in_the_inbox(page)
    other = await windows.bare()
    await other.goto(url)
    await other.get_by_role("button", name="Sign in").click()
    await expect(other.get_by_text("This link does not sign you in")).to_be_visible()
    await expect(other.get_by_text("frontdesk people sign-in")).to_be_visible()


async def test_a_password_is_changed_and_only_the_right_one_signs_in(
    windows: Windows, office: Office
) -> None:
    ben = await office.colleague("Ben")
    inbox = await windows.inbox(ben, "/settings/account")
    mine, new = inbox.page, "four other plain words"
    await mine.get_by_role("textbox", name="Current password").fill(PASSWORD)
    await mine.get_by_role("textbox", name="New password").fill(new)
    await mine.get_by_role("button", name="Change the password").click()
    await expect(mine.get_by_role("textbox", name="New password")).to_have_value("")

    page = await windows.bare()
    await page.goto("/inbox")
    await expect(page).to_have_url(re.compile("/sign-in"))
    await sign_in(page, ben.email)
    refused = page.get_by_role("textbox", name="Password")
    await expect(refused).to_have_accessible_description(
        "The e-mail address or the password is wrong."
    )
    await sign_in(page, ben.email, new)
    await is_in_the_inbox(page)
    (cookie,) = [each for each in await page.context.cookies() if each.get("name") == COOKIE]
    assert (cookie.get("httpOnly"), cookie.get("sameSite")) == (True, "Lax")


async def test_an_ended_session_leads_to_sign_in_and_back_to_what_was_typed(
    windows: Windows, office: Office
) -> None:
    cleo, ada = await office.colleague("Cleo"), await office.customer("Ada").in_manual_mode()
    inbox = await windows.conversation(ada, cleo)
    page, url = inbox.page, inbox.page.url
    await inbox.box.fill("A long answer that nobody wants to write twice")
    await session_ends_at(page, "PATCH")
    await page.get_by_role("button", name="Close", exact=True).click()
    await expect(page).to_have_url(re.compile("/sign-in"))
    await expect(page.get_by_text("Your session has ended")).to_be_visible()
    await sign_in(page, cleo.email)
    await expect(page).to_have_url(url)
    await expect(inbox.box).to_have_value("A long answer that nobody wants to write twice")


async def test_a_message_that_met_an_ended_session_goes_after_the_sign_in(
    windows: Windows, office: Office
) -> None:
    dan, bea = await office.colleague("Dan"), await office.customer("Bea").in_manual_mode()
    inbox = await windows.conversation(bea, dan)
    await inbox.box.fill("Sent when nobody was signed in")
    await session_ends_at(inbox.page, "POST", "/manual-response")
    await inbox.send.click()
    await expect(inbox.page).to_have_url(re.compile("/sign-in"))
    await sign_in(inbox.page, dan.email)
    message = inbox.message("Sent when nobody was signed in")
    await expect(message).to_have_accessible_name(re.compile("Delivered$"))
    assert len(await bea.got()) == 1


async def test_signing_out_everywhere_ends_the_other_window(
    windows: Windows, office: Office
) -> None:
    eva = await office.colleague("Eva")
    inbox = await windows.inbox(eva)
    other = await windows.bare()
    await other.goto("/sign-in")
    await sign_in(other, eva.email)
    await is_in_the_inbox(other)
    page = inbox.page
    account = page.get_by_role("button", name=f"Your account: {eva.name}")
    await inbox.choose(account, "Sign out everywhere")
    asked = page.get_by_role("alertdialog", name="Sign out everywhere?")
    await asked.get_by_role("button", name="Sign out everywhere").click()
    await expect(page.get_by_text("You are signed out.")).to_be_visible()
    await expect(other).to_have_url(re.compile("/sign-in"))
    await expect(other.get_by_text("Your session has ended")).to_be_visible()


async def test_windows_of_one_browser_are_of_one_person(windows: Windows, office: Office) -> None:
    fay, gil = await office.colleague("Fay"), await office.colleague("Gil")
    inbox = await windows.inbox(fay)
    page, other = inbox.page, await inbox.page.context.new_page()
    await other.goto("/contacts")
    await expect(other.get_by_role("button", name=f"Your account: {fay.name}")).to_be_visible()
    await inbox.choose(page.get_by_role("button", name=f"Your account: {fay.name}"), "Sign out")
    await expect(page).to_have_url(re.compile("/sign-in"))
    await expect(other).to_have_url(re.compile("/sign-in"))
    await sign_in(page, gil.email)
    await is_in_the_inbox(page)
    await other.goto("/contacts")
    await expect(other.get_by_role("button", name=f"Your account: {gil.name}")).to_be_visible()


async def test_somebody_who_is_invited_chooses_a_password_and_is_in(
    windows: Windows, office: Office
) -> None:
    email = f"finn{next(office.numbers)}@example.com"
    invited = {"email": email, "name": "Finn", "role": "agent"}
    url = (await office.call("POST", "/api/v1/people", json=invited))["invitation_url"]
    page = await windows.bare()
    await page.goto(url)
    await expect(page.get_by_text(email)).to_be_visible()
    await page.get_by_role("textbox", name="New password").fill("short")
    await page.get_by_role("button", name="Join").click()
    await expect(page.get_by_text(re.compile("The password needs at least"))).to_be_visible()
    await page.get_by_role("textbox", name="New password").fill(PASSWORD)
    await page.get_by_role("button", name="Join").click()
    await is_in_the_inbox(page)
    await expect(page.get_by_role("button", name="Your account: Finn")).to_be_visible()
    other = await windows.bare()
    await other.goto(url)
    await expect(other.get_by_text("This invitation cannot be used")).to_be_visible()
