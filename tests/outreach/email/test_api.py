"""Setting up mailboxes: what is kept, shown, refused and tried out."""

from inbox.people import audited, colleague
from outreach.email.imap_server import PASSWORD, ImapServer
from outreach.email.reader import Reader, mail
from pipeline.desk import Desk, another_domain

BODY = {
    "name": "Enquiries",
    "host": "127.0.0.1",
    "username": "enquiries@example.com",
    "password": "sesame-open",
    "default_channel": "wmsg",
}


async def test_a_mailbox_is_kept_with_its_password_sealed(web: Desk) -> None:
    made = await web.call("POST", "/api/v1/email-pulls", json=BODY)
    assert made.status == 201, made.text
    assert made.json["port"] == 993
    assert made.json["security"] == "tls"
    assert made.json["search"] == "UNSEEN"
    listed = await web.call("GET", "/api/v1/email-pulls")
    assert [each["config_id"] for each in listed.json["items"]] == [made.json["config_id"]]
    rows = await web.db.fetch("SELECT c::text AS text FROM email_pull_configs c")
    assert not any("sesame" in row["text"] for row in rows)
    sealed = await web.db.fetchval("SELECT password FROM email_pull_configs")
    assert sealed is not None
    assert b"sesame" not in sealed
    for text in (made.text, listed.text):
        assert "sesame" not in text
    changed = await web.call(
        "PATCH", f"/api/v1/email-pulls/{made.json['config_id']}", json={"every_minutes": 30}
    )
    assert changed.json == {**made.json, "every_minutes": 30, "next_at": changed.json["next_at"]}
    assert [row["target"] for row in await audited(web, "email_pull.create")] == ["Enquiries"]
    gone = await web.call("DELETE", f"/api/v1/email-pulls/{made.json['config_id']}")
    assert gone.status == 204
    assert (await web.call("GET", "/api/v1/email-pulls")).json["items"] == []


WRONG: list[tuple[str, object]] = [
    ("host", "10.0.0.1"),
    ("host", "http://mail.example.com"),
    ("host", "a b"),
    ("host", "2130706433"),
    ("port", 0),
    ("security", "ssl"),
    ("search", "UNSEEN\r\nX LOGOUT"),
    ("folder", "IN\r\nBOX"),
    ("username", "a\r\nb"),
    ("password", "a\r\nb"),
    ("password", ""),
    ("password", {"a": 1}),
    ("default_channel", "phone"),
    ("default_channel", "fax"),
    ("type", "nonsense"),
    ("phone_rules", ["("]),
    ("phone_rules", [r"\d+"]),
    ("variables", {"1": {"column": "body"}}),
    ("variables", {"1": 5}),
    ("every_minutes", 0),
    ("template_id", "019a0000-0000-7000-8000-000000000000"),
    ("channel_id", "019a0000-0000-7000-8000-000000000000"),
]


async def test_what_cannot_work_is_refused_with_words(web: Desk) -> None:
    for field, value in WRONG:
        answer = await web.call("POST", "/api/v1/email-pulls", json={**BODY, field: value})
        assert answer.status == 422, f"{field} {value!r}: {answer.text}"
        assert "sesame" not in answer.text
    assert await web.count("email_pull_configs") == 0


async def test_the_password_does_not_follow_to_another_server(web: Desk) -> None:
    made = await web.call("POST", "/api/v1/email-pulls", json=BODY)
    path = f"/api/v1/email-pulls/{made.json['config_id']}"
    for change in ({"host": "localhost"}, {"port": 143}, {"security": "none"}):
        answer = await web.call("PATCH", path, json=change)
        assert answer.status == 422
        assert "password" in answer.detail
        tried = await web.call(
            "POST",
            "/api/v1/email-pulls/test",
            json={"config_id": made.json["config_id"], **change},
        )
        assert tried.status == 422
    same = await web.call("PATCH", path, json={"host": "127.0.0.1", "port": 993})
    assert same.status == 200


