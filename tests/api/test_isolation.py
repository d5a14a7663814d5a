"""Every endpoint shows another domain nothing, and a stranger less."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import aiohttp
import pytest

from frontdesk.kernel.ids import new_id
from pipeline.desk import ADA, WHATSAPP_NUMBER, Desk, another_domain

PUBLIC = {
    ("get", "/whatsapp/health"): "monitors have no token, and it shows no tenant's data",
    ("get", "/api/v1/sign-in-options"): "what the page for signing in offers",
    ("get", "/api/v1/invitation"): "who has the link has nothing else yet",
    ("post", "/api/v1/invitation"): "the same",
    ("post", "/api/v1/session"): "signing in",
    ("post", "/api/v1/session/link"): "signing in by a link",
    ("delete", "/api/v1/session"): "signing out, also of a session that is over",
}
"""Operations without a token, each with its reason."""

SECRET = "xyzzy-secret-of-the-first"
DAILY = {"every": "day", "at": "09:00", "timezone": "UTC"}


@dataclass
class Two:
    """A desk with a conversation full of secrets, and the token of another domain's owner."""

    desk: Desk
    schema: dict[str, Any]
    stranger: str
    names: dict[str, str]

    def operations(self) -> list[tuple[str, str, dict[str, Any]]]:
        return [
            (method, path, operation)
            for path, item in self.schema["paths"].items()
            for method, operation in item.items()
        ]

    def filled(self, path: str) -> str:
        for name, value in self.names.items():
            path = path.replace(f"{{{name}}}", value)
        assert "{" not in path, f"say what {path} is to be called with"
        return path

    def query(self, operation: dict[str, Any]) -> dict[str, str]:
        """What must be asked with, where the description has an example of it."""
        return {
            each["name"]: str(each["schema"]["examples"][0])
            for each in operation.get("parameters", ())
            if each["in"] == "query" and each["required"] and each["schema"].get("examples")
        }

    def body(self, operation: dict[str, Any]) -> Any:
        content = operation.get("requestBody", {}).get("content", {})
        if not content:
            return None
        [media] = content.values()
        return self._example(media["schema"])

    def _example(self, schema: dict[str, Any]) -> Any:
        while "$ref" in schema:
            schema = self.schema["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        if schema.get("examples"):
            return schema["examples"][0]
        if schema.get("anyOf"):
            return self._example(schema["anyOf"][0])
        if schema.get("type") == "object":
            required = set(schema.get("required", ()))
            return {
                name: self._example(each)
                for name, each in schema.get("properties", {}).items()
                if name in required or each.get("examples")
            }
        return "default"


@pytest.fixture
async def two(desk: Desk) -> Two:
    await desk.write(SECRET, profile_name=SECRET)
    await desk.replies(1)
    await desk.app.conversations.dead_letter(desk.domain.domain_id, "turn", SECRET)
    await desk.app.domains.update(desk.domain.domain_id, settings={"fallback_text": SECRET})
    await desk.app.channels.save_metadata(
        desk.domain.domain_id, {"note": SECRET, "twilio_whatsapp_number": WHATSAPP_NUMBER}
    )
    chat = str((await desk.conversation())["conversation_id"])
    form = aiohttp.FormData()
    form.add_field("file", SECRET.encode(), filename="note.txt")
    file = await desk.call("POST", f"/upload/conversation-media?chat_id={chat}", data=form)
    assert file.status == 200, file.text
    _, token = await another_domain(desk)
    schema = (await desk.call("GET", "/openapi.json")).json
    messages = await desk.messages()
    names = {
        "name": "default",
        "chat_id": chat,
        "message_id": str(messages[0]["message_id"]),
        "assistant_id": "default-assistant",
        "letter_id": str(new_id()),
        "email_id": str(new_id()),
        "channel_id": str(messages[0]["channel_id"]),
        "media_id": file.json["media_id"],
        "path": file.json["url"].partition("/conversation-media/")[2],
        **await _set_up(desk, messages[0]["conversation_id"]),
    }
    return Two(desk, schema, token, names)


async def _set_up(desk: Desk, conversation_id: UUID) -> dict[str, str]:
    """Something secret of each kind that a domain's people set up, by the name of its id."""
    contact = await desk.db.fetchval(
        "SELECT contact_id FROM conversations WHERE conversation_id = $1", conversation_id
    )
    names = {"contact_id": str(contact)}
    channel = str(await desk.db.fetchval("SELECT channel_id FROM channels WHERE kind = 'sms'"))
    bodies: dict[str, tuple[str, Any]] = {
        "label_id": ("labels", {"name": SECRET}),
        "team_id": ("teams", {"name": SECRET}),
        "canned_reply_id": ("canned-replies", {"shortcut": "secret", "content": SECRET}),
        "view_id": ("views", {"name": SECRET, "filters": {}, "shared": True}),
        "template_id": (
            "templates",
            {
                "channel_id": channel,
                "name": SECRET,
                "language": "en",
                "category": "utility",
                "body": SECRET,
            },
        ),
        "note_id": (f"contacts/{contact}/notes", {"content": SECRET}),
        "config_id": (
            "email-pulls",
            {
                "name": SECRET,
                "host": "127.0.0.1",
                "username": SECRET,
                "password": SECRET,
                "default_channel": "wmsg",
                "state": "stopped",
            },
        ),
        "segment_id": ("segments", {"name": SECRET}),
    }
    for name, (path, body) in bodies.items():
        made = await desk.call("POST", f"/api/v1/{path}", json=body)
        assert made.status == 201, made.text
        names[name] = made.json[name]
    campaign = {"channel": "sms", "instruction": SECRET}
    for name, path, more in (
        ("campaign_id", "campaigns", campaign),
        ("repeat_id", "repeats", {"plan": campaign, "rule": DAILY}),
    ):
        body = {"name": SECRET, "segment_id": names["segment_id"], **more}
        made = await desk.call("POST", f"/api/v1/{path}", json=body)
        assert made.status == 201, made.text
        names[name] = made.json[name]
    names["batch_id"] = names["campaign_id"]
    path = f"/api/v1/conversations/{conversation_id}/follow-ups"
    made = await desk.call("POST", path, json={"after_hours": 1, "content": SECRET})
    names["follow_up_id"] = made.json["follow_up_id"]
    call = {"phone_number": ADA, "channel": "sms", "instruction": SECRET, "name": SECRET}
    made = await desk.call("POST", "/start", json=call)
    names["call_id"] = made.json["call_id"]
    form = aiohttp.FormData()
    form.add_field("file", SECRET.encode(), filename="secret.md")
    made = await desk.call("POST", "/api/v1/documents", data=form)
    domain_id = desk.domain.domain_id
    token = await desk.db.fetchrow(
        "SELECT token_id, person_id FROM api_tokens WHERE domain_id = $1 AND purpose = 'api'",
        domain_id,
    )
    assert token is not None
    return {
        **names,
        "document_id": made.json["document_id"],
        "token_id": str(token["token_id"]),
        "session_id": str(token["token_id"]),
        "person_id": str(token["person_id"]),
    }


async def test_every_operation_needs_a_token(two: Two) -> None:
    for method, path, operation in two.operations():
        if (method, path) in PUBLIC:
            continue
        for token in (None, "made-up-token", ""):
            answer = await two.desk.call(
                method.upper(), two.filled(path), token, json=two.body(operation)
            )
            assert answer.status == 401, f"{method} {path} with the token {token!r}"
            assert answer.detail
            assert answer.headers["www-authenticate"] == "Bearer"
            assert SECRET not in answer.text


async def test_every_operation_shows_another_domains_owner_nothing(two: Two) -> None:
    before = await two.desk.db.fetchrow("SELECT * FROM domains WHERE name = 'default'")
    for method, path, operation in two.operations():
        if (method, path) in PUBLIC:
            continue
        asked = two.filled(path)
        needed = two.query(operation)
        queries: list[dict[str, str]] = [needed]
        if any(p["name"] == "domain" for p in operation.get("parameters", ())):
            queries.append({**needed, "domain": "default"})
        if any(p["name"] == "domain_name" for p in operation.get("parameters", ())):
            queries.append({**needed, "domain_name": "default"})
        if any(p["name"] == "phone_number" for p in operation.get("parameters", ())):
            queries.append({"phone_number": ADA})
        for query in queries:
            body = two.body(operation)
            if isinstance(body, dict) and "domain_name" in body:
                body["domain_name"] = "default"
            answer = await two.desk.call(
                method.upper(), asked, two.stranger, params=query, json=body
            )
            assert SECRET not in answer.text, f"{method} {asked} {query}"
            assert answer.status < 500, f"{method} {asked} {query}: {answer.text}"
            names_the_other = "{" in path or "default" in query.values()
            if names_the_other and not (path.endswith("{assistant_id}") and query == needed):
                assert answer.status in (403, 404), f"{method} {asked} {query}: {answer.status}"
    after = await two.desk.db.fetchrow("SELECT * FROM domains WHERE name = 'default'")
    assert after == before


async def test_ids_of_another_domain_are_told_from_ids_of_nobody_by_nothing(two: Two) -> None:
    for path, name in (
        ("/api/v1/conversations/{}/messages", "chat_id"),
        ("/api/v1/conversations/{}/media", "chat_id"),
        ("/api/v1/messages/{}/timeline", "message_id"),
        ("/api/v1/media/{}", "media_id"),
        ("/media/{}", "media_id"),
        ("/api/v1/channels/{}/limits", "channel_id"),
        ("/api/v1/channels/{}/setup", "channel_id"),
        ("/api/v1/contacts/{}", "contact_id"),
    ):
        known = two.names[name]
        unknown = str(new_id())
        mine = await two.desk.call("GET", path.format(known), two.stranger)
        none = await two.desk.call("GET", path.format(unknown), two.stranger)
        assert mine.status == none.status == 404
        assert mine.detail.replace(known, "") == none.detail.replace(unknown, "")


WRITES = {
    "viewer": {"GET"},
    "agent": {"GET", "VAC", "LETTERS"},
    "admin": {"GET", "VAC", "LETTERS", "PUT", "METADATA", "ASSISTANTS"},
    "owner": {"GET", "VAC", "LETTERS", "PUT", "METADATA", "ASSISTANTS", "DOMAINS"},
}
CALLS: dict[str, tuple[str, str, Any]] = {
    "GET": ("GET", "/api/v1/conversations", None),
    "VAC": ("POST", "/vac/assistant/echo", {"user_input": "Hello"}),
    "LETTERS": ("GET", "/api/v1/dead-letters", None),
    "PUT": ("PUT", "/api/v1/domains/default", {"display_name": "New"}),
    "METADATA": ("GET", "/api/v1/domains/default/metadata", None),
    "ASSISTANTS": (
        "POST",
        "/api/v1/assistants",
        {"assistant_id": "new", "name": "New", "model": "builtin:echo"},
    ),
    "DOMAINS": ("POST", "/api/v1/domains", {"name": "new"}),
}


@pytest.mark.parametrize("role", WRITES)
async def test_a_role_may_do_what_is_written_for_it_and_no_more(web: Desk, role: str) -> None:
    domain_id = web.domain.domain_id
    await web.app.domains.add_person(domain_id, f"{role}@example.com", role, role)
    token = await web.app.domains.issue_token(domain_id, f"{role}@example.com", "tests")
    for name, (method, path, body) in CALLS.items():
        answer = await web.call(method, path, token, json=body)
        if name in WRITES[role]:
            assert answer.status in (200, 201), f"{role} {name}: {answer.text}"
        else:
            assert answer.status == 403, f"{role} {name}: {answer.status}"
            assert role in answer.detail


async def test_a_token_dies_with_its_person_and_when_it_is_revoked(web: Desk) -> None:
    domains, domain_id = web.app.domains, web.domain.domain_id
    await domains.add_person(domain_id, "bob@example.com", "Bob", "agent")
    first = await domains.issue_token(domain_id, "bob@example.com", "first")
    second = await domains.issue_token(domain_id, "bob@example.com", "second")
    [row] = [row for row in await domains.tokens(domain_id) if row["name"] == "first"]
    await domains.revoke_token(domain_id, row["token_id"])
    assert (await web.call("GET", "/api/v1/domains", first)).status == 401
    assert (await web.call("GET", "/api/v1/domains", second)).status == 200
    await domains.remove_person(domain_id, "bob@example.com")
    assert (await web.call("GET", "/api/v1/domains", second)).status == 401


async def test_tokens_are_kept_as_hashes(web: Desk, dsn: str) -> None:
    domain_id = web.domain.domain_id
    await web.app.domains.add_person(domain_id, "bob@example.com", "Bob", "agent")
    token = await web.app.domains.issue_token(domain_id, "bob@example.com", "x")
    rows = await web.db.fetch("SELECT t::text AS text FROM api_tokens t")
    assert not any(token in row["text"] for row in rows)
