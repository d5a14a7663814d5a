"""What customers and colleagues write, name or upload is shown as text; nothing of it runs."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from e2e.conftest import Windows
from e2e.office import Customer, Inbox, Office
from media import samples

pytestmark = pytest.mark.asyncio(loop_scope="module")

TAG = "<img src=x onerror=\"window.__pwned='TAG'\">"
SCRIPT = "<script>window.__pwned='SCRIPT'</script>"
ESCAPE = "\"><svg onload=window.__pwned='ESCAPE'>"
HOSTILE = TAG + SCRIPT + ESCAPE
LINKS = (
    "javascript:window.__pwned=1",
    "JaVaScRiPt://example.com/%0awindow.__pwned=1",
    "data:text/html,<script>window.__pwned=1</script>",
    "vbscript:window.__pwned=1",
    "https://example.com/?q=<b>&x='onclick=alert(1)",
    "https://example.com/\u202egpj.exe",
)
SVG = f"<svg xmlns='http://www.w3.org/2000/svg' onload='parent.__pwned=1'>{SCRIPT}</svg>"
HTML = f"<!doctype html><title>x</title>{HOSTILE}"
INJECT = """
() => {
  const script = document.createElement("script");
  try { script.src = "data:,window.__pwned=1"; } catch { return; }
  document.body.append(script);
}
"""


async def nothing_ran(page: Page) -> None:
    """Not now, and not when each link has the focus and the pointer has been on it."""
    for link in await page.get_by_role("log").get_by_role("link").all():
        await link.hover()
    assert await page.evaluate("window.__pwned ?? null") is None
    assert await page.evaluate("document.querySelectorAll('svg[onload], img[onerror]').length") == 0


async def links_are_safe(inbox: Inbox) -> None:
    links = await inbox.page.evaluate(
        "() => [...document.querySelectorAll('a[href]')].map((a) =>"
        " ({ scheme: new URL(a.href).protocol, target: a.target, rel: a.rel }))"
    )
    assert {link["scheme"] for link in links} <= {"http:", "https:", "mailto:", "tel:"}
    assert all("no" in link["rel"] for link in links if link["target"] == "_blank")


async def no_dialog(page: Page) -> None:
    page.on("dialog", lambda dialog: pytest.fail(f"a dialog opened: {dialog.message}"))


@pytest.fixture
async def mallory(office: Office) -> Customer:
    mallory = office.customer("Mallory")
    mallory.name = f"{mallory.name} {HOSTILE}"
    return await mallory.in_manual_mode(f"*{HOSTILE}* `{TAG}`")


async def test_what_a_customer_writes_is_text(windows: Windows, mallory: Customer) -> None:
    await mallory.write(" ".join(LINKS))
    inbox = await windows.inbox()
    await no_dialog(inbox.page)
    row = inbox.page.get_by_role("option", name=mallory.name.partition(" <")[0])
    await expect(row).to_contain_text("<img src=x")
    await row.click()
    await expect(inbox.messages.first).to_contain_text("onerror=")
    await expect(inbox.message("vbscript:")).to_be_visible()
    safe = inbox.thread.get_by_role("link").first
    await expect(safe).to_have_attribute("rel", "noopener noreferrer")
    await links_are_safe(inbox)
    await nothing_ran(inbox.page)


async def test_names_of_all_kinds_are_text(
    windows: Windows, office: Office, mallory: Customer
) -> None:
    number = next(office.numbers)
    label = {"name": f"{number}{TAG}"[:50], "color": "red"}
    label_id = (await office.call("POST", "/api/v1/labels", json=label))["label_id"]
    reply = {"shortcut": f"x{number}", "title": HOSTILE[:100], "content": HOSTILE}
    await office.call("POST", "/api/v1/canned-replies", json={**reply, "media_ids": []})
    bot = {"domain_name": "default", "assistant_id": f"x{number}", "name": HOSTILE[:100]}
    await office.call("POST", "/api/v1/assistants", json={**bot, "model": "builtin:echo"})
    nell = await office.colleague("Nell")
    await office.call("PATCH", f"/api/v1/people/{nell.person_id}", json={"name": HOSTILE[:100]})
    await mallory.change(labels=[label_id], assignee_id=nell.person_id)
    contact = await office.call("GET", f"/api/v1/conversations/{await mallory.chat_id()}")
    path = f"/api/v1/contacts/{contact['contact_id']}"
    await office.call("PATCH", path, json={"attributes": {"Firm": HOSTILE}})

    inbox = await windows.conversation(mallory)
    page = inbox.page
    await no_dialog(page)
    await expect(page.get_by_role("region", name="Contact", exact=True)).to_contain_text("onerror")
    await inbox.box.press_sequentially(f"/x{number}")
    await page.get_by_role("option", name=f"x{number}").click()
    await expect(inbox.box).to_have_value(HOSTILE)
    await inbox.send.click()
    await expect(inbox.messages.last).to_contain_text("onerror=")
    await nothing_ran(page)
    sections = ("people", "labels", "canned-replies", "assistants")
    for path in ("/contacts", *(f"/settings/{section}" for section in sections)):
        await page.goto(path)
        await expect(page.get_by_text("onerror").first).to_be_visible()
        await nothing_ran(page)
    await office.call("DELETE", f"/api/v1/assistants/{bot['assistant_id']}")


async def test_files_that_could_run_are_kept_from_it(
    windows: Windows, office: Office, mallory: Customer, tmp_path: Path
) -> None:
    for name, text in (("a.svg", SVG), ("a.html", HTML), ("a.xml", SVG)):
        (tmp_path / name).write_text(text)
        await mallory.write("", tmp_path / name)
    photo = samples.jpeg(tmp_path).rename(tmp_path / f"{SCRIPT[:20].replace('/', '')}.jpg")
    await mallory.write("", photo)
    inbox = await windows.conversation(mallory)
    await no_dialog(inbox.page)
    await expect(inbox.messages.nth(-1)).to_be_visible()
    for name in ("b.svg", "b.html"):
        (tmp_path / name).write_text(SVG if name.endswith("svg") else HTML)
        await inbox.attach(tmp_path / name)
    await nothing_ran(inbox.page)
    gallery = await office.call("GET", f"/api/v1/conversations/{await mallory.chat_id()}/media")
    assert gallery["items"]
    for each in gallery["items"]:
        answer = await inbox.page.request.get(f"/media/{each['media_id']}")
        assert answer.headers["x-content-type-options"] == "nosniff"
        saved = answer.headers.get("content-disposition", "").startswith("attachment")
        assert saved or answer.headers["content-type"] in ("image/jpeg", "image/png")


async def test_the_page_allows_no_code_but_its_own(windows: Windows) -> None:
    page = await windows.bare()
    for path in ("/sign-in", "/inbox", "/settings/account"):
        answer = await page.goto(path)
        assert answer is not None
        rules = answer.headers["content-security-policy"].split(";")
        policy = {
            name: sources for name, _, sources in (rule.strip().partition(" ") for rule in rules)
        }
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == "'self'"
        assert policy["frame-ancestors"] == "'none'"
        assert policy["base-uri"] == "'none'"
        assert "unsafe" not in str(policy)
        assert answer.headers["x-content-type-options"] == "nosniff"
    await page.evaluate(INJECT)
    assert await page.evaluate("window.__pwned ?? null") is None
    # The browser has told that it refused.
    assert "TrustedScriptURL" in " ".join(windows.problems)
    windows.problems.clear()


async def test_an_address_of_another_site_is_not_gone_to_after_the_sign_in(
    windows: Windows, office: Office
) -> None:
    olga = await office.colleague("Olga")
    for elsewhere in ("//evil.example", "https://evil.example", "/\\evil.example", "javascript:1"):
        inbox = await windows.inbox(olga, f"/sign-in?return_to={elsewhere}")
        await inbox.page.get_by_role("textbox", name="E-mail address").fill(olga.email)
        await inbox.page.get_by_role("textbox", name="Password").fill("orbit lamp cactus violin")
        await inbox.page.get_by_role("button", name="Sign in", exact=True).click()
        await expect(inbox.page).to_have_url(f"{office.url}/inbox")
        await inbox.page.context.close()
