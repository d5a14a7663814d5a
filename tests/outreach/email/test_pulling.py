"""Each message of a mailbox becomes one outreach, whatever happens in between."""

import asyncio
import re
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest

from assistants.servers import responds, scripted
from frontdesk.kernel.ids import new_id
from outreach.email.imap_server import PASSWORD, ImapServer
from outreach.email.reader import ANA, Reader, mail
from pipeline.desk import WHATSAPP_NUMBER, Desk, until

BROKEN = (
    b"From: Bo <bo@example.com>\nSubject: Broken\nMessage-ID: <broken@x>\n"
    b'Content-Type: multipart/mixed; boundary="x"\n\n--other\n\nPhone: +34600999999\n'
)


async def test_a_mail_becomes_an_outreach_and_is_marked_as_read(reader: Reader) -> None:
    reader.imap.deliver(mail(text=f"I need a dentist.\nPhone: {ANA}\n"))
    await reader.set_up(
        instruction="Offer an appointment", variables={"1": {"column": "name"}, "2": "you"}
    )
    shown = await reader.pull()
    assert shown["error"] is None
    assert shown["pulled_at"] is not None
    [row] = await reader.outreach()
    assert (row["source"], row["status"], row["channel"]) == ("email", "waiting", "wmsg")
    assert (row["address"], row["name"], row["email"]) == (ANA, "Ana", "ana@example.com")
    assert row["message_id"] is not None
    assert row["instruction"] == (
        "Offer an appointment\n\nE-mail from Ana <ana@example.com>, subject: An appointment\n---\n"
        f"I need a dentist.\nPhone: {ANA}\n---"
    )
    assert row["variables"]["1"] == "Ana"
    assert row["variables"]["2"] == "you"
    assert row["variables"]["subject"] == "An appointment"
    [email] = await reader.emails()
    assert email["status"] == "done"
    assert email["call_id"] == str(row["outreach_id"])
    assert email["sender"] == "Ana <ana@example.com>"
    assert email["sent_at"] == "2026-11-20T09:00:00Z"
    assert reader.imap.seen() == {"An appointment"}


async def test_a_mail_is_taken_over_once_however_often_the_mailbox_is_read(
    reader: Reader,
) -> None:
    reader.imap.deliver(mail(message_id="<once@x>"))
    await reader.set_up(search="ALL", mark_seen=False)
    await reader.pull()
    await reader.pull()
    reader.imap.deliver(mail(message_id="<once@x>", subject="Delivered twice"))
    reader.imap.deliver(mail(message_id="<other@x>"))
    await reader.pull()
    await reader.desk.db.execute("UPDATE email_pull_configs SET last_uid = 0")
    await reader.pull()
    assert len(await reader.outreach()) == 2
    assert reader.imap.seen() == set(), "the mailbox is left as it was"


async def test_a_mailbox_that_was_made_anew_begins_nothing_twice(reader: Reader) -> None:
    reader.imap.deliver(mail(message_id="<once@x>"))
    await reader.set_up(search="ALL")
    await reader.pull()
    for path in (reader.imap.root / "Maildir").glob("dovecot*"):
        path.unlink()
    for path in (reader.imap.root / "Maildir" / "cur").iterdir():
        path.unlink()
    reader.imap.deliver(mail(message_id="<once@x>"))
    reader.imap.deliver(mail(message_id="<new@x>"))
    before = await reader.desk.db.fetchval("SELECT uid_validity FROM email_pull_configs")
    await reader.desk.db.execute("UPDATE email_pull_configs SET uid_validity = 1, last_uid = 9")
    await reader.pull()
    after = await reader.desk.db.fetchval("SELECT uid_validity FROM email_pull_configs")
    assert before is not None
    assert after != 1
    assert len(await reader.outreach()) == 2


