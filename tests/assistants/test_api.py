"""The registry and the /vac contract over HTTP."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import httpx2
import orjson
import pytest
from fastapi import FastAPI

from assistants.servers import Scripted, completes, responds
from frontdesk.assistants.api import router
from frontdesk.assistants.service import AssistantService
from frontdesk.domains.model import Domain
from frontdesk.domains.service import DomainService
from frontdesk.settings import Settings
from frontdesk.web import errors

EXPERT: dict[str, Any] = {
    "assistant_id": "python-expert",
    "name": "Python Expert",
    "description": "Knows Python.",
    "model": "builtin:echo",
    "instructions": "Be brief.",
    "language": "en",
}


@dataclass
class Desk:
    """The API as the owner of a domain sees it, and as its agent and viewer do."""

    http: httpx2.AsyncClient
    tokens: dict[str, str]
    domain: Domain

    async def __call__(
        self, method: str, path: str, body: Any = None, *, role: str = "owner"
    ) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self.tokens[role]}"} if role else {}
        return await self.http.request(method, path, json=body, headers=headers)


@pytest.fixture
async def desk(
    domains: DomainService,
    service: AssistantService,
    domain: Domain,
    other_domain: Domain,
    settings: Callable[..., Settings],
) -> AsyncIterator[Desk]:
    tokens: dict[str, str] = {}
    for role in ("owner", "admin", "agent", "viewer"):
        await domains.add_person(domain.domain_id, f"{role}@example.com", role, role)
        tokens[role] = await domains.issue_token(domain.domain_id, f"{role}@example.com", "t")
    await domains.add_person(other_domain.domain_id, "eve@example.com", "Eve", "owner")
    tokens["stranger"] = await domains.issue_token(other_domain.domain_id, "eve@example.com", "t")
    app = FastAPI()
    app.include_router(router)
    errors.install(app)
    app.state.domains, app.state.assistants, app.state.settings = domains, service, settings()
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://desk") as http:
        yield Desk(http, tokens, domain)


async def test_an_assistant_is_made_listed_changed_and_removed(desk: Desk):
    made = await desk("POST", "/api/v1/assistants", {**EXPERT, "domain_name": desk.domain.name})
    assert made.status_code == 201
    shown = made.json()
    assert {name: shown[name] for name in EXPERT} == EXPERT
    assert shown["domain_name"] == desk.domain.name
    assert shown["is_default"] is True
    second = {**EXPERT, "assistant_id": "echo", "name": "Echo"}
    assert (await desk("POST", "/api/v1/assistants", second)).status_code == 201
    listed = (await desk("GET", f"/api/v1/assistants?domain={desk.domain.name}")).json()
    assert [item["assistant_id"] for item in listed["items"]] == ["python-expert", "echo"]
    changed = await desk("PATCH", "/api/v1/assistants/echo", {"name": "Parrot"})
    assert changed.json()["name"] == "Parrot"
    assert changed.json()["description"] == "Knows Python."
    assert (await desk("GET", "/api/v1/assistants/echo")).json() == changed.json()
    assert (await desk("DELETE", "/api/v1/assistants/echo")).status_code == 204
    assert (await desk("GET", "/api/v1/assistants/echo")).status_code == 404


async def test_the_default_assistant_cannot_be_removed(desk: Desk):
    await desk("POST", "/api/v1/assistants", EXPERT)
    refused = await desk("DELETE", "/api/v1/assistants/python-expert")
    assert refused.status_code == 409
    assert "default" in refused.json()["detail"]


async def test_an_id_is_taken_once(desk: Desk):
    await desk("POST", "/api/v1/assistants", EXPERT)
    again = await desk("POST", "/api/v1/assistants", EXPERT)
    assert again.status_code == 409
    assert "'python-expert' exists already" in again.json()["detail"]


async def test_an_api_key_goes_in_and_never_comes_out(desk: Desk, service: AssistantService):
    key = "sk-very-secret"
    body = {**EXPERT, "model": "openai:small", "api_key": key}
    made = await desk("POST", "/api/v1/assistants", body)
    assert made.json()["has_api_key"] is True
    everything = made.text + (await desk("GET", "/api/v1/assistants")).text
    everything += (await desk("GET", "/api/v1/assistants/python-expert")).text
    assert key not in everything
    stored = await service.get(desk.domain.domain_id, "python-expert")
    assert stored.sealed_key is not None
    assert key.encode() not in stored.sealed_key
    assert key not in repr(stored)
    for wrong in ({"api_key": [key]}, {"apikey": key}):
        refused = await desk("PATCH", "/api/v1/assistants/python-expert", wrong)
        assert refused.status_code == 422
        assert key not in refused.text


async def test_a_stored_key_does_not_follow_to_another_server(desk: Desk):
    body = {**EXPERT, "model": "openai:small", "api_key": "sk-very-secret"}
    await desk("POST", "/api/v1/assistants", body)
    path = "/api/v1/assistants/python-expert"
    elsewhere = {"base_url": "https://attacker.example/v1"}
    refused = await desk("PATCH", path, elsewhere)
    assert refused.status_code == 422
    assert "another server" in refused.json()["detail"]
    assert (await desk("PATCH", path, {**elsewhere, "api_key": "new"})).status_code == 200
    assert (await desk("PATCH", path, {"model": "openai:large"})).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"assistant_id": "Big Letters"}, "lower-case letters"),
        ({"assistant_id": "-x"}, "starting with a letter or digit"),
        ({"assistant_id": "x" * 65}, "1 to 64"),
        ({"model": "gpt"}, "builtin:knowledge, builtin:echo"),
        ({"model": "builtin:magic"}, "builtin:knowledge, builtin:echo"),
        ({"model": "nobody:gpt"}, "openai"),
        ({"model": "remote:ftp://x"}, "remote:<URL>"),
        ({"model": "remote:http://10.0.0.1/vac"}, "not a public address"),
        ({"model": "remote:http://[::ffff:10.0.0.1]/vac"}, "not a public address"),
        ({"model": "remote:https://user:pw@example.com/"}, "user name or password"),
        ({"model": "openai:small"}, "OPENAI_API_KEY"),
        ({"model": "ollama:llama"}, "needs base_url"),
        ({"model": "deepseek:chat", "base_url": "https://x.example"}, "openai:chat"),
        ({"model": "openai:s", "base_url": "http://192.168.1.1/v1"}, "not a public address"),
        ({"language": "klingon"}, "ISO 639-1"),
        ({"name": " "}, "name has 0 characters; use 1 to 100"),
        ({"name": "x" * 101}, "101"),
        ({"options": {"retries": 99}}, "options.retries is 99"),
        ({"options": {"retries": True}}, "options.retries is True"),
        ({"options": {"colour": 1}}, "options has 'colour'"),
        ({"options": {"documents": "a"}}, "options.documents"),
        ({"instruction": "typo"}, "unknown field 'instruction'"),
    ],
)
async def test_a_wrong_value_is_refused_with_what_is_allowed(
    desk: Desk, wrong: dict[str, Any], told: str
):
    refused = await desk("POST", "/api/v1/assistants", {**EXPERT, **wrong})
    assert refused.status_code == 422
    assert told in refused.json()["detail"]


async def test_viewers_read_and_only_admins_write(desk: Desk):
    for role in ("viewer", "agent"):
        assert (await desk("POST", "/api/v1/assistants", EXPERT, role=role)).status_code == 403
    assert (await desk("POST", "/api/v1/assistants", EXPERT, role="admin")).status_code == 201
    assert (await desk("GET", "/api/v1/assistants", role="viewer")).status_code == 200
    path = "/api/v1/assistants/python-expert"
    assert (await desk("PATCH", path, {"name": "x"}, role="agent")).status_code == 403
    assert (await desk("DELETE", path, role="agent")).status_code == 403
    assert (await desk("GET", path, role="")).status_code == 401


async def test_another_domain_sees_changes_and_asks_nothing(desk: Desk):
    await desk("POST", "/api/v1/assistants", EXPERT)
    path = "/api/v1/assistants/python-expert"
    assert (await desk("GET", "/api/v1/assistants", role="stranger")).json()["items"] == []
    assert (await desk("GET", path, role="stranger")).status_code == 404
    assert (await desk("PATCH", path, {"name": "x"}, role="stranger")).status_code == 404
    assert (await desk("DELETE", path, role="stranger")).status_code == 404
    vac = "/vac/assistant/python-expert"
    assert (await desk("POST", vac, {"user_input": "x"}, role="stranger")).status_code == 404
    named = f"?domain_name={desk.domain.name}"
    assert (await desk("GET", path + named, role="stranger")).status_code == 404


async def test_vac_answers_to_the_letter(desk: Desk):
    await desk("POST", "/api/v1/assistants", EXPERT)
    reply = await desk(
        "POST",
        "/vac/assistant/python-expert",
        {
            "user_input": "Hello",
            "chat_history": [{"name": "Human", "content": "a"}, {"name": "AI", "content": "b"}],
            "user": {"email": "ana@example.com"},
            "session_id": "s-1",
            "stream": False,
        },
    )
    assert reply.status_code == 200
    body = reply.json()
    trace_id = body["metadata"].pop("trace_id")
    assert trace_id
    assert body == {
        "answer": "Hello",
        "metadata": {"assistant_id": "python-expert", "session_id": "s-1", "source": "api"},
    }


def events(text: str) -> list[tuple[str, Any]]:
    read: list[tuple[str, Any]] = []
    for block in text.strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        read.append((fields.get("event", "message"), orjson.loads(fields["data"])))
    return read


async def test_vac_streams_chunks_then_the_metadata(desk: Desk, web: Scripted):
    web.will(completes("Bread is ready\n\nnow."))
    body = {**EXPERT, "model": "openai:small", "base_url": f"{web.url}/v1"}
    await desk("POST", "/api/v1/assistants", body)
    ask = {"user_input": "Hello", "session_id": "s-1", "stream": True}
    reply = await desk("POST", "/vac/assistant/python-expert", ask)
    assert reply.headers["content-type"].startswith("text/event-stream")
    *chunks, (last, end) = events(reply.text)
    assert len(chunks) > 2
    assert "".join(chunk for _, chunk in chunks) == "Bread is ready\n\nnow."
    assert last == "done"
    assert set(end["metadata"]) == {"assistant_id", "session_id", "trace_id", "source"}


async def test_vac_tells_a_failure_with_its_reason_and_without_the_key(desk: Desk, web: Scripted):
    key = "sk-very-secret"
    body = {**EXPERT, "model": "openai:small", "base_url": f"{web.url}/v1", "api_key": key}
    await desk("POST", "/api/v1/assistants", body)
    web.will(responds(401, {"error": {"message": f"bad {key}"}}))
    for stream in (False, True):
        ask = {"user_input": "Hello", "stream": stream}
        reply = await desk("POST", "/vac/assistant/python-expert", ask)
        assert reply.status_code == 503
        assert "refused the API key" in reply.json()["detail"]
        assert key not in reply.text


async def test_vac_tells_a_stream_that_broke(desk: Desk, web: Scripted):
    web.will(completes("one two three four", cut_after=4))
    body = {**EXPERT, "model": "openai:small", "base_url": f"{web.url}/v1"}
    await desk("POST", "/api/v1/assistants", body)
    ask = {"user_input": "Hello", "stream": True}
    reply = await desk("POST", "/vac/assistant/python-expert", ask)
    assert reply.status_code == 200
    name, end = events(reply.text)[-1]
    assert name == "error"
    assert end["detail"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"user_input": ""},
        {"user_input": "  \n"},
        {"user_input": 7},
        {"user_input": "x" * 32_001},
        {"user_input": "x", "chat_history": [{"name": "System", "content": "x"}]},
        {"user_input": "x", "chat_history": "no"},
        {"user_input": "x", "stream": "perhaps"},
    ],
)
async def test_vac_refuses_bodies_that_are_not_the_contract(desk: Desk, body: Any):
    await desk("POST", "/api/v1/assistants", EXPERT)
    refused = await desk("POST", "/vac/assistant/python-expert", body)
    assert refused.status_code == 422
    assert "body." in refused.json()["detail"]


async def test_vac_knows_no_such_assistant_and_no_viewer(desk: Desk):
    await desk("POST", "/api/v1/assistants", EXPERT)
    ask = {"user_input": "x"}
    for stream in (False, True):
        missing = await desk("POST", "/vac/assistant/nobody", {**ask, "stream": stream})
        assert missing.status_code == 404
        assert "'nobody'" in missing.json()["detail"]
    vac = "/vac/assistant/python-expert"
    assert (await desk("POST", vac, ask, role="viewer")).status_code == 403
    assert (await desk("POST", vac, ask, role="")).status_code == 401


async def test_a_frontdesk_can_be_another_frontdesks_remote_assistant(
    desk: Desk, web: Scripted, service: AssistantService
):
    """What /vac returns is what remote: expects."""
    await desk("POST", "/api/v1/assistants", EXPERT)
    reply = (await desk("POST", "/vac/assistant/python-expert", {"user_input": "Hi"})).json()
    web.will(responds(200, reply))
    far = {**EXPERT, "assistant_id": "far", "model": f"remote:{web.url}/vac/assistant/x"}
    await desk("POST", "/api/v1/assistants", far)
    answer = (await desk("POST", "/vac/assistant/far", {"user_input": "Hi"})).json()
    assert answer["answer"] == "Hi"
