"""The files of a mail go with the first message, as far as its channel takes them."""

from email.message import EmailMessage
from email.utils import make_msgid
from pathlib import Path
from typing import Any

import pytest

from assistants.servers import responds, scripted
from frontdesk.outreach.email.reading import read
from media.samples import jpeg, pdf
from outreach.email.imap_server import USER, ImapServer
from outreach.email.reader import ANA, Reader
from outreach.starting import template
from pipeline.desk import Desk, until

PROGRAM = b"MZ\x90\x00" + b"\x00" * 200


@pytest.fixture
def picture(tmp_path: Path) -> bytes:
    return jpeg(tmp_path).read_bytes()


@pytest.fixture
def document(tmp_path: Path) -> bytes:
    return pdf(tmp_path).read_bytes()


def mail_with(*files: tuple[str, bytes, str]) -> EmailMessage:
    """A mail of somebody with files: their names, contents and types as the mail has them."""
    message = EmailMessage()
    message["From"] = "Ana <ana@example.com>"
    message["To"] = USER
    message["Subject"] = "My tooth"
    message["Message-ID"] = make_msgid(domain="example.com")
    message.set_content(f"It hurts.\nPhone: {ANA}\n")
    for name, content, kind in files:
        maintype, _, subtype = kind.partition("/")
        message.add_attachment(content, maintype=maintype, subtype=subtype, filename=name)
    return message


async def first_messages(desk: Desk) -> list[dict[str, Any]]:
    """What Ana got of the outreach, once all of it went."""

    async def over() -> bool:
        return await desk.db.fetchval("SELECT count(*) FROM outreach WHERE status = 'sent'") == 1

    await until(over)
    await desk.settled()
    return [each for each in await desk.sent(ANA) if each["body"] != "Ahoy"]


def test_what_a_person_attached_is_a_file_and_the_layout_is_not(picture: bytes) -> None:
    message = mail_with(("tooth.jpg", picture, "image/jpeg"))
    message.add_attachment(
        picture, maintype="image", subtype="jpeg", disposition="inline", cid="<logo@x>"
    )
    message.add_attachment(b"-----BEGIN", maintype="application", subtype="pgp-signature")
    message.add_attachment("a,b\n1,2\n", subtype="csv", filename="rows.csv")
    mail = read(message.as_bytes())
    assert [(each.filename, len(each.content)) for each in mail.files] == [
        ("tooth.jpg", len(picture)),
        ("rows.csv", 8),
    ]
    assert mail.text.startswith("It hurts.")
    assert "a,b" not in mail.text


async def test_they_go_with_the_first_message_and_what_cannot_is_told(
    open_desk: Any, imap: ImapServer, picture: bytes, document: bytes
) -> None:
    desk: Desk = await open_desk()
    reader = Reader(desk, imap)
    await desk.write("Ahoy", from_=ANA)
    await desk.replies(1, to=ANA)
    files = (
        ("tooth.jpg", picture, "image/jpeg"),
        ("setup.exe", PROGRAM, "application/pdf"),
        ("../bill.pdf", document, "application/octet-stream"),
    )
    imap.deliver(mail_with(*files).as_bytes())
    async with scripted() as server:
        server.will(responds(json={"answer": "We see you today."}))
        await desk.app.assistants.create(
            desk.domain.domain_id, "brain", {"name": "Brain", "model": f"remote:{server.url}/vac"}
        )
        await reader.set_up(instruction="Offer an appointment", assistant_id="brain")
        got = await first_messages(desk)
    assert [len(each["media"]) for each in got if each["media"]] == [1, 1], "one each on WhatsApp"
    stored = await desk.messages(ANA)
    assert [each["kind"] for each in stored[-2:]] == ["image", "document"]
    assert {each["status"] for each in stored[-2:]} <= {"sent", "delivered", "read"}
    [row] = await reader.outreach()
    assert "tooth.jpg, bill.pdf" in row["instruction"]
    [email] = await reader.emails()
    assert email["status"] == "done"
    assert "setup.exe" in email["reason"]
    places = await desk.db.fetch(
        "SELECT conversation_id, message_id, person_id, filename FROM media ORDER BY media_id"
    )
    assert [place["filename"] for place in places] == ["tooth.jpg", "bill.pdf"]
    assert {place["message_id"] for place in places} == {each["message_id"] for each in stored[-2:]}
    assert {place["conversation_id"] for place in places} == {row["conversation_id"]}
    assert {place["person_id"] for place in places} == {None}


async def test_a_text_message_has_all_of_them_at_once(
    open_desk: Any, imap: ImapServer, picture: bytes
) -> None:
    desk: Desk = await open_desk()
    reader = Reader(desk, imap)
    imap.deliver(
        mail_with(("a.jpg", picture, "image/jpeg"), ("b.jpg", picture, "image/jpeg")).as_bytes()
    )
    await template(desk, kind="sms", body="Hello {{1}}.", name="hello")
    template_id = await desk.db.fetchval("SELECT template_id FROM templates WHERE name = 'hello'")
    await reader.set_up(
        default_channel="sms",
        template_id=str(template_id),
        variables={"1": {"column": "name"}},
    )
    [message] = await first_messages(desk)
    assert message["body"] == "Hello Ana."
    assert len(message["media"]) == 2


async def test_beside_a_carriers_template_they_stay_out_and_that_is_told(
    open_desk: Any, imap: ImapServer, picture: bytes
) -> None:
    desk: Desk = await open_desk()
    reader = Reader(desk, imap)
    imap.deliver(mail_with(("a.jpg", picture, "image/jpeg")).as_bytes())
    channel = await desk.db.fetchrow("SELECT channel_id FROM channels WHERE kind = 'wmsg'")
    assert channel is not None
    await desk.call("POST", "/api/v1/templates/sync", json={})
    template_id = await desk.db.fetchval(
        "SELECT template_id FROM templates WHERE name = 'order_update'"
    )
    names = await desk.db.fetchval(
        "SELECT variables FROM templates WHERE template_id = $1", template_id
    )
    await reader.set_up(
        template_id=str(template_id), variables={each["name"]: "soon" for each in names or []}
    )
    [message] = await first_messages(desk)
    assert not message["media"]
    [row] = await reader.outreach()
    assert row["reason"] == "1 of 1 files were left out: a template takes none"
    shown = await desk.call("GET", f"/api/v1/outreach/{row['outreach_id']}")
    assert shown.json["reason"] == row["reason"]
