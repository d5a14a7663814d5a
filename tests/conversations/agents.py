"""People of a desk, each with a token, and what they do over HTTP."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from frontdesk.domains.model import Role
from pipeline.desk import ADA, OWNER_TOKEN, Answer, Desk


@dataclass
class Agent:
    """One of the domain's people."""

    desk: Desk
    person_id: str
    token: str

    async def get(self, path: str, **params: Any) -> Any:
        wanted = {name: str(value).lower() if value in (True, False) else str(value)
                  for name, value in params.items()}  # fmt: skip
        answer = await self.desk.call("GET", f"/api/v1{path}", self.token, params=wanted)
        assert answer.status == 200, answer.text
        return answer.json

    async def try_to(self, method: str, path: str, body: Any = None, **more: Any) -> Answer:
        return await self.desk.call(method, f"/api/v1{path}", self.token, json=body, **more)

    async def do(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        answer = await self.try_to(method, path, body, **more)
        assert answer.status < 300, answer.text
        return answer.json

    async def change(self, chat: str, **change: Any) -> dict[str, Any]:
        return await self.do("PATCH", f"/conversations/{chat}", change)

    async def listed(self, **filters: Any) -> list[str]:
        """The numbers of the customers in a list."""
        page = await self.get("/conversations", **filters)
        return [item["phone_number"] for item in page["items"]]

    async def conversation(self, chat: str) -> dict[str, Any]:
        return await self.get(f"/conversations/{chat}")

    async def thread(self, chat: str, **part: Any) -> dict[str, Any]:
        return await self.get(f"/conversations/{chat}/messages", **part)

    async def events(self, chat: str) -> list[dict[str, Any]]:
        """What the thread tells of changes, without who made them."""
        items = (await self.thread(chat))["items"]
        told = [item["structured"] for item in items if item["kind"] == "event"]
        return [{name: each[name] for name in each if name != "by"} for each in told]

    async def answer(self, chat: str, content: str, **more: Any) -> Answer:
        body = {"content": content, **more}
        path = f"/chat/{chat}/manual-response"
        return await self.desk.call("POST", path, self.token, json=body)


async def hire(desk: Desk, name: str, role: Role = "agent") -> Agent:
    email = f"{name.lower()}@example.com"
    domain_id = desk.domain.domain_id
    person = await desk.app.domains.add_person(domain_id, email, name, role)
    token = await desk.app.domains.issue_token(domain_id, email, "tests")
    return Agent(desk, str(person.person_id), token)


async def owner(desk: Desk) -> Agent:
    person_id: UUID | None = await desk.db.fetchval(
        "SELECT person_id FROM people WHERE domain_id = $1 AND role = 'owner'",
        desk.domain.domain_id,
    )
    return Agent(desk, str(person_id), OWNER_TOKEN)


async def chat_with(desk: Desk, address: str = ADA) -> str:
    return str((await desk.conversation(address))["conversation_id"])
