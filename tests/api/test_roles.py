"""Every route of the application says which role it needs, and holds to it."""

import re
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import aiohttp
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from api.least_roles import ANYBODY, LEAST
from domains.browser import Browser, link
from frontdesk.app.http import web_app
from frontdesk.app.wiring import App
from frontdesk.domains.model import ROLES
from frontdesk.kernel.ids import new_id
from pipeline.desk import OWNER_TOKEN, Desk

pytestmark = pytest.mark.timeout(240)

ENDS_SESSIONS = {"DELETE /api/v1/sessions", "DELETE /api/v1/me/sessions/{}"}
BODIES: dict[str, dict[str, Any]] = {
    "POST /start": {"domain_name": "default"},
    "POST /api/v1/conversations/bulk": {"change": {"priority": "high"}},
}
"""What a body needs beyond the description's examples to be a valid one."""
EMPTY_FORM = {"Content-Type": "multipart/form-data; boundary=x"}


def generic(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)


def routes(api: FastAPI) -> Iterator[tuple[str, str]]:
    """Method and path of everything that the application answers, mounted parts aside."""
    for context in iter_route_contexts(api.routes):
        if isinstance(context.original_route, APIRoute):
            for method in sorted(context.methods or ()):
                yield method, context.path_format or ""


@dataclass
class Site:
    """A desk with something in every path's place, and who calls it."""

    desk: Desk
    table: list[tuple[str, str]]
    operations: dict[tuple[str, str], dict[str, Any]]
    schemas: dict[str, Any]
    names: dict[str, str]

    def filled(self, path: str) -> str:
        for name, value in self.names.items():
            path = path.replace(f"{{{name}}}", value)
        assert "{" not in path, f"say in `names` what {path} is to be called with"
        return path

    def request(self, method: str, path: str) -> dict[str, Any]:
        """The query and body that make a call a valid one."""
        operation = self.operations.get((method, path), {})
        query = {
            each["name"]: self.names.get(each["name"]) or str(self.example(each["schema"]))
            for each in operation.get("parameters", ())
            if each["in"] == "query" and each.get("required")
        }
        content = operation.get("requestBody", {}).get("content", {})
        if "multipart/form-data" in content:
            return {"params": query, "data": b"--x--\r\n", "headers": EMPTY_FORM}
        body = self.example(content["application/json"]["schema"]) if content else None
        if isinstance(body, dict):
            body = {**body, **BODIES.get(f"{method} {path}", {})}
        return {"params": query, "json": body}

    def example(self, schema: dict[str, Any]) -> Any:
        while "$ref" in schema:
            schema = self.schemas[schema["$ref"].rpartition("/")[2]]
        if schema.get("examples"):
            return schema["examples"][0]
        if "enum" in schema:
            return schema["enum"][0]
        if "anyOf" in schema:
            return self.example(schema["anyOf"][0])
        match schema.get("type"):
            case "object":
                required = set(schema.get("required", ()))
                fields = schema.get("properties", {}).items()
                return {
                    name: self.known(name) or self.example(each)
                    for name, each in fields
                    if name in required
                }
            case "array":
                return []
            case "boolean":
                return False
            case "integer":
                return 1
            case _:
                return str(new_id()) if schema.get("format") == "uuid" else "default"

    def known(self, field: str) -> Any:
        """What a field of ids is to name, so that it names something that is there."""
        if field.endswith("_ids"):
            one = self.names.get(field.removesuffix("s"))
            return one and [one]
        return self.names.get(field) if field.endswith("_id") else None

    async def call(self, method: str, path: str, browser: Browser | None) -> tuple[int, str]:
        """The status and the beginning of the answer: a live stream has no end."""
        more = self.request(method, path)
        headers = {"Origin": self.desk.url, **more.pop("headers", {})}
        if browser is not None:
            headers["Cookie"] = f"frontdesk_session={browser.session}"
        url = self.desk.url + self.filled(path)
        async with self.desk.http.request(
            method, url, headers=headers, allow_redirects=False, **more
        ) as answer:
            return answer.status, (await answer.content.read(2_000)).decode(errors="replace")

    async def browser(self, role: str) -> Browser:
        browser = Browser(self.desk)
        answer = await browser.spend(await link(self.desk, f"{role}@example.com"))
        assert answer.status == 200, answer.text
        return browser


def table_of(app: App) -> list[tuple[str, str]]:
    inner = web_app(app).inner
    assert isinstance(inner, FastAPI)
    return list(routes(inner))


async def made(
    desk: Desk, path: str, made_id: str, token: str | None = None, **body: Any
) -> dict[str, str]:
    """The id of something new."""
    answer = await desk.call("POST", path, token or OWNER_TOKEN, json=body)
    assert answer.status == 201, f"{path}: {answer.text}"
    return {made_id: str(answer.json[made_id])}


async def text_channel(desk: Desk) -> str:
    return str(await desk.db.fetchval("SELECT channel_id FROM channels WHERE kind = 'sms'"))


async def document(desk: Desk) -> str:
    form = aiohttp.FormData()
    form.add_field("file", b"Opening hours: 9 to 17", filename="hours.txt")
    answer = await desk.call("POST", "/api/v1/documents", data=form)
    assert answer.status in (200, 201), answer.text
    listed = (await desk.call("GET", "/api/v1/documents")).json["items"]
    return listed[0]["document_id"]


@pytest.fixture
async def site(desk: Desk) -> AsyncGenerator[Site]:
    await desk.write("Hello", profile_name="Ada")
    await desk.replies(1)
    await desk.http.close()
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        desk.http = http
        yield await filled_site(desk)