async def test_a_bad_mail_stays_with_its_reason_and_stops_no_other(reader: Reader) -> None:
    for raw in (
        mail(subject="First"),
        BROKEN,
        mail(subject="Nobody", text="Call me"),
        mail(subject="Bounce", Return_Path="<>"),
        mail(subject="Last"),
    ):
        reader.imap.deliver(raw)
    await reader.set_up()
    shown = await reader.pull()
    assert shown["error"] is None
    told = {each["subject"]: each for each in await reader.emails()}
    assert {subject: each["status"] for subject, each in told.items()} == {
        "First": "done",
        "Broken": "failed",
        "Nobody": "failed",
        "Bounce": "ignored",
        "Last": "done",
    }
    assert "MIME tree is broken" in told["Broken"]["reason"]
    assert told["Broken"]["sender"] == "Bo <bo@example.com>"
    assert "No phone number" in told["Nobody"]["reason"]
    assert reader.imap.seen() == {"First", "Last"}
    assert len(await reader.outreach()) == 2
    assert len(await reader.emails(status="failed")) == 2
    await reader.pull()
    assert len(await reader.emails()) == 5, "what failed is not tried again by itself"


async def test_a_failed_mail_is_read_again_when_somebody_asks(reader: Reader) -> None:
    reader.imap.deliver(mail(text="My line: 600111222"))
    await reader.set_up()
    await reader.desk.app.domains.update(
        reader.desk.domain.domain_id, settings={"default_country": "ES"}
    )
    await reader.pull()
    [email] = await reader.emails()
    assert email["status"] == "failed"
    changed = await reader.call(
        "PATCH", f"/{reader.config_id}", json={"phone_rules": [r"line: (?P<phone>\d+)"]}
    )
    assert changed.status == 200, changed.text
    again = await reader.call("POST", f"/{reader.config_id}/emails/{email['email_id']}/retry")
    assert again.status == 202, again.text
    await reader.pull()
    [email] = await reader.emails()
    assert email["status"] == "done"
    assert [row["address"] for row in await reader.outreach()] == [ANA]
    again = await reader.call("POST", f"/{reader.config_id}/emails/{email['email_id']}/retry")
    assert again.status == 409


async def test_a_failed_mail_that_was_deleted_meanwhile_is_told_as_gone(reader: Reader) -> None:
    reader.imap.deliver(mail(text="Call me"))
    await reader.set_up()
    await reader.pull()
    with reader.imap.client() as mailbox:
        mailbox.delete(mailbox.uids())
    [email] = await reader.emails()
    await reader.call("POST", f"/{reader.config_id}/emails/{email['email_id']}/retry")
    await reader.pull()
    [email] = await reader.emails()
    assert (email["status"], email["reason"]) == ("failed", "It is not there any more")


# Who wrote --------------------------------------------------------------------------------------


async def contact(reader: Reader, address: str, email: str | None = None) -> Any:
    return await reader.desk.db.fetchval(
        "INSERT INTO contacts (domain_id, contact_id, address, email)"
        " VALUES ($1, $2, $3, $4) RETURNING contact_id",
        reader.desk.domain.domain_id,
        new_id(),
        address,
        email,
    )


async def test_a_known_sender_is_written_to_on_their_number(reader: Reader) -> None:
    known = await contact(reader, "+34600333444", "Ana@Example.com")
    reader.imap.deliver(mail(text="Please call me"))
    await reader.set_up()
    await reader.pull()
    [row] = await reader.outreach()
    assert (row["address"], row["contact_id"]) == ("+34600333444", known)


async def test_two_contacts_with_one_address_are_none_to_choose_from(reader: Reader) -> None:
    await contact(reader, "+34600333444", "ana@example.com")
    await contact(reader, "+34600333555", "ana@example.com")
    reader.imap.deliver(mail(text="Please call me"))
    await reader.set_up()
    await reader.pull()
    assert await reader.outreach() == []


async def test_a_forms_number_goes_before_its_senders_card(reader: Reader) -> None:
    await contact(reader, "+34600333444", "forms@shop.com")
    known = await contact(reader, ANA)
    reader.imap.deliver(mail(sender="forms@shop.com"))
    await reader.set_up()
    await reader.pull()
    [row] = await reader.outreach()
    assert (row["address"], row["contact_id"]) == (ANA, known)


async def test_the_businesss_own_number_is_not_written_to(reader: Reader) -> None:
    reader.imap.deliver(mail(text=f"> Phone: {WHATSAPP_NUMBER}\nWhatsApp: {ANA}"))
    await reader.set_up()
    await reader.pull()
    assert [row["address"] for row in await reader.outreach()] == [ANA]


# Failures ---------------------------------------------------------------------------------------


