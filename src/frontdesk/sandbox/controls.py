"""What tests turn and read: faults, numbers, counters and every message with its history."""

from collections import Counter
from datetime import timedelta
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from frontdesk.kernel.errors import Invalid, NotFound
from frontdesk.sandbox.exchange import Exchange
from frontdesk.sandbox.faults import KINDS, parse_fault
from frontdesk.sandbox.graph_webhooks import GraphWire
from frontdesk.sandbox.model import BusinessNumber, GraphAccount, bare, channel_of
from frontdesk.sandbox.text import is_address, is_sender
from frontdesk.sandbox.views import full_json, json_response, read_json
from frontdesk.sandbox.webhooks import Webhooks

STATUSES = ("unsubmitted", "pending", "approved", "rejected", "paused", "disabled")


class Controls:
    def __init__(self, exchange: Exchange, webhooks: Webhooks, graph: GraphWire) -> None:
        self._exchange = exchange
        self._webhooks = webhooks
        self._graph = graph

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/faults", self.faults, methods=["GET"]),
            Route("/faults", self.set_faults, methods=["POST"]),
            Route("/faults", self.clear_faults, methods=["DELETE"]),
            Route("/faults/{id:int}", self.clear_fault, methods=["DELETE"]),
            Route("/numbers", self.connect, methods=["POST"]),
            Route("/windows", self.window, methods=["POST"]),
            Route("/templates", self.template, methods=["POST"]),
            Route("/stats", self.stats, methods=["GET"]),
            Route("/messages", self.messages, methods=["GET"]),
        ]

    async def faults(self, request: Request) -> Response:
        return json_response({"faults": self._exchange.faults.shown(), "kinds": KINDS})

    async def set_faults(self, request: Request) -> Response:
        """One fault, or a list of them."""
        raw = await read_json(request)
        parsed = [parse_fault(item) for item in (raw if isinstance(raw, list) else [raw])]
        added = [self._exchange.faults.add(fault).shown() for fault in parsed]
        return json_response({"faults": added}, 201)

    async def clear_faults(self, request: Request) -> Response:
        return json_response({"cleared": self._exchange.faults.clear()})

    async def clear_fault(self, request: Request) -> Response:
        fault_id: int = request.path_params["id"]
        if not self._exchange.faults.clear(fault_id):
            raise NotFound(f"no fault has the id {fault_id}")
        return json_response({"cleared": 1})

    async def connect(self, request: Request) -> Response:
        """`{"address", "name", "account_sid", "auth_token", "webhook"}`: a business number.

        One of Meta's has a `phone_number_id`, and `access_token` and `app_secret` for a business
        account (`account_sid`) that is new.
        """
        raw = await read_json(request)
        if not isinstance(raw, dict) or not is_sender(str(raw.get("address", ""))):
            raise Invalid("address is +14155550100 or whatsapp:+14155550100")
        if raw.get("phone_number_id"):
            return self._connect_graph(cast("dict[str, Any]", raw))
        account = raw.get("account_sid") or None
        if account and account not in self._exchange.accounts and not raw.get("auth_token"):
            raise Invalid(f"account {account} is not known; give its auth_token too")
        number = BusinessNumber(
            raw["address"], str(raw.get("name") or ""), account, raw.get("webhook") or None
        )
        self._exchange.connect(number, raw.get("auth_token"))
        return json_response({"address": number.address, "name": number.name}, 201)

    def _connect_graph(self, raw: dict[str, Any]) -> Response:
        number = BusinessNumber(
            raw["address"],
            str(raw.get("name") or ""),
            raw.get("account_sid") or None,
            raw.get("webhook") or None,
            str(raw["phone_number_id"]),
        )
        token, secret = raw.get("access_token"), raw.get("app_secret")
        account = None
        if token and secret and number.account_sid:
            account = GraphAccount(number.account_sid, str(token), str(secret))
        elif number.account_sid not in (None, *self._exchange.graph_accounts):
            raise Invalid(
                f"account {number.account_sid} is not known; give its access_token and app_secret"
            )
        elif number.account_sid is None and not self._exchange.graph_accounts:
            raise Invalid("a number of Meta's needs account_sid, access_token and app_secret")
        self._exchange.connect_graph(number, account)
        return json_response({"address": number.address, "name": number.name}, 201)

    async def window(self, request: Request) -> Response:
        """`{"business", "customer", "hours": 25}`: the customer wrote last so many hours ago."""
        raw = await read_json(request)
        fields = cast("dict[str, Any]", raw) if isinstance(raw, dict) else {}
        business, customer = str(fields.get("business", "")), str(fields.get("customer", ""))
        hours = fields.get("hours", 25)
        if not is_address(business) or not is_address(customer):
            raise Invalid("business and customer are whatsapp:+14155550100 or +14155550100")
        if isinstance(hours, bool) or not isinstance(hours, int | float) or not 0 <= hours < 9000:
            raise Invalid(f"hours is a number from 0 to 9000, not {hours!r}")
        if channel_of(business) == "whatsapp":
            customer = f"whatsapp:{bare(customer)}"
        moment = self._exchange.clock() - timedelta(hours=hours)
        self._exchange.wrote(business, customer, moment)
        return json_response({"open": self._exchange.window_open(business, customer)})

    async def template(self, request: Request) -> Response:
        """`{"sid", "status"}`: how WhatsApp has come to see a template; null: as it was."""
        raw = await read_json(request)
        fields = cast("dict[str, Any]", raw) if isinstance(raw, dict) else {}
        status: object = fields.get("status")
        if status not in (None, *STATUSES):
            raise Invalid(f"status is one of {', '.join(STATUSES)}, or null, not {status!r}")
        for account in (*self._exchange.accounts, *self._exchange.graph_accounts):
            found = self._exchange.contents.get(account, str(fields.get("sid")))
            if found is not None:
                found.forced = cast("str | None", status)
                self._exchange.contents.put(found)
                if account in self._exchange.graph_accounts:
                    self._webhooks.start(self._graph.tell_template(found))
                return json_response({"sid": found.sid, "status": status})
        raise NotFound(f"no account has the template {fields.get('sid')!r}")

    async def stats(self, request: Request) -> Response:
        messages = list(self._exchange.all())
        return json_response(
            {
                "inbound": sum(m.direction == "inbound" for m in messages),
                "outbound": sum(m.direction != "inbound" for m in messages),
                "outbound_status": Counter(m.status for m in messages if m.direction != "inbound"),
                "webhook": Counter(m.webhook for m in messages if m.direction == "inbound"),
                "calls": self._exchange.calls,
                "faults_taken": self._exchange.faults.taken,
            }
        )

    async def messages(self, request: Request) -> Response:
        """All messages in order of acceptance. `to` and `from` take a number with or without
        its channel; `after` is a sequence number."""
        query = request.query_params
        to, from_ = query.get("to"), query.get("from")
        after = query.get("after", "0")
        if not after.isdigit():
            raise Invalid(f"after is a sequence number, not {after!r}")
        found = [
            full_json(message)
            for message in self._exchange.all()
            if message.sequence > int(after)
            and to in (None, message.to, bare(message.to))
            and from_ in (None, message.from_, bare(message.from_))
        ]
        return json_response({"messages": found})
