"""People of a desk's domain, each with a token."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pipeline.desk import Answer, Desk


@dataclass(frozen=True)
class Colleague:
    """A person who calls the API."""

    desk: Desk
    person_id: UUID
    name: str
    token: str

    async def call(self, method: str, path: str, status: int = 200, **more: Any) -> Any:
        """The answer's JSON, which must have the status."""
        answer: Answer = await self.desk.call(method, path, self.token, **more)
        assert answer.status == status, f"{method} {path}: {answer.status} {answer.text}"
        return answer.json

    async def refused(self, method: str, path: str, status: int, **more: Any) -> str:
        """The words in which it is refused."""
        return (await self.call(method, path, status, **more))["detail"]


async def colleague(desk: Desk, role: str, name: str = "") -> Colleague:
    domain_id, name = desk.domain.domain_id, name or role.title()
    email = f"{name.lower()}@example.com"
    person = await desk.app.domains.add_person(domain_id, email, name, role)
    token = await desk.app.domains.issue_token(domain_id, email, "tests")
    return Colleague(desk, person.person_id, name, token)


async def audited(desk: Desk, action: str) -> list[Any]:
    """The entries of the audit log of one action, with who did it."""
    return await desk.db.fetch(
        "SELECT a.target, a.detail, p.name FROM audit_log a"
        " LEFT JOIN people p USING (domain_id, person_id) WHERE a.action = $1 ORDER BY a.entry_id",
        action,
    )