async def test_a_connection_is_tried_out_before_it_is_saved(web: Desk, imap: ImapServer) -> None:
    reader = Reader(web, imap)
    for number in range(3):
        imap.deliver(mail(subject=f"Number {number}"))
    body = reader.settings(search='SUBJECT "Number 1"')
    tried = await reader.call("POST", "/test", json=body)
    assert tried.json == {
        "ok": True,
        "folders": ["Größe", "INBOX", "Orders"],
        "matching": 1,
        "problem": None,
    }
    wrong = await reader.call("POST", "/test", json={**body, "folder": "Nowhere"})
    assert wrong.json["ok"] is False
    assert "Orders" in wrong.json["folders"]
    assert "Nowhere" in wrong.json["problem"]
    wrong = await reader.call("POST", "/test", json={**body, "password": "wrong"})
    assert "refuses the user name or the password" in wrong.json["problem"]
    wrong = await reader.call(
        "POST", "/test", json={**body, "port": imap.tls_port, "security": "tls"}
    )
    assert "certificate" in wrong.json["problem"]
    assert len(imap.unseen()) == 3
    assert await web.count("email_pull_configs") == 0


async def test_a_saved_mailbox_is_tried_out_with_its_saved_password(reader: Reader) -> None:
    await reader.set_up()
    tried = await reader.call(
        "POST", "/test", json={"config_id": reader.config_id, "search": "ALL"}
    )
    assert tried.json["ok"] is True
    assert PASSWORD not in tried.text


async def test_the_list_of_what_was_read_has_pages(reader: Reader) -> None:
    for number in range(5):
        reader.imap.deliver(mail(subject=f"Number {number}"))
    await reader.set_up()
    await reader.pull()
    first = await reader.call("GET", f"/{reader.config_id}/emails?limit=3")
    rest = await reader.call(
        "GET", f"/{reader.config_id}/emails?limit=3&cursor={first.json['next']}"
    )
    told = [each["subject"] for each in first.json["items"] + rest.json["items"]]
    assert told == [f"Number {number}" for number in (4, 3, 2, 1, 0)]
    assert rest.json["next"] is None
    odd = await reader.call("GET", f"/{reader.config_id}/emails?cursor=nonsense")
    assert odd.status == 422


async def test_admins_set_up_mailboxes_and_others_look(web: Desk) -> None:
    made = await web.call("POST", "/api/v1/email-pulls", json=BODY)
    path = f"/api/v1/email-pulls/{made.json['config_id']}"
    agent, admin = await colleague(web, "agent"), await colleague(web, "admin")
    await agent.call("GET", "/api/v1/email-pulls")
    await agent.call("GET", f"{path}/emails")
    for method, where in (
        ("POST", "/api/v1/email-pulls"),
        ("POST", "/api/v1/email-pulls/test"),
        ("PATCH", path),
        ("DELETE", path),
        ("POST", f"{path}/pull"),
    ):
        assert "admin" in await agent.refused(method, where, 403, json=BODY)
    await admin.call("POST", f"{path}/pull", 202)
    await admin.call("PATCH", path, json={"state": "stopped"})
    assert "stopped" in await admin.refused("POST", f"{path}/pull", 409)


async def test_another_domain_sees_and_touches_nothing(web: Desk) -> None:
    made = await web.call("POST", "/api/v1/email-pulls", json=BODY)
    config_id = made.json["config_id"]
    _, stranger = await another_domain(web)
    path = f"/api/v1/email-pulls/{config_id}"
    assert (await web.call("GET", "/api/v1/email-pulls", stranger)).json["items"] == []
    for method, where in (
        ("PATCH", path),
        ("DELETE", path),
        ("POST", f"{path}/pull"),
        ("GET", f"{path}/emails"),
        ("POST", f"{path}/emails/{config_id}/retry"),
    ):
        assert (await web.call(method, where, stranger, json={})).status == 404
    tried = await web.call(
        "POST", "/api/v1/email-pulls/test", stranger, json={"config_id": config_id}
    )
    assert tried.status == 404
