"""Twilio's REST routes for messages and their media, with the faults that a call may meet."""

import base64
import binascii
from collections.abc import Callable, Coroutine
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from frontdesk.sandbox.calls import Call, Calls
from frontdesk.sandbox.cdn import Cdn
from frontdesk.sandbox.exchange import FAILURES, UNKNOWN, CarrierError, Exchange
from frontdesk.sandbox.faults import Fault
from frontdesk.sandbox.model import API_VERSION, Message
from frontdesk.sandbox.twilio_wire import (
    account_json,
    error_body,
    media_json,
    message_json,
    not_found,
    outbound,
    page_json,
    parse_filters,
)
from frontdesk.sandbox.views import json_response
from frontdesk.sandbox.webhooks import Webhooks

AccountCall = Callable[[Request, str], Coroutine[Any, Any, Response]]
ROOT = f"/{API_VERSION}/Accounts/{{account_sid}}"
MAX_FORM_PARTS = 100


class TwilioRest:
    """Each route: authenticate, meet the faults, answer."""

    def __init__(self, exchange: Exchange, webhooks: Webhooks, cdn: Cdn) -> None:
        self._exchange = exchange
        self._calls = Calls(exchange, webhooks, _Refusals())
        self._cdn = cdn

    def routes(self) -> list[BaseRoute]:
        one = ROOT + "/Messages/{sid}"
        table: list[tuple[str, str, Call]] = [
            ("GET", ROOT + ".json", self.account),
            ("POST", ROOT + "/Messages.json", self.create),
            ("GET", ROOT + "/Messages.json", self.list),
            ("GET", one + "/Media.json", self.media_list),
            ("GET", one + "/Media/{media_sid}.json", self.media_fetch),
            ("DELETE", one + "/Media/{media_sid}.json", self.media_delete),
            ("GET", one + "/Media/{media_sid}", self.media_content),
            ("DELETE", one + "/Media/{media_sid}", self.media_delete),
            ("GET", one + ".json", self.fetch),
            ("POST", one + ".json", self.update),
            ("DELETE", one + ".json", self.delete),
        ]
        counted = self._calls.counted
        return [
            Route(path, counted(call.__name__, call), methods=[method])
            for method, path, call in table
        ]

    def met(self, operation: str, call: AccountCall) -> Call:
        """A route of another resource: authenticated, with the faults that it may meet."""

        async def met(request: Request) -> Response:
            account = self._authenticated(request)
            asked = self._calls.faults(request, operation)
            early = await self._calls.before(request, asked)
            return early or await self._calls.after(await call(request, account), asked)

        return self._calls.counted(operation, met)

    async def account(self, request: Request) -> Response:
        account = self._account(request)
        asked = self._calls.faults(request, "account")
        early = await self._calls.before(request, asked)
        return early or await self._calls.after(json_response(account_json(account)), asked)

    async def create(self, request: Request) -> Response:
        self._account(request)
        async with request.form(max_files=0, max_fields=MAX_FORM_PARTS) as parts:
            form = {name: value for name, value in parts.items() if isinstance(value, str)}
            media_urls = [url for url in parts.getlist("MediaUrl") if isinstance(url, str)]
        asked = self._calls.faults(request, "create", (form.get("To", ""), form.get("From", "")))
        early = await self._calls.before(request, asked)
        if early is not None:
            return early
        message = outbound(self._exchange, request.path_params["account_sid"], form, media_urls)
        self._exchange.accept_outbound(message)
        answer = json_response(message_json(message), 201)
        return await self._calls.accepted(request, message, answer, asked)

    async def list(self, request: Request) -> Response:
        account = self._account(request)
        query = dict(request.query_params)
        filters = parse_filters(query)
        named = tuple(filter(None, (filters.to, filters.from_)))
        asked = self._calls.faults(request, "list", named)
        early = await self._calls.before(request, asked)
        if early is not None:
            return early
        found = (
            message
            for message in self._exchange.between(*named)
            if message.account_sid == account
            and filters.to in (None, message.to)
            and filters.from_ in (None, message.from_)
        )
        path = f"/{API_VERSION}/Accounts/{account}/Messages.json"
        return await self._calls.after(json_response(page_json(path, query, found, filters)), asked)

    async def fetch(self, request: Request) -> Response:
        message = self._message(request)
        asked = self._calls.faults(request, "fetch", (message.to, message.from_))
        early = await self._calls.before(request, asked)
        return early or await self._calls.after(json_response(message_json(message)), asked)

    async def update(self, request: Request) -> Response:
        """An empty Body redacts the text. Nothing else of a message can change."""
        message = self._message(request)
        async with request.form(max_files=0, max_fields=MAX_FORM_PARTS) as form:
            if form.get("Status") == "canceled":
                raise CarrierError(30409, "Message is not in a cancelable state.", 409)
            if form.get("Body") != "":
                raise CarrierError(20001, "Body may only be updated to an empty string")
        if message.status in ("queued", "sending"):
            raise CarrierError(20009, "Cannot update this resource before it is complete", 409)
        self._exchange.redact(message)
        return json_response(message_json(message))

    async def delete(self, request: Request) -> Response:
        message = self._message(request)
        if message.status in ("queued", "sending"):
            raise CarrierError(20009, "Cannot delete this resource before it is complete", 409)
        self._exchange.delete(message)
        return Response(status_code=204)

    async def media_list(self, request: Request) -> Response:
        message = self._message(request)
        path = request.url.path[request.url.path.index(f"/{API_VERSION}") :]
        items = [media_json(message, item) for item in message.media]
        return json_response(
            {
                "media_list": items, "uri": path, "first_page_uri": f"{path}?PageSize=50&Page=0",
                "next_page_uri": None, "previous_page_uri": None, "page": 0, "page_size": 50,
                "start": 0, "end": max(len(items) - 1, 0),
            }
        )  # fmt: skip

    async def media_fetch(self, request: Request) -> Response:
        message = self._message(request)
        sid = request.path_params["media_sid"]
        for item in message.media:
            if item.sid == sid:
                return json_response(media_json(message, item))
        raise not_found(request.url.path)

    async def media_content(self, request: Request) -> Response:
        message = self._message(request)
        sid = request.path_params["media_sid"]
        for item in message.media:
            # What the business sends has no bytes here until they have been fetched.
            waiting = message.direction != "inbound" and item.size is None
            if item.sid != sid or waiting:
                continue
            asked = self._calls.faults(request, "media", (message.to, message.from_))
            early = await self._calls.before(request, asked)
            return early or self._cdn.redirect(request, message, item, asked)
        raise not_found(request.url.path)

    async def media_delete(self, request: Request) -> Response:
        message = self._message(request)
        sid = request.path_params["media_sid"]
        if all(item.sid != sid for item in message.media):
            raise not_found(request.url.path)
        self._exchange.drop_media(message, sid)
        return Response(status_code=204)

    def _account(self, request: Request) -> str:
        sid = self._authenticated(request)
        if sid != request.path_params["account_sid"]:
            raise CarrierError(20003, "Authenticate", status=401)
        return sid

    def _authenticated(self, request: Request) -> str:
        """The account whose credentials come with the request."""
        scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
        try:
            pair = base64.b64decode(encoded, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            pair = ""
        sid, _, token = pair.partition(":")
        known = scheme.lower() == "basic" and self._exchange.accounts.get(sid) == token
        if not known:
            raise CarrierError(20003, "Authenticate", status=401)
        return sid

    def _message(self, request: Request) -> Message:
        account = self._account(request)
        message = self._exchange.get(request.path_params["sid"])
        if message is None or message.account_sid != account:
            raise not_found(request.url.path)
        return message


class _Refusals:
    def rate_limited(self, fault: Fault) -> CarrierError:
        return CarrierError(20429, "Too Many Requests", 429, retry_after=fault.retry_after)

    def error(self, fault: Fault) -> CarrierError | None:
        # Twilio refuses with 2xxxx at once and reports 3xxxx and 6xxxx on the message.
        code = fault.code or UNKNOWN
        at_once = code < 30_000 if fault.at_once is None else fault.at_once
        return CarrierError(code, FAILURES.get(code, f"Error {code}")) if at_once else None


async def carrier_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, CarrierError)
    answer = json_response(error_body(error), error.status)
    if error.retry_after is not None:
        answer.headers["Retry-After"] = str(int(error.retry_after))
    if error.status == 401:
        answer.headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
    return answer
