"""Meta's template routes: listed by pages, handed in, deleted.

https://developers.facebook.com/documentation/business-messaging/whatsapp/reference/whatsapp-business-account/template-api
"""

import asyncio
import base64
import binascii
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from frontdesk.sandbox.contents import Content
from frontdesk.sandbox.exchange import Exchange, new_number_id
from frontdesk.sandbox.graph_errors import GraphError
from frontdesk.sandbox.graph_rest import NODE, SUCCESS, GraphRest, read_object
from frontdesk.sandbox.graph_templates import CATEGORIES, NAME, checked, template_json
from frontdesk.sandbox.graph_webhooks import GraphWire
from frontdesk.sandbox.views import json_response
from frontdesk.sandbox.webhooks import Webhooks

PAGE_SIZE = 25
PAGE_LIMIT = 1000


class GraphContent:
    """Each route meets the faults of the operation `content`."""

    def __init__(
        self, exchange: Exchange, rest: GraphRest, webhooks: Webhooks, wire: GraphWire
    ) -> None:
        self._exchange = exchange
        self._rest = rest
        self._webhooks = webhooks
        self._wire = wire

    def routes(self) -> list[BaseRoute]:
        path = NODE + "/message_templates"
        table = [("GET", self.list), ("POST", self.create), ("DELETE", self.delete)]
        return [
            Route(path, self._rest.met("content", call), methods=[method]) for method, call in table
        ]

    async def list(self, request: Request, account: str) -> Response:
        self._rest.owned(request, account)
        query = dict(request.query_params)
        fields, now = query.get("fields"), self._exchange.clock()
        found = [each for each in self._exchange.contents.of(account) if self._admits(query, each)]
        start, size = _place(query.get("after")), _size(query.get("limit"))
        shown = found[start : start + size]
        answer: dict[str, Any] = {"data": [template_json(each, now, fields) for each in shown]}
        if shown:
            cursors = {"before": _cursor(start), "after": _cursor(start + len(shown))}
            paging: dict[str, Any] = {"cursors": cursors}
            if start + size < len(found):
                onward = urlencode({**query, "after": cursors["after"]})
                paging["next"] = str(request.url.replace(query=onward))
            answer["paging"] = paging
        return json_response(answer)

    def _admits(self, query: dict[str, str], content: Content) -> bool:
        known = {
            "name": content.friendly_name,
            "language": content.language,
            "category": content.category,
            "status": content.status(self._exchange.clock()).upper(),
        }
        return all(query.get(name, "") in ("", value) for name, value in known.items())

    async def create(self, request: Request, account: str) -> Response:
        self._rest.owned(request, account)
        raw = await read_object(request)
        name, language = str(raw.get("name") or ""), str(raw.get("language") or "")
        category = str(raw.get("category") or "").upper()
        if not NAME.fullmatch(name) or not language:
            raise GraphError(100, "name takes a-z, 0-9 and _ only, and language is required")
        if category not in CATEGORIES:
            raise GraphError(100, f"category must be one of {CATEGORIES}")
        if self._exchange.contents.find(account, name, language):
            raise GraphError(
                100, f"There is already {language} content for {name}", subcode=2388024
            )
        named = str(raw.get("parameter_format") or "POSITIONAL").upper() == "NAMED"
        components = checked(raw.get("components"), named=named, sample=self._rest.files.sample)
        now = self._exchange.clock()
        content = Content(
            new_number_id(), account, name, language, {}, {}, now, now,
            components=components, named=named,
        )  # fmt: skip
        self._exchange.contents.put(content)
        self._exchange.contents.submit(content, name, category)
        self._webhooks.start(self._told_later(content))
        # The review begins once this is answered, however short it is.
        return json_response({"id": content.sid, "status": "PENDING", "category": category})

    async def _told_later(self, content: Content) -> None:
        await asyncio.sleep(self._exchange.config.approval_seconds)
        if self._exchange.contents.get(content.account_sid, content.sid) is content:
            await self._wire.tell_template(content)

    async def delete(self, request: Request, account: str) -> Response:
        """By `name`, in all languages, or the one with `hsm_id` alone."""
        self._rest.owned(request, account)
        name, sid = request.query_params.get("name", ""), request.query_params.get("hsm_id")
        found = [
            each for each in self._exchange.contents.find(account, name) if sid in (None, each.sid)
        ]
        if not found:
            raise GraphError(100, f"Message template {name!r} was not found", subcode=2593002)
        for each in found:
            self._exchange.contents.delete(each)
        return json_response(SUCCESS)


def _size(text: str | None) -> int:
    if text and not (text.isascii() and text.isdigit() and 0 < int(text) <= PAGE_LIMIT):
        raise GraphError(100, f"limit is a number from 1 to {PAGE_LIMIT}, not {text!r}")
    return int(text) if text else PAGE_SIZE


def _cursor(place: int) -> str:
    return base64.urlsafe_b64encode(str(place).encode()).decode().rstrip("=")


def _place(cursor: str | None) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        raise GraphError(100, f"after {cursor!r} is no cursor of this list") from None
