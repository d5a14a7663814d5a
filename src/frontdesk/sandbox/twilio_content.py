"""Twilio's Content API: templates listed, made, handed in for approval, deleted.

https://www.twilio.com/docs/content/content-api-resources
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from frontdesk.kernel.errors import FrontdeskError
from frontdesk.sandbox.contents import Content, Contents
from frontdesk.sandbox.exchange import CarrierError, Exchange, new_sid
from frontdesk.sandbox.twilio_rest import TwilioRest
from frontdesk.sandbox.twilio_wire import not_found
from frontdesk.sandbox.views import json_response, read_json

PAGE_SIZE = 50
PAGE_LIMIT = 1000
NAME = re.compile(r"[a-z0-9_]{1,512}")
CATEGORIES = ("UTILITY", "MARKETING", "AUTHENTICATION")


class TwilioContent:
    """Each route authenticates and meets the faults of the operation `content`."""

    def __init__(self, exchange: Exchange, rest: TwilioRest) -> None:
        self._exchange = exchange
        self._rest = rest

    @property
    def _contents(self) -> Contents:
        return self._exchange.contents

    def routes(self) -> list[BaseRoute]:
        one = "/v1/Content/{sid}"
        table = [
            ("GET", "/v1/Content", self.list),
            ("POST", "/v1/Content", self.create),
            ("GET", "/v1/ContentAndApprovals", self.list_with_approvals),
            ("POST", one + "/ApprovalRequests/whatsapp", self.submit),
            ("GET", one + "/ApprovalRequests", self.approval),
            ("GET", one, self.fetch),
            ("DELETE", one, self.delete),
        ]
        return [
            Route(path, self._rest.met("content", call), methods=[method])
            for method, path, call in table
        ]

    async def list(self, request: Request, account: str) -> Response:
        return self._page(request, account, approvals=False)

    async def list_with_approvals(self, request: Request, account: str) -> Response:
        return self._page(request, account, approvals=True)

    async def create(self, request: Request, account: str) -> Response:
        raw = await self._read(request)
        types = _types(raw.get("types"))
        language, variables = raw.get("language"), raw.get("variables")
        if not isinstance(language, str) or not language:
            raise CarrierError(20001, "language is required")
        if not isinstance(variables, dict | None):
            raise CarrierError(20001, "variables is an object of samples")
        samples = cast("dict[str, object]", variables or {})
        now = self._exchange.clock()
        content = Content(
            new_sid("HX"),
            account,
            str(raw.get("friendly_name") or ""),
            language,
            {str(name): str(value) for name, value in samples.items()},
            types,
            now,
            now,
        )
        return json_response(self._json(request, self._contents.put(content)), 201)

    async def fetch(self, request: Request, account: str) -> Response:
        return json_response(self._json(request, self._content(request, account)))

    async def delete(self, request: Request, account: str) -> Response:
        self._contents.delete(self._content(request, account))
        return Response(status_code=204)

    async def submit(self, request: Request, account: str) -> Response:
        content = self._content(request, account)
        raw = await self._read(request)
        name, category = str(raw.get("name") or ""), str(raw.get("category") or "").upper()
        if not NAME.fullmatch(name):
            raise CarrierError(20001, "name takes lowercase letters, digits and underscores only")
        if category not in CATEGORIES:
            raise CarrierError(20001, f"category is one of {', '.join(CATEGORIES)}")
        if content.approval is not None:
            raise CarrierError(20001, "the content was submitted already", 409)
        self._contents.submit(content, name, category)
        answer = {**self._approval(content), "status": "received", "rejection_reason": ""}
        return json_response(answer, 201)

    async def approval(self, request: Request, account: str) -> Response:
        content = self._content(request, account)
        whatsapp = {"type": "whatsapp", **self._approval(content)}
        return json_response(
            {
                "sid": content.sid,
                "account_sid": content.account_sid,
                "url": f"{self._url(request, content)}/ApprovalRequests",
                "whatsapp": whatsapp if content.approval else None,
            }
        )

    # Parts ------------------------------------------------------------------------------------

    def _content(self, request: Request, account: str) -> Content:
        found = self._contents.get(account, request.path_params["sid"])
        if found is None:
            raise not_found(request.url.path)
        return found

    async def _read(self, request: Request) -> Mapping[str, Any]:
        try:
            raw = await read_json(request)
        except FrontdeskError as wrong:
            raise CarrierError(20001, wrong.detail) from wrong
        if not isinstance(raw, dict):
            raise CarrierError(20001, "the body is a JSON object")
        return cast("dict[str, Any]", raw)

    def _page(self, request: Request, account: str, *, approvals: bool) -> Response:
        query = request.query_params
        size = min(max(_number(query.get("PageSize"), PAGE_SIZE), 1), PAGE_LIMIT)
        page = _number(query.get("Page"), 0)
        everything = self._contents.of(account)
        shown = everything[page * size : (page + 1) * size]
        items = [self._json(request, each) for each in shown]
        if approvals:
            for item, each in zip(items, shown, strict=True):
                item["approval_requests"] = self._approval(each)
                del item["links"]
        address = str(request.url.replace(query=""))

        def link(number: int) -> str:
            token = {"PageToken": f"DNHX{number}"} if number else {}
            return f"{address}?{urlencode({'PageSize': size, 'Page': number, **token})}"

        more = (page + 1) * size < len(everything)
        meta = {
            "page": page,
            "page_size": size,
            "first_page_url": link(0),
            "previous_page_url": link(page - 1) if page else None,
            "url": link(page),
            "next_page_url": link(page + 1) if more else None,
            "key": "contents",
        }
        return json_response({"contents": items, "meta": meta})

    def _json(self, request: Request, content: Content) -> dict[str, Any]:
        url = self._url(request, content)
        return {
            "sid": content.sid,
            "account_sid": content.account_sid,
            "friendly_name": content.friendly_name,
            "language": content.language,
            "variables": content.variables,
            "types": content.types,
            "date_created": _iso(content.created),
            "date_updated": _iso(content.updated),
            "url": url,
            "links": {
                "approval_create": f"{url}/ApprovalRequests/whatsapp",
                "approval_fetch": f"{url}/ApprovalRequests",
            },
        }

    def _approval(self, content: Content) -> dict[str, Any]:
        status = content.status(self._exchange.clock())
        asked = content.approval
        if asked is None:
            return {"status": status, "rejection_reason": ""}
        reason = "The sandbox rejects what has reject in its name" if status == "rejected" else ""
        return {
            "name": asked.name,
            "category": asked.category,
            "content_type": asked.content_type,
            "status": status,
            "rejection_reason": reason,
            "allow_category_change": True,
            "flows": None,
        }

    def _url(self, request: Request, content: Content) -> str:
        path = request.url.path
        root = path[: path.index("/v1/")]
        return str(request.url.replace(path=f"{root}/v1/Content/{content.sid}", query=""))


def _types(raw: object) -> dict[str, dict[str, Any]]:
    """The SDK names every type that there is, most of them null."""
    given = cast("dict[str, object]", raw) if isinstance(raw, dict) else {}
    types = {
        name: _without_nulls(cast("dict[str, Any]", value))
        for name, value in given.items()
        if isinstance(value, dict)
    }
    if not types:
        raise CarrierError(20001, "types has none of Twilio's content types")
    for name, value in types.items():
        if not (value.get("body") or value.get("title")) and name in ("twilio/text", "twilio/card"):
            raise CarrierError(20001, f"{name} has no text")
    return types


def _without_nulls(value: dict[str, Any]) -> dict[str, Any]:
    actions: object = value.get("actions")
    kept = {name: each for name, each in value.items() if each is not None}
    if isinstance(actions, list):
        listed = cast("list[dict[str, Any]]", actions)
        kept["actions"] = [
            {name: each for name, each in action.items() if each is not None} for action in listed
        ]
    return kept


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 7 else default


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
