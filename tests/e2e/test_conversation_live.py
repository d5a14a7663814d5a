"""What one side does, the other sees at once: the customer's phone and the inbox."""

import asyncio
import re
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Page, expect

from assistants.servers import Scripted, Step, responds, scripted
from e2e.conftest import Windows
from e2e.office import Inbox, Office

pytestmark = pytest.mark.asyncio(loop_scope="module")


def says(answer: str) -> Step:
    return responds(json={"answer": answer, "metadata": {}})


async def write(phone: Page, text: str) -> None:
    await phone.get_by_label("Message", exact=True).fill(text)
    await phone.get_by_role("button", name="Send", exact=True).click()


async def test_a_customer_and_a_person_talk(windows: Windows, office: Office) -> None:
    ada = office.customer("Ada")
    inbox, phone = await asyncio.gather(windows.inbox(), windows.phone(ada))
    await write(phone, "Is the teapot ready?")
    await expect(inbox.row(ada)).to_contain_text("Is the teapot ready?")
    await inbox.row(ada).click()
    await expect(inbox.messages.first).to_contain_text("Is the teapot ready?")
    await expect(inbox.messages.nth(1)).to_have_accessible_name(re.compile("^Assistant, "))

    await inbox.box.fill("It is. *Come by* today.")
    await inbox.box.press("Enter")
    answer = inbox.message("Come by today.")
    await expect(answer).to_be_visible()
    await expect(phone.get_by_role("log")).to_contain_text("It is. Come by today.")
    # The phone shows it, so that its customer has read it.
    await expect(answer).to_have_accessible_name(re.compile("Read$"))
    await expect(inbox.answering("People")).to_be_checked()

    await write(phone, "Thank you!")
    await expect(inbox.message("Thank you!")).to_be_visible()
    await expect(inbox.row(ada)).to_contain_text("Thank you!")


async def test_a_message_that_no_phone_shows_is_delivered_and_not_read(
    windows: Windows, office: Office
) -> None:
    bea = await office.customer("Bea").in_manual_mode()
    inbox = await windows.conversation(bea)
    await inbox.box.fill("Good morning")
    await inbox.send.click()
    answer = inbox.message("Good morning")
    await expect(answer).to_have_accessible_name(re.compile("Delivered$"))


@pytest_asyncio.fixture(loop_scope="module")
async def slow(office: Office) -> AsyncGenerator[Scripted]:
    """An assistant of another server, which customers can switch to."""
    async with scripted() as server:
        made = {
            "domain_name": "default",
            "assistant_id": f"slow-{next(office.numbers)}",
            "name": "Slow",
            "model": f"remote:{server.url}",
        }
        await office.call("POST", "/api/v1/assistants", json=made)
        yield server
        await office.call("DELETE", f"/api/v1/assistants/{made['assistant_id']}")


async def test_taking_over_silences_an_assistant_in_the_middle_of_its_answer(
    windows: Windows, office: Office, slow: Scripted
) -> None:
    asked, may_answer = asyncio.Event(), asyncio.Event()

    async def think(request: web.Request, body: dict[str, object]) -> web.StreamResponse:
        asked.set()
        await may_answer.wait()
        return await says("I am sure that it is blue.")(request, body)

    slow.will(think)
    cleo = office.customer("Cleo")
    switch = await office.call("GET", "/api/v1/assistants")
    (assistant_id,) = [e["assistant_id"] for e in switch["items"] if e["name"] == "Slow"]
    await cleo.write(f"/switch {assistant_id}")
    await cleo.write("Which colour is it?")
    await asked.wait()
    inbox, phone = await asyncio.gather(windows.conversation(cleo), windows.phone(cleo))
    await inbox.answering("People").click()
    await expect(inbox.answering("People")).to_be_checked()
    await expect(inbox.message("Owner took over")).to_be_visible()
    may_answer.set()

    await inbox.box.fill("It is red.")
    await inbox.send.click()
    await expect(phone.get_by_role("log")).to_contain_text("It is red.")

    # Handed back, the assistant answers what comes next, and has never said the other thing.
    slow.will(says("As my colleague said, red."))
    await inbox.answering("Assistant").click()
    await expect(inbox.message("handed back to the assistant")).to_be_visible()
    await write(phone, "And once more?")
    await expect(inbox.message("As my colleague said, red.")).to_be_visible()
    await expect(phone.get_by_role("log")).to_contain_text("As my colleague said, red.")
    told = str(slow.requests[-1])
    assert "It is red." in told
    assert not any("blue" in message["body"] for message in await cleo.got())
    await expect(inbox.message("blue")).to_have_count(0)


async def test_unread_messages_are_counted_until_somebody_reads(
    windows: Windows, office: Office
) -> None:
    dora = await office.customer("Dora").in_manual_mode("One")
    inbox = await windows.inbox()
    await expect(inbox.row(dora)).to_have_accessible_name(re.compile("1 unread message,"))
    await dora.write("Two")
    await expect(inbox.row(dora)).to_have_accessible_name(re.compile("2 unread messages,"))
    await inbox.row(dora).click()
    await expect(inbox.message("Two")).to_be_visible()
    await expect(inbox.row(dora)).not_to_have_accessible_name(re.compile("unread"))
    more = inbox.page.get_by_role("button", name="More actions")
    await inbox.choose(more, "Mark as unread")
    await expect(inbox.row(dora)).to_have_accessible_name(re.compile("1 unread message,"))