@contextmanager
def cutting(imap: ImapServer, at: bytes) -> Generator[int]:
    """A line to the mailbox that breaks as soon as a command is sent; its port."""
    listener = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []
    sockets: list[socket.socket] = [listener]

    def pass_on(source: socket.socket, to: socket.socket, until: bytes | None) -> None:
        try:
            while (said := source.recv(65536)) and not (until and until in said):
                to.sendall(said)
        except OSError:
            pass
        for each in (source, to):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def serve() -> None:
        try:
            near, _ = listener.accept()
        except OSError:
            return
        far = socket.create_connection(("127.0.0.1", imap.port))
        sockets.extend((near, far))
        for arguments in ((near, far, at), (far, near, None)):
            thread = threading.Thread(target=pass_on, args=arguments)
            thread.start()
            threads.append(thread)

    server = threading.Thread(target=serve)
    server.start()
    try:
        yield listener.getsockname()[1]
    finally:
        server.join(5)
        for thread in threads:
            thread.join(5)
        for each in sockets:
            each.close()


async def test_what_ends_between_taking_over_and_marking_begins_nothing_twice(
    reader: Reader,
) -> None:
    for number in range(3):
        reader.imap.deliver(mail(subject=f"Number {number}"))
    with cutting(reader.imap, b"STORE") as port:
        await reader.set_up(port=port)
        shown = await reader.pull()
    assert "127.0.0.1" in shown["error"]
    assert len(await reader.outreach()) == 3
    assert reader.imap.seen() == set()
    changed = await reader.call(
        "PATCH", f"/{reader.config_id}", json={"port": reader.imap.port, "password": PASSWORD}
    )
    assert changed.status == 200, changed.text
    await reader.pull()
    assert len(await reader.outreach()) == 3
    assert reader.imap.seen() == {"Number 0", "Number 1", "Number 2"}


async def test_what_is_wrong_is_shown_and_tried_again_later_and_later(reader: Reader) -> None:
    await reader.set_up(folder="Nowhere", every_minutes=10)
    reader.imap.deliver(mail(), ".Orders")
    pauses: list[float] = []
    for _ in range(3):
        shown = await reader.pull()
        assert "Nowhere" in shown["error"]
        assert shown["pulled_at"] is None
        seconds = await reader.desk.db.fetchval(
            "SELECT extract(epoch FROM next_at - now()) FROM email_pull_configs"
        )
        assert seconds is not None
        pauses.append(round(float(seconds) / 60))
    assert pauses == [10, 20, 40]
    await reader.call("PATCH", f"/{reader.config_id}", json={"folder": "Orders"})
    shown = await reader.pull()
    assert shown["error"] is None
    assert len(await reader.outreach()) == 1


async def test_two_workers_never_read_one_mailbox_at_once(reader: Reader) -> None:
    await reader.set_up()
    puller = reader.desk.app.worker.emails.puller
    first = await puller.claim()
    assert first is not None
    assert await puller.claim() is None
    await reader.desk.db.execute("UPDATE email_pull_configs SET job_at = now() - interval '1 hour'")
    reader.imap.deliver(mail())
    second = await puller.claim()
    assert second is not None, "a worker that died is taken over from"
    await puller.pull(first)
    await puller.pull(second)
    assert len(await reader.outreach()) == 1
    assert (await reader.shown())["error"] is None


async def test_a_changed_mailbox_is_read_by_its_new_settings_only(reader: Reader) -> None:
    reader.imap.deliver(mail())
    await reader.set_up()
    config = await reader.desk.app.worker.emails.puller.claim()
    assert config is not None
    await reader.call("PATCH", f"/{reader.config_id}", json={"state": "stopped"})
    await reader.desk.app.worker.emails.puller.pull(config)
    shown = await reader.shown()
    assert (shown["state"], shown["next_at"], shown["pulled_at"]) == ("stopped", None, None)


# The assistant ----------------------------------------------------------------------------------


