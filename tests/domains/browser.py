"""A browser, as far as signing in goes, and people who may use one."""

from http.cookies import SimpleCookie
from typing import Any
from uuid import UUID

from frontdesk.domains.model import Person
from pipeline.desk import Answer, Desk

COOKIE = "frontdesk_session"
PASSWORD = "orbit lamp cactus violin"
ANA = "ana@example.com"


class Browser:
    """Calls a desk as a browser does: it keeps cookies, sends an Origin, follows nothing."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.cookies: dict[str, str] = {}

    @property
    def session(self) -> str:
        return self.cookies[COOKIE]

    async def call(self, method: str, path: str, **more: Any) -> Answer:
        headers: dict[str, str] = {"Origin": self.desk.url, **more.pop("headers", {})}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        url = self.desk.url + path
        more = {"allow_redirects": False, "headers": headers, **more}
        async with self.desk.http.request(method, url, **more) as got:
            text = await got.text(errors="replace")
            plain = {name.lower(): value for name, value in got.headers.items()}
            if "Set-Cookie" in got.headers:
                plain["set-cookie"] = "\n".join(got.headers.getall("Set-Cookie"))
            is_json = got.content_type == "application/json" and bool(text)
            answer = Answer(got.status, plain, text, await got.json() if is_json else None)
        for name, given in answer_cookies(answer).items():
            if given.value:
                self.cookies[name] = given.value
            else:
                self.cookies.pop(name, None)
        return answer

    async def spend(self, token: str, **more: Any) -> Answer:
        return await self.call("POST", "/api/v1/session/link", json={"token": token}, **more)

    async def sign_in(self, email: str, password: str = PASSWORD, **more: Any) -> Answer:
        body = {"email": email, "password": password, **more}
        return await self.call("POST", "/api/v1/session", json=body)

    async def accept(self, token: str, password: str = PASSWORD, name: str = "") -> Answer:
        body = {"token": token, "name": name, "password": password}
        return await self.call("POST", "/api/v1/invitation", json=body)

    async def me(self) -> Answer:
        return await self.call("GET", "/api/v1/me")


def answer_cookies(answer: Answer) -> dict[str, Any]:
    """Every cookie that an answer sets, by its name."""
    found: dict[str, Any] = {}
    for line in answer.headers.get("set-cookie", "").splitlines():
        found.update(SimpleCookie(line))
    return found


def cookie(answer: Answer, name: str = COOKIE) -> Any:
    return answer_cookies(answer)[name]


def token_of(url: str) -> str:
    return url.partition("token=")[2]


async def link(desk: Desk, email: str = ANA) -> str:
    return await desk.app.domains.sign_in_link_token(desk.domain.domain_id, email)


async def member(
    desk: Desk, email: str, role: str = "agent", domain_id: UUID | None = None
) -> Person:
    name = email.partition("@")[0].title()
    return await desk.app.domains.add_person(domain_id or desk.domain.domain_id, email, name, role)


async def signed_in(desk: Desk, email: str = ANA) -> Browser:
    """A browser of a member, signed in with a link."""
    browser = Browser(desk)
    answer = await browser.spend(await link(desk, email))
    assert answer.status == 200, answer.text
    return browser


async def with_password(
    desk: Desk, email: str, password: str = PASSWORD, role: str = "agent"
) -> Browser:
    """A new member's browser, signed in by the invitation that set the password."""
    made = await desk.call("POST", "/api/v1/people", json={"email": email, "role": role})
    assert made.status == 201, made.text
    browser = Browser(desk)
    answer = await browser.accept(token_of(made.json["invitation_url"]), password, "Somebody")
    assert answer.status == 200, answer.text
    return browser