async def test_a_conversation_is_put_off_closed_given_and_labelled(
    windows: Windows, office: Office
) -> None:
    label = f"Returns {next(office.numbers)}"
    await office.call("POST", "/api/v1/labels", json={"name": label, "color": "teal"})
    ben = await office.colleague("Ben")
    emil = await office.customer("Emil").in_manual_mode()
    # Another person's window shows all of it.
    inbox, other = await asyncio.gather(
        windows.conversation(emil), windows.inbox(ben, "/inbox?status=all")
    )
    page = inbox.page
    await inbox.choose(page.get_by_role("button", name=re.compile("^Assignee")), ben.name)
    await expect(inbox.message(f"assigned this to {ben.name}")).to_be_visible()
    await expect(other.row(emil)).to_have_accessible_name(re.compile(f"assigned to {ben.name}"))

    await inbox.choose(page.get_by_role("button", name="More actions"), "Labels", label)
    await page.keyboard.press("Escape")
    await expect(other.row(emil)).to_have_accessible_name(re.compile(f"labels: {label}"))

    await inbox.choose(page.get_by_role("button", name="Snooze"), "Until they reply")
    await expect(inbox.message("put this off until the customer writes")).to_be_visible()
    snoozed = re.compile("snoozed until the customer writes")
    await expect(other.row(emil)).to_have_accessible_name(snoozed)
    await emil.write("Here I am")
    await expect(other.row(emil)).not_to_have_accessible_name(snoozed)

    await page.get_by_role("button", name="Close", exact=True).click()
    await expect(inbox.message("closed the conversation")).to_be_visible()
    await expect(page.get_by_role("button", name="Reopen")).to_be_visible()


async def test_a_note_is_for_colleagues_and_never_reaches_the_phone(
    windows: Windows, office: Office
) -> None:
    fay = await office.customer("Fay").in_manual_mode()
    gil = await office.colleague("Gilda")
    inbox, other, phone = await asyncio.gather(
        windows.conversation(fay), windows.inbox(gil), windows.phone(fay)
    )
    await inbox.page.get_by_role("tab", name="Private note").click()
    await inbox.box.press_sequentially("Ask @Gilda")
    await inbox.page.get_by_role("option", name=re.compile(f"^{gil.name}")).click()
    await inbox.box.press_sequentially("first")
    await inbox.page.get_by_role("button", name="Add note").click()
    await expect(inbox.message(f"Ask @{gil.name} first")).to_be_visible()
    await expect(other.row(fay)).to_have_accessible_name(re.compile("you are mentioned"))
    await other.row(fay).click()
    theirs = other.message(f"Ask @{gil.name} first")
    await expect(theirs).to_have_accessible_name(re.compile("^private note"))

    # What is written after it arrives, and so it would have.
    await inbox.page.get_by_role("tab", name="Reply").click()
    await inbox.box.fill("One moment")
    await inbox.send.click()
    await expect(phone.get_by_role("log")).to_contain_text("One moment")
    await expect(phone.get_by_role("log")).not_to_contain_text("first")
    assert [message["body"] for message in await fay.got()] == ["One moment"]


async def test_colleagues_see_who_looks_and_who_writes(windows: Windows, office: Office) -> None:
    hal = await office.customer("Hal").in_manual_mode()
    ida = await office.colleague("Ida")
    inbox = await windows.conversation(hal)
    other = await windows.conversation(hal, ida)
    seen = inbox.page.get_by_role("img", name=f"Also looking: {ida.name}")
    await expect(seen).to_be_visible()
    await other.box.press_sequentially("Dear")
    await expect(inbox.page.get_by_text(f"{ida.name} is typing…")).to_be_visible()
    await other.page.goto("/contacts")
    await expect(seen).to_have_count(0)


async def test_eight_tabs_of_one_person_follow_one_stream(windows: Windows, office: Office) -> None:
    """Over HTTP/1.1 a browser opens six connections: with a stream each, the rest would hang."""
    gil = await office.customer("Gil").in_manual_mode()
    first = await windows.inbox(path="/inbox?status=all")
    tabs = [first.page, *[await first.page.context.new_page() for _ in range(7)]]
    for tab in tabs[1:]:
        await tab.goto(first.page.url)
        await expect(Inbox(tab, first.url).row(gil)).to_be_visible()
    await gil.write("Is anybody there?")
    for tab in tabs:
        await expect(Inbox(tab, first.url).row(gil)).to_contain_text("Is anybody there?")
    await tabs[0].close()
    await gil.write("Still there?")
    for tab in tabs[1:]:
        await expect(Inbox(tab, first.url).row(gil)).to_contain_text("Still there?")