async def filled_site(desk: Desk) -> Site:
    domain_id: UUID = desk.domain.domain_id
    for role in (*ROLES, "spare"):
        known = "agent" if role == "spare" else role
        await desk.app.domains.add_person(domain_id, f"{role}@example.com", role, known)
    agent = await desk.app.domains.issue_token(domain_id, "agent@example.com", "tests")
    conversation, messages = await desk.conversation(), await desk.messages()
    chat = str(conversation["conversation_id"])
    form = aiohttp.FormData()
    form.add_field("file", b"Opening hours: 9 to 17", filename="hours.txt")
    file = await desk.call("POST", f"/upload/conversation-media?chat_id={chat}", data=form)
    people = (await desk.call("GET", "/api/v1/people")).json["items"]
    schema = (await desk.call("GET", "/openapi.json")).json
    contact = str(conversation["contact_id"])
    names = {
        "name": "default",
        "domain": "default",
        "chat_id": chat,
        "contact_id": contact,
        "message_id": str(messages[-1]["message_id"]),
        "channel_id": str(conversation["channel_id"]),
        "assistant_id": "echo",
        "media_id": file.json["media_id"],
        "path": file.json["url"].partition("/conversation-media/")[2],
        "person_id": next(p["person_id"] for p in people if p["name"] == "spare"),
        "session_id": str(new_id()),
        "document_id": await document(desk),
        **await made(desk, "/api/v1/tokens", "token_id", agent, name="spare"),
        **await made(desk, "/api/v1/labels", "label_id", name="spare", color="red"),
        **await made(
            desk, "/api/v1/templates", "template_id", channel_id=await text_channel(desk),
            name="spare", language="en", category="utility", body="Hello",
        ),
        **await made(desk, "/api/v1/teams", "team_id", name="spare", member_ids=[]),
        **await made(desk, "/api/v1/segments", "segment_id", agent, name="spare", kind="list"),
        **await made(
            desk, "/api/v1/canned-replies", "canned_reply_id",
            shortcut="spare", title="Spare", content="Hello", media_ids=[],
        ),
        **await made(
            desk, "/api/v1/views", "view_id", agent, name="spare", filters={}, shared=True
        ),
        **await made(desk, f"/api/v1/contacts/{contact}/notes", "note_id", agent, content="Spare"),
        "email_id": str(new_id()),
        **await made(
            desk, "/api/v1/email-pulls", "config_id", name="spare", host="127.0.0.1",
            port=9, username="spare", password="spare", default_channel="wmsg", state="stopped",
        ),
    }  # fmt: skip
    segment = names["segment_id"]
    campaign = {"channel": "sms", "instruction": "Say hello"}
    names |= await made(
        desk, "/api/v1/campaigns", "campaign_id", name="spare", segment_id=segment, **campaign
    )
    names |= await made(
        desk, "/api/v1/repeats", "repeat_id", name="spare", segment_id=segment, plan=campaign,
        rule={"every": "day", "at": "09:00", "timezone": "UTC"},
    )  # fmt: skip
    names["batch_id"] = names["campaign_id"]
    call = {"phone_number": "+14155550199", "channel": "sms", "instruction": "Say hello"}
    started = await desk.call("POST", "/start", json=call)
    names["call_id"] = started.json["call_id"]
    follow_up = {"after_hours": 1, "content": "Still there?"}
    path = f"/api/v1/conversations/{chat}/follow-ups"
    names |= await made(desk, path, "follow_up_id", agent, **follow_up)
    operations = {
        (method.upper(), path): operation
        for path, item in schema["paths"].items()
        for method, operation in item.items()
    }
    table = table_of(desk.app)
    return Site(desk, table, operations, schema["components"]["schemas"], names)


async def test_every_route_has_its_least_role_written_down(app: App) -> None:
    found = {f"{method} {generic(path)}" for method, path in table_of(app)}
    assert found - set(LEAST) == set(), "write down in LEAST which role these routes need"


async def test_nothing_is_written_down_that_is_not_there(app: App) -> None:
    found = {f"{method} {generic(path)}" for method, path in table_of(app)}
    assert set(LEAST) - found == set()


async def test_who_is_not_signed_in_gets_in_nowhere_else(site: Site) -> None:
    wrong: list[str] = []
    for method, path in site.table:
        name = f"{method} {generic(path)}"
        if LEAST.get(name) == ANYBODY:
            continue
        status, _ = await site.call(method, path, None)
        if status != 401:
            wrong.append(f"{name}: {status}")
    assert not wrong, "\n".join(wrong)


async def test_the_next_lower_role_is_refused_and_the_least_one_is_not(site: Site) -> None:
    """Refusals first: what is allowed may take away what the next call is about."""
    wrong: list[str] = []
    browsers = {role: await site.browser(role) for role in ROLES}
    for method, path in site.table:
        name = f"{method} {generic(path)}"
        least = LEAST.get(name, ANYBODY)
        if least in (ANYBODY, "viewer"):
            continue
        lower = ROLES[ROLES.index(least) + 1]
        status, text = await site.call(method, path, browsers[lower])
        if status != 403 or f"is {lower}" not in text:
            wrong.append(f"{name} as {lower}: {status} {text[:200]}")
    for method, path in site.table:
        name = f"{method} {generic(path)}"
        least = LEAST.get(name, ANYBODY)
        if least == ANYBODY:
            continue
        browser = await site.browser(least) if name in ENDS_SESSIONS else browsers[least]
        status, text = await site.call(method, path, browser)
        if status in (401, 403) or status >= 500:
            wrong.append(f"{name} as {least}: {status} {text[:200]}")
        if name in ENDS_SESSIONS:
            browsers[least] = await site.browser(least)
    assert not wrong, "\n".join(wrong)
