"""Posts what the business must hear: customers' messages and statuses, signed as Twilio does.

Forms: https://www.twilio.com/docs/messaging/guides/webhook-request
Connection overrides: https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
"""

import asyncio
import secrets
import time
from collections.abc import Coroutine
from typing import Any, Literal
from urllib.parse import parse_qsl, urldefrag, urlencode

import aiohttp
import orjson
from twilio.request_validator import RequestValidator
from yarl import URL

from frontdesk.sandbox.exchange import FAILURES, Exchange
from frontdesk.sandbox.faults import Asked
from frontdesk.sandbox.fetching import Failure, Fetcher
from frontdesk.sandbox.filetypes import message_type
from frontdesk.sandbox.model import API_VERSION, Delivery, Message, bare, channel_of
from frontdesk.sandbox.text import segments

MAX_RETRIES = 5
BODY_KEPT = 2_000


def message_form(message: Message, public_url: str) -> dict[str, str]:
    """The form that Twilio posts for a customer's message."""
    form = {
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "SmsMessageSid": message.sid,
        "AccountSid": message.account_sid,
        "From": message.from_,
        "To": message.to,
        "Body": message.body,
        "NumMedia": str(len(message.media)),
        "NumSegments": str(
            segments(message.body) if channel_of(message.to) == "sms" and not message.media else 1
        ),
        "SmsStatus": "received",
        "ApiVersion": API_VERSION,
    }
    if message.messaging_service_sid:
        form["MessagingServiceSid"] = message.messaging_service_sid
    for place, item in enumerate(message.media):
        form[f"MediaUrl{place}"] = (
            f"{public_url}/{API_VERSION}/Accounts/{message.account_sid}"
            f"/Messages/{message.sid}/Media/{item.sid}"
        )
        form[f"MediaContentType{place}"] = item.content_type
    form.update(_channel_fields(message))
    form.update(message.fields)
    return form


def _channel_fields(message: Message) -> dict[str, str]:
    if channel_of(message.to) == "sms":
        return {
            f"{side}{part}": ""
            for side in ("From", "To")
            for part in ("City", "State", "Zip", "Country")
        }
    user = bare(message.from_).removeprefix("+")
    kind = message_type(message.media[0].kind) if message.media else "text"
    if "Latitude" in message.fields:
        kind = "location"
    elif "ButtonText" in message.fields:
        kind = "button"
    elif "ListId" in message.fields:
        kind = "interactive"
    context = {"WaId": user, "ProfileName": message.fields.get("ProfileName", "")}
    channel = {"type": "whatsapp", "data": {"context": context}}
    return {
        "WaId": user,
        "MessageType": kind,
        "ChannelMetadata": orjson.dumps(channel).decode(),
    }


def status_form(message: Message, status: str) -> dict[str, str]:
    """The form of one status callback; the status is given, for callbacks may come late."""
    form = {
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "MessageStatus": status,
        "SmsStatus": status,
        "AccountSid": message.account_sid,
        "From": message.from_,
        "To": message.to,
        "ApiVersion": API_VERSION,
    }
    if message.messaging_service_sid:
        form["MessagingServiceSid"] = message.messaging_service_sid
    if status in ("failed", "undelivered") and message.error_code is not None:
        form["ErrorCode"] = str(message.error_code)
        form["ErrorMessage"] = message.error_message or ""
    if channel_of(message.to) == "whatsapp":
        form["ChannelPrefix"] = "whatsapp"
        form["ChannelInstallSid"] = "XE" + message.account_sid[2:].ljust(32, "0")[:32]
        form["ChannelToAddress"] = bare(message.to)
        form["StructuredMessage"] = "false"
        if status in ("delivered", "read", "failed", "undelivered"):
            form["EventType"] = status.upper()
    return form


