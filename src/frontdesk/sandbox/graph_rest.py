"""Meta's Graph routes: messages, files, numbers, subscriptions, with the faults of a call.

https://developers.facebook.com/documentation/business-messaging/whatsapp/reference
"""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from frontdesk.kernel.errors import FrontdeskError
from frontdesk.sandbox.calls import Call, Calls
from frontdesk.sandbox.cdn import Cdn
from frontdesk.sandbox.exchange import Exchange
from frontdesk.sandbox.graph_errors import GraphError, GraphRefusals, no_such
from frontdesk.sandbox.graph_media import GraphMedia
from frontdesk.sandbox.graph_templates import template_json
from frontdesk.sandbox.graph_webhooks import GraphWire, digits
from frontdesk.sandbox.graph_wire import outbound, recipient
from frontdesk.sandbox.model import BusinessNumber, Message
from frontdesk.sandbox.views import json_response, read_json
from frontdesk.sandbox.webhooks import Webhooks

AccountCall = Callable[[Request, str], Coroutine[Any, Any, Response]]
NODE = "/v{major:int}.{minor:int}/{node}"
SUCCESS = {"success": True}


class GraphRest:
    """Each route: authenticate, meet the faults, answer. A node is whatever has an id."""

    def __init__(self, exchange: Exchange, webhooks: Webhooks, wire: GraphWire, cdn: Cdn) -> None:
        self._exchange = exchange
        self._wire = wire
        self.files = GraphMedia(exchange, cdn)
        self.calls = Calls(exchange, webhooks, GraphRefusals())

    def routes(self) -> list[BaseRoute]:
        table: list[tuple[str, str, str, AccountCall]] = [
            ("POST", NODE + "/media", "account", self.upload),
            ("GET", NODE + "/phone_numbers", "account", self.numbers),
            ("GET", NODE + "/subscribed_apps", "account", self.subscribed),
            ("POST", NODE + "/subscribed_apps", "account", self.subscribe),
            ("DELETE", NODE + "/subscribed_apps", "account", self.unsubscribe),
            ("POST", NODE + "/uploads", "content", self.begin_upload),
            ("POST", NODE, "content", self.finish_upload),
            ("DELETE", NODE, "account", self.delete),
        ]
        # These meet their faults once they know what the call is about.
        late: list[tuple[str, str, str, AccountCall]] = [
            ("POST", NODE + "/messages", "create", self.create),
            ("GET", NODE, "fetch", self.node),
            ("GET", "/graph/media/{token}", "media", self.files.content),
        ]
        met, alone = self.met, self._alone
        return [
            *(Route(path, met(name, call), methods=[way]) for way, path, name, call in table),
            *(Route(path, alone(name, call), methods=[way]) for way, path, name, call in late),
            Route("/graph/files/{name}", self.files.shown_sample, methods=["GET"]),
        ]

    def met(self, operation: str, call: AccountCall) -> Call:
        """A route that is authenticated, with the faults that it may meet."""

        async def met(request: Request) -> Response:
            account = await self._authenticated(request)
            asked = self.calls.faults(request, operation)
            early = await self.calls.before(request, asked)
            return early or await self.calls.after(await call(request, account), asked)

        return self.calls.counted(operation, met)

    def _alone(self, operation: str, call: AccountCall) -> Call:
        async def alone(request: Request) -> Response:
            return await call(request, await self._authenticated(request))

        return self.calls.counted(operation, alone)

    # Messages -----------------------------------------------------------------------------------

    async def create(self, request: Request, account: str) -> Response:
        number = self._number(request, account)
        raw = await read_object(request)
        if raw.get("status") is not None:
            return self._read(number, raw)
        asked = self.calls.faults(request, "create", (recipient(raw), number.address))
        early = await self.calls.before(request, asked)
        if early is not None:
            return early
        message = outbound(self._exchange, self.files, number, account, raw)
        self._exchange.accept_outbound(message)
        told = {"id": message.sid}
        if message.content_sid is not None:
            told["message_status"] = "accepted"
        contact = {"input": str(raw.get("to") or raw.get("recipient")), **_known(message)}
        answer = {"messaging_product": "whatsapp", "contacts": [contact], "messages": [told]}
        return await self.calls.accepted(request, message, json_response(answer), asked)

    def _read(self, number: BusinessNumber, raw: Mapping[str, Any]) -> Response:
        """The business has read a customer's message, and perhaps begun to write."""
        message = self._exchange.get(str(raw.get("message_id")))
        if raw["status"] != "read" or message is None or message.to != number.address:
            raise GraphError(131009, "status is read, message_id is of a customer's message")
        return json_response(SUCCESS)

    # Files --------------------------------------------------------------------------------------

    async def upload(self, request: Request, account: str) -> Response:
        self._number(request, account)
        return await self.files.upload(request, account)

    async def begin_upload(self, request: Request, account: str) -> Response:
        return self.files.begin(request.query_params.get("file_type"))

    async def finish_upload(self, request: Request, account: str) -> Response:
        return await self.files.finish(request, request.path_params["node"])

    async def delete(self, request: Request, account: str) -> Response:
        node = request.path_params["node"]
        found = self.files.find(account, node)
        if found is None:
            raise no_such(node)
        self.files.delete(*found)
        return json_response(SUCCESS)

    # Numbers, files and accounts by their id ------------------------------------------------------

    async def node(self, request: Request, account: str) -> Response:
        node = request.path_params["node"]
        found = self.files.find(account, node)
        message = found[1] if found is not None else None
        addresses = (message.to, message.from_) if message is not None else ()
        operation = "account" if found is None else "media"
        asked = self.calls.faults(request, operation, addresses)
        early = await self.calls.before(request, asked)
        if early is not None:
            return early
        template = self._exchange.contents.get(account, node)
        if found is not None:
            answer = await self.files.told(request, found[0], asked)
        elif template is not None:
            answer = json_response(template_json(template, self._exchange.clock()))
        elif node == account:
            answer = json_response({"id": account, "name": "Sandbox", "currency": "USD"})
        else:
            answer = json_response(self._number_json(self._number(request, account)))
        return await self.calls.after(answer, asked)

    async def numbers(self, request: Request, account: str) -> Response:
        self.owned(request, account)
        own = [each for each in self._exchange.numbers.values() if each.vendor == "meta"]
        listed = [
            self._number_json(each)
            for each in own
            if self._exchange.account_of(each.address) == account
        ]
        return json_response({"data": listed, "paging": {}})

    def _number_json(self, number: BusinessNumber) -> dict[str, Any]:
        return {
            "verified_name": number.name or "Sandbox",
            "code_verification_status": "VERIFIED",
            "display_phone_number": digits(number.address),
            "quality_rating": "GREEN",
            "platform_type": "CLOUD_API",
            "throughput": {"level": "STANDARD"},
            "id": number.phone_number_id,
        }

    # Where webhooks go ----------------------------------------------------------------------------

    async def subscribed(self, request: Request, account: str) -> Response:
        self.owned(request, account)
        app = {"whatsapp_business_api_data": {"id": "1", "name": "Sandbox"}}
        return json_response(
            {"data": [{**app, "override_callback_uri": self._wire.target(account)}]}
        )

    async def subscribe(self, request: Request, account: str) -> Response:
        """With `override_callback_uri` and `verify_token`, webhooks go there once it has proved
        that it knows the token."""
        self.owned(request, account)
        raw = await read_object(request) if await request.body() else {}
        url = raw.get("override_callback_uri")
        if url:
            await self._wire.subscribe(account, str(url), str(raw.get("verify_token")))
        return json_response(SUCCESS)

    async def unsubscribe(self, request: Request, account: str) -> Response:
        self.owned(request, account)
        self._wire.unsubscribe(account)
        return json_response(SUCCESS)

    # Who calls, and about what --------------------------------------------------------------------

    async def _authenticated(self, request: Request) -> str:
        """The account whose access token comes with the request."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() not in ("bearer", "oauth"):
            token = request.query_params.get("access_token", "")
        account = self._account(token)
        if account is None:
            await self._exchange.refresh()
            account = self._account(token)
        if account is None:
            raise GraphError(190, "Invalid OAuth access token - Cannot parse access token")
        return account

    def _account(self, token: str) -> str | None:
        for account in self._exchange.graph_accounts.values():
            if token and account.access_token == token:
                return account.id
        return None

    def owned(self, request: Request, account: str) -> None:
        if request.path_params["node"] != account:
            raise no_such(request.path_params["node"])

    def _number(self, request: Request, account: str) -> BusinessNumber:
        node = request.path_params["node"]
        number = self._exchange.graph_number(node)
        if number is None or self._exchange.account_of(number.address) != account:
            raise no_such(node)
        return number


def _known(message: Message) -> dict[str, str]:
    bare = digits(message.to)
    return {"wa_id": bare} if bare.isdigit() else {"user_id": bare}


async def read_object(request: Request) -> Mapping[str, Any]:
    try:
        raw = await read_json(request)
    except FrontdeskError as wrong:
        raise GraphError(100, wrong.detail) from wrong
    if not isinstance(raw, dict):
        raise GraphError(100, "the body is a JSON object")
    return cast("dict[str, Any]", raw)