async def test_the_assistant_finds_a_number_that_no_rule_does(reader: Reader) -> None:
    async with scripted() as server:
        server.will(responds(json={"answer": "600 111 222"}))
        await reader.desk.call(
            "POST",
            "/api/v1/assistants",
            json={"assistant_id": "finder", "name": "Finder", "model": f"remote:{server.url}/"},
        )
        await reader.desk.app.domains.update(
            reader.desk.domain.domain_id, settings={"default_country": "ES"}
        )
        reader.imap.deliver(mail(subject="Good", text="ring me at 600 111 222 tomorrow"))
        reader.imap.deliver(mail(subject="Other", text="ring me at 600 999 999 tomorrow"))
        await reader.set_up(assistant_id="finder", ask_assistant=True)
        await reader.pull()
    assert [row["address"] for row in await reader.outreach()] == [ANA]
    assert len(server.requests) == 2
    assert "ring me at 600 111 222" in str(server.requests[0])
    told = {each["subject"]: each["status"] for each in await reader.emails()}
    assert told == {"Good": "done", "Other": "failed"}


async def test_an_assistant_that_fails_leaves_the_mail_for_another_try(reader: Reader) -> None:
    await reader.desk.call(
        "POST",
        "/api/v1/assistants",
        json={
            "assistant_id": "away",
            "name": "Away",
            "model": "remote:http://127.0.0.1:9/",
            "options": {"retries": 0},
        },
    )
    reader.imap.deliver(mail(text="ring me at +34600111222 tomorrow"))
    await reader.set_up(assistant_id="away", ask_assistant=True)
    shown = await reader.pull()
    assert shown["error"] is None
    [email] = await reader.emails()
    assert email["status"] == "failed"
    assert "assistant could not be asked" in email["reason"]


# The worker -------------------------------------------------------------------------------------


async def test_the_worker_reads_mailboxes_on_their_schedule(
    open_desk: Any, imap: ImapServer
) -> None:
    desk: Desk = await open_desk()
    reader = Reader(desk, imap)
    imap.deliver(mail(subject="First"))
    await reader.set_up(every_minutes=60)

    async def taken_over(count: int) -> bool:
        return await desk.db.fetchval("SELECT count(*) FROM outreach") == count

    await until(lambda: taken_over(1))

    async def rested() -> bool:
        return (await reader.shown())["pulled_at"] is not None

    await until(rested)
    minutes = await desk.db.fetchval(
        "SELECT extract(epoch FROM next_at - now()) / 60 FROM email_pull_configs"
    )
    assert minutes is not None
    assert 55 < minutes <= 60
    imap.deliver(mail(subject="Second"))
    now = await reader.call("POST", f"/{reader.config_id}/pull")
    assert now.status == 202, now.text
    await until(lambda: taken_over(2))


async def test_a_worker_that_stops_lets_another_go_on_at_once(
    reader: Reader,
) -> None:
    reader.imap.deliver(mail())
    await reader.set_up()
    lane = reader.desk.app.worker.emails
    await lane.start()
    await asyncio.sleep(0)
    await lane.close()
    claimed = await lane.puller.claim()
    done = (await reader.shown())["pulled_at"] is not None
    assert claimed is not None or done
    if claimed is not None:
        await lane.puller.pull(claimed)
    assert len(await reader.outreach()) == 1


def numbered(template: str, number: int) -> bytes:
    """The template as one mail of many."""
    own = {"SUBJECT": f"Mail {number}", "NUMBER": f"+3460{number:07}", "ID": f"{number}"}
    return re.sub("SUBJECT|NUMBER|ID(?=@x)", lambda found: own[found[0]], template).encode()


@pytest.mark.timeout(600)
async def test_a_mailbox_of_10000_messages_is_read_to_its_end(reader: Reader) -> None:
    template = mail(subject="SUBJECT", text="Phone: NUMBER", message_id="<ID@x>").decode()
    for number in range(10_000):
        reader.imap.deliver(BROKEN if number == 5_000 else numbered(template, number))
    await reader.set_up()
    while await reader.desk.count("pulled_emails") < 10_000:
        assert (await reader.pull())["error"] is None
    counts = await reader.desk.db.fetch(
        "SELECT status, count(*) AS count FROM pulled_emails GROUP BY 1"
    )
    assert {row["status"]: row["count"] for row in counts} == {"done": 9_999, "failed": 1}
    addresses = await reader.desk.db.fetchval("SELECT count(DISTINCT address) FROM outreach")
    assert addresses == 9_999
    assert reader.imap.unseen() == {"Broken"}
