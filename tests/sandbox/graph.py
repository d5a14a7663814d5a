"""A program that speaks to Meta's Graph API as its documentation has it, and a desk of Meta's."""

import hashlib
import hmac
import json
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import requests

from frontdesk.kernel.clock import Clock, utc_now
from frontdesk.sandbox.app import BusinessNumber, GraphAccount, SandboxConfig
from sandbox import servers
from sandbox.servers import ADA, Business, Heard, Sandbox

WABA = "102290129340398"
PHONE_ID = "106540352242922"
ACCESS_TOKEN = "access-token-of-the-app"
APP_SECRET = "secret-of-the-app"
NUMBER = "+16505551111"
META = f"whatsapp:{NUMBER}"
VERSION = "v23.0"

OWNED = BusinessNumber(META, "Corner Bakery", WABA, phone_number_id=PHONE_ID)
ACCOUNT = GraphAccount(WABA, ACCESS_TOKEN, APP_SECRET)


@dataclass
class Graph:
    """The Graph API of a sandbox, its phone, and what its business hears."""

    sandbox: Sandbox
    business: Business
    token: str = ACCESS_TOKEN

    def call(
        self, method: str, path: str, *, fault: str = "", timeout: float = 10, **more: Any
    ) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        if fault:
            headers["X-Sandbox-Fault"] = fault
        url = path if path.startswith("http") else f"{self.sandbox.url}/{VERSION}/{path}"
        return requests.request(method, url, headers=headers, timeout=timeout, **more)

    def get(self, path: str, **query: Any) -> Any:
        answer = self.call("GET", path, params=query)
        assert answer.ok, answer.text
        return answer.json()

    def refusal(self, method: str, path: str, **more: Any) -> tuple[int, int, str]:
        """HTTP status, Meta's code, and the details."""
        answer = self.call(method, path, **more)
        error = answer.json()["error"]
        assert error["type"] == "OAuthException"
        assert error["fbtrace_id"]
        return answer.status_code, error["code"], error["error_data"]["details"]

    def message(self, kind: str, content: Any, to: str = ADA, **more: Any) -> dict[str, Any]:
        return {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": to.removeprefix("+"),
            "type": kind,
            kind: content,
            **more,
        }

    def post(self, body: Any, **more: Any) -> requests.Response:
        return self.call("POST", f"{PHONE_ID}/messages", json=body, **more)

    def send(self, kind: str, content: Any, **more: Any) -> str:
        """Sends a message; Meta's id of it."""
        answer = self.post(self.message(kind, content, **more))
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert told["messaging_product"] == "whatsapp"
        return told["messages"][0]["id"]

    def text(self, body: str, **more: Any) -> str:
        return self.send("text", {"preview_url": False, "body": body}, **more)

    def values(self, field: str = "messages") -> list[dict[str, Any]]:
        """What the business heard, once its signatures have been checked."""
        return [value for heard in self.business.heard for value in opened(heard, field)]

    def statuses(self, wamid: str) -> list[dict[str, Any]]:
        found = [status for value in self.values() for status in value.get("statuses", [])]
        return [status for status in found if status["id"] == wamid]

    def told(self) -> dict[str, Any]:
        """The last message of a customer."""
        return [one for value in self.values() for one in value.get("messages", [])][-1]


def opened(heard: Heard, field: str) -> list[dict[str, Any]]:
    if "/meta/" not in heard.url:
        return []
    digest = hmac.new(APP_SECRET.encode(), heard.body, hashlib.sha256).hexdigest()
    assert heard.headers["x-hub-signature-256"] == f"sha256={digest}"
    assert heard.headers["content-type"] == "application/json"
    body = json.loads(heard.body)
    assert body["object"] == "whatsapp_business_account"
    changes = [
        change
        for entry in body["entry"]
        for change in entry["changes"]
        if entry["id"] == WABA and change["field"] == field
    ]
    return [change["value"] for change in changes]


def with_meta(config: SandboxConfig, **more: Any) -> SandboxConfig:
    numbers = (*config.numbers, OWNED)
    return replace(config, graph_accounts=(ACCOUNT,), numbers=numbers, repeat_after=0.01, **more)


@contextmanager
def graph(
    config: SandboxConfig, business: Business, clock: Clock = utc_now, **more: Any
) -> Generator[Graph]:
    with servers.sandbox(with_meta(config, **more), clock=clock) as sandbox:
        yield Graph(sandbox, business)