class Webhooks:
    """One HTTP session and the tasks that post in the background."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._fetcher = Fetcher(exchange)
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        # Twilio keeps no cookies and opens as many connections as it needs.
        self._session = aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(),
            connector=aiohttp.TCPConnector(limit=100),
            headers={"User-Agent": "TwilioProxy/1.1", "Accept": "*/*"},
        )

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def target(self, message: Message) -> str:
        """Where the business takes this message, connection overrides included."""
        number = self._exchange.numbers.get(message.to)
        if number is not None and number.webhook:
            return number.webhook
        base, overrides = urldefrag(self._exchange.config.webhooks)
        url = f"{base.rstrip('/')}/{channel_of(message.to)}/webhook"
        return f"{url}#{overrides}" if overrides else url

    async def announce(self, message: Message) -> None:
        """Posts a customer's message. It stays in the list whatever comes of it."""
        form = message_form(message, self._exchange.config.public_url)
        status = await self._post(message, "message", self.target(message), form)
        if status is None:
            self._exchange.settle(message, "unreachable")
        else:
            self._exchange.settle(message, "accepted" if 200 <= status < 300 else "refused")

    async def progress(self, message: Message, asked: Asked) -> None:
        """Takes an outbound message through its statuses and tells the callback of each."""
        late: list[str] = []
        delays = self._exchange.config.delays
        steps: list[tuple[str, float]] = [("sent", delays.sent), ("delivered", delays.delivered)]
        if delays.read is not None and channel_of(message.to) == "whatsapp":
            steps.append(("read", delays.read))
        failure = self._failure(message, asked) or await self._fetcher.collect(message)
        if failure is not None:
            steps = [("failed", delays.sent)]
        for status, delay in steps:
            if delay:
                await asyncio.sleep(delay)
            told = (failure.code, failure.text) if failure is not None else (None, None)
            moved = self._exchange.advance(message, status, *told)
            if moved and "out_of_order_callbacks" in asked:
                late.insert(0, status)
            elif moved:
                await self.call_back(message, status, asked)
        for status in late:
            await self.call_back(message, status, asked)

    def _failure(self, message: Message, asked: Asked) -> Failure | None:
        fault = asked.get("error_code")
        if fault is not None:
            return Failure(fault.code, FAILURES.get(fault.code, ""))
        if channel_of(message.to) != "whatsapp":
            return None
        status = self._template_status(message)
        if status == "approved":
            return None
        if status in ("paused", "disabled"):
            code = 63041 if status == "paused" else 63042
            return Failure(code, FAILURES[code])
        inside = self._exchange.window_open(message.from_, message.to)
        return None if inside else Failure(63016, FAILURES[63016])

    def _template_status(self, message: Message) -> str | None:
        """How the template stands that a message was made from; one may be gone meanwhile."""
        if message.content_sid is None:
            return None
        contents = self._exchange.contents
        content = contents.get(message.account_sid, message.content_sid)
        return None if content is None else content.status(self._exchange.clock())

    async def call_back(self, message: Message, status: str, asked: Asked) -> None:
        if not message.status_callback or "drop_callbacks" in asked:
            return
        form = status_form(message, status)
        for _ in range(2 if "duplicate_callbacks" in asked else 1):
            await self._post(message, "status", message.status_callback, form)

    async def read(self, message: Message) -> None:
        """The customer has the message on the screen."""
        if channel_of(message.to) == "whatsapp" and message.status == "delivered":
            self._exchange.advance(message, "read")
            await self.call_back(message, "read", {})

    async def _post(
        self, message: Message, kind: Literal["message", "status"], url: str, form: dict[str, str]
    ) -> int | None:
        address, overrides = urldefrag(url)
        rules = dict(parse_qsl(overrides))
        retries = min(int(rules["rc"]), MAX_RETRIES) if rules.get("rc", "").isdigit() else 0
        policies = set(rules.get("rp", "ct").split(","))
        headers = {
            # Signed over the address without the overrides: the receiver never sees them.
            "X-Twilio-Signature": self._sign(message.account_sid, address, form),
            "I-Twilio-Idempotency-Token": secrets.token_hex(16),
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
        }
        status: int | None = None
        for attempt in range(1, retries + 2):
            delivery = await self._attempt(kind, address, form, headers, attempt)
            self._exchange.record(message, delivery)
            self._exchange.count(f"{kind} webhook", delivery.status or "no answer")
            status = delivery.status
            if not _retried(status, policies):
                break
        return status

    def _sign(self, account_sid: str, url: str, form: dict[str, str]) -> str:
        # Twilio's own code signs, so that a mistake in our verifier cannot hide in our signer.
        validator = RequestValidator(self._exchange.accounts.get(account_sid, ""))
        return str(validator.compute_signature(url, form))

    async def _attempt(
        self,
        kind: Literal["message", "status"],
        url: str,
        form: dict[str, str],
        headers: dict[str, str],
        attempt: int,
    ) -> Delivery:
        if self._session is None:
            return Delivery(kind, url, None, "", "the sandbox is not running", attempt, 0.0)
        started = time.monotonic()
        status, text, error = None, "", None
        try:
            async with self._session.post(
                URL(url, encoded=True),
                data=urlencode(form).encode(),
                headers=headers,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=self._exchange.config.webhook_timeout),
            ) as answer:
                raw = await answer.content.read(BODY_KEPT)
                status, text = answer.status, raw.decode("utf-8", "replace")
        except (aiohttp.ClientError, TimeoutError, ValueError) as wrong:
            error = f"{type(wrong).__name__}: {wrong}".rstrip(": ")
        return Delivery(kind, url, status, text, error, attempt, time.monotonic() - started)


def _retried(status: int | None, policies: set[str]) -> bool:
    if status is None:
        return bool(policies & {"all", "ct", "rt"})
    if 400 <= status < 500:
        return bool(policies & {"all", "4xx"})
    return status >= 500 and bool(policies & {"all", "5xx"})
