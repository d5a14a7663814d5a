"""The inbox on desks, tablets and phones, in the dark, and from right to left."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, ViewportSize, expect

from e2e.conftest import Windows
from e2e.office import Customer, Inbox, Office
from media import samples

pytestmark = pytest.mark.asyncio(loop_scope="module")

DESK: ViewportSize = {"width": 1440, "height": 900}
TABLET: ViewportSize = {"width": 1024, "height": 768}
PHONE: ViewportSize = {"width": 390, "height": 844}
LONG = "Supercalifragilistic" * 8 + " https://example.com/" + "a" * 200
SIDEWAYS = """
() => [document.documentElement, ...document.querySelectorAll("body *")]
  .filter((node) => {
    const style = getComputedStyle(node);
    const scrolls = node === document.documentElement || ["auto", "scroll"].includes(style.overflowX);
    const meant = node.closest("ul[aria-label]") || node.closest("pre");
    return scrolls && !meant && node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 0;
  })
  .map((node) => node.outerHTML.slice(0, 200))
"""  # noqa: E501 - a program of another language
OUTSIDE = """
() => [...document.querySelectorAll("button, a, input, textarea, [role=option], article")]
  .filter((node) => node.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
  .map((node) => [node.getBoundingClientRect(), node])
  .filter(([box, node]) => box.width > 1 && !node.closest("ul[aria-label]")
    && (box.left < -1 || box.right > innerWidth + 1))
  .map(([, node]) => node.ariaLabel || node.textContent)
"""
LIGHTNESS = """
(node) => {
  const canvas = document.createElement("canvas").getContext("2d");
  canvas.fillStyle = getComputedStyle(node).color;
  canvas.fillRect(0, 0, 1, 1);
  const [red, green, blue] = canvas.getImageData(0, 0, 1, 1).data;
  return (red + green + blue) / 765;
}
"""
"""Of an element's text: 1 is white."""


async def fits(page: Page) -> None:
    """Nothing scrolls sideways, and nothing stands where nobody sees it."""
    assert await page.evaluate(SIDEWAYS) == []
    assert await page.evaluate(OUTSIDE) == []


def pane(inbox: Inbox, name: str) -> Locator:
    return inbox.page.get_by_role("region", name=name, exact=True)


@pytest.fixture
async def ada(office: Office) -> Customer:
    """Has written what is hard to lay out."""
    ada = await office.customer("Ada").in_manual_mode()
    await ada.write(LONG)
    return ada


async def test_a_wide_window_has_three_panes(windows: Windows, ada: Customer) -> None:
    inbox = await windows.conversation(ada, viewport=DESK)
    for name in ("Conversations", "Conversation", "Contact"):
        await expect(pane(inbox, name)).to_be_visible()
    await fits(inbox.page)
    await inbox.page.get_by_role("button", name="Contact", exact=True).click()
    await expect(pane(inbox, "Contact")).to_have_count(0)


async def test_a_tablet_has_two_and_the_contact_over_them(windows: Windows, ada: Customer) -> None:
    inbox = await windows.conversation(ada, viewport=TABLET)
    await expect(pane(inbox, "Conversations")).to_be_visible()
    await expect(pane(inbox, "Conversation")).to_be_visible()
    await expect(pane(inbox, "Contact")).to_have_count(0)
    await inbox.page.get_by_role("button", name="Contact", exact=True).click()
    drawer = inbox.page.get_by_role("dialog", name="Contact")
    await expect(drawer).to_be_visible()
    await fits(inbox.page)
    await inbox.page.keyboard.press("Escape")
    await expect(drawer).to_have_count(0)
    await expect(pane(inbox, "Conversation")).to_be_visible()


async def test_a_phone_shows_one_pane_and_goes_back(windows: Windows, ada: Customer) -> None:
    inbox = await windows.inbox(viewport=PHONE, has_touch=True, is_mobile=True)
    page = inbox.page
    await expect(inbox.row(ada)).to_be_visible()
    await fits(page)
    await inbox.row(ada).tap()
    await expect(pane(inbox, "Conversation")).to_be_visible()
    await expect(pane(inbox, "Conversations")).to_be_hidden()
    await expect(inbox.message("Supercali")).to_be_visible()
    await fits(page)
    await inbox.box.tap()
    await expect(inbox.send).to_be_in_viewport(ratio=1)
    await page.get_by_role("button", name="Contact", exact=True).tap()
    await expect(page.get_by_role("dialog", name="Contact")).to_be_visible()
    await fits(page)
    await page.get_by_role("button", name="Hide the contact").tap()
    await page.get_by_role("link", name="Back to the list").tap()
    await expect(inbox.row(ada)).to_be_visible()
    await inbox.row(ada).tap()
    await expect(inbox.message("Supercali")).to_be_visible()
    await page.go_back()
    await expect(inbox.row(ada)).to_be_visible()


@pytest.mark.parametrize("viewport", [DESK, PHONE])
async def test_arabic_goes_from_right_to_left(
    windows: Windows, ada: Customer, viewport: ViewportSize
) -> None:
    inbox = await windows.conversation(ada, viewport=viewport, locale="ar")
    page = inbox.page
    await expect(page.locator("html")).to_have_attribute("dir", "rtl")
    await expect(page.locator("html")).to_have_attribute("lang", "ar")
    await fits(page)
    if viewport == DESK:
        listed = await page.get_by_role("listbox").bounding_box()
        thread = await inbox.thread.bounding_box()
        assert listed is not None
        assert thread is not None
        assert listed["x"] > thread["x"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_colours_are_the_systems(windows: Windows, ada: Customer, scheme: str) -> None:
    inbox = await windows.conversation(ada, color_scheme=scheme)
    page = inbox.page
    await expect(page.locator("html")).to_have_attribute("data-theme", scheme)
    ink = await page.locator("body").evaluate(LIGHTNESS)
    assert (ink > 0.5) == (scheme == "dark")


@pytest.mark.parametrize("path", ["/contacts", "/settings", "/settings/account", "/sign-in"])
async def test_other_pages_fit_a_phone(windows: Windows, ada: Customer, path: str) -> None:
    del ada
    inbox = await windows.inbox(path=path, viewport=PHONE)
    await expect(inbox.page.get_by_role("heading").first).to_be_visible()
    await fits(inbox.page)


async def test_files_fit_a_phone(windows: Windows, ada: Customer, tmp_path: Path) -> None:
    for make in (samples.jpeg, samples.ogg_opus, samples.pdf):
        await ada.write("", make(tmp_path))
    inbox = await windows.conversation(ada, viewport=PHONE)
    await expect(inbox.page.get_by_role("link", name=re.compile("^Download")).last).to_be_visible()
    await inbox.attach(samples.png(tmp_path), samples.csv(tmp_path))
    await expect(inbox.tray).to_have_count(2)
    await fits(inbox.page)
