"""What Twilio posts: customers' messages and statuses as signed forms, with its error codes.

Forms: https://www.twilio.com/docs/messaging/guides/webhook-request
Connection overrides: https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
"""

import secrets
from typing import Literal
from urllib.parse import parse_qsl, urldefrag, urlencode

import orjson
from twilio.request_validator import RequestValidator

from frontdesk.sandbox.exchange import FAILURES, UNKNOWN, Exchange
from frontdesk.sandbox.fetching import Rules
from frontdesk.sandbox.filetypes import message_type
from frontdesk.sandbox.model import API_VERSION, Failure, Message, bare, channel_of
from frontdesk.sandbox.posting import Poster
from frontdesk.sandbox.text import segments
from frontdesk.sandbox.twilio_media import TwilioRules

MAX_RETRIES = 5
HEADERS = {
    "User-Agent": "TwilioProxy/1.1",
    "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
}


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


class TwilioWire:
    def __init__(self, exchange: Exchange, poster: Poster) -> None:
        self._exchange = exchange
        self._poster = poster

    def rules(self, message: Message) -> Rules:
        return TwilioRules(message)

    def failure(self, code: int | None) -> Failure:
        code = code or UNKNOWN
        return Failure(code, FAILURES.get(code, ""))

    def obstacle(self, message: Message) -> Failure | None:
        if channel_of(message.to) != "whatsapp":
            return None
        status = self._template_status(message)
        if status == "approved":
            return None
        if status in ("paused", "disabled"):
            return self.failure(63041 if status == "paused" else 63042)
        inside = self._exchange.window_open(message.from_, message.to)
        return None if inside else self.failure(63016)

    def _template_status(self, message: Message) -> str | None:
        """How the template stands that a message was made from; one may be gone meanwhile."""
        if message.content_sid is None:
            return None
        contents = self._exchange.contents
        content = contents.get(message.account_sid, message.content_sid)
        return None if content is None else content.status(self._exchange.clock())

    def target(self, message: Message) -> str:
        """Where the business takes this message, connection overrides included."""
        number = self._exchange.numbers.get(message.to)
        if number is not None and number.webhook:
            return number.webhook
        base, overrides = urldefrag(self._exchange.config.webhooks)
        url = f"{base.rstrip('/')}/{channel_of(message.to)}/webhook"
        return f"{url}#{overrides}" if overrides else url

    async def tell(self, message: Message) -> int | None:
        form = message_form(message, self._exchange.config.public_url)
        return await self._post(message, "message", self.target(message), form)

    async def tell_status(self, message: Message, status: str) -> None:
        if message.status_callback:
            form = status_form(message, status)
            await self._post(message, "status", message.status_callback, form)

    async def _post(
        self, message: Message, kind: Literal["message", "status"], url: str, form: dict[str, str]
    ) -> int | None:
        address, overrides = urldefrag(url)
        rules = dict(parse_qsl(overrides))
        retries = min(int(rules["rc"]), MAX_RETRIES) if rules.get("rc", "").isdigit() else 0
        policies = set(rules.get("rp", "ct").split(","))
        headers = {
            **HEADERS,
            # Signed over the address without the overrides: the receiver never sees them.
            "X-Twilio-Signature": self._sign(message.account_sid, address, form),
            "I-Twilio-Idempotency-Token": secrets.token_hex(16),
        }
        body = urlencode(form).encode()
        status: int | None = None
        for attempt in range(1, retries + 2):
            status = await self._poster.post(message, kind, address, body, headers, attempt)
            if not _retried(status, policies):
                break
        return status

    def _sign(self, account_sid: str, url: str, form: dict[str, str]) -> str:
        # Twilio's own code signs, so that a mistake in our verifier cannot hide in our signer.
        validator = RequestValidator(self._exchange.accounts.get(account_sid, ""))
        return str(validator.compute_signature(url, form))


def _retried(status: int | None, policies: set[str]) -> bool:
    if status is None:
        return bool(policies & {"all", "ct", "rt"})
    if 400 <= status < 500:
        return bool(policies & {"all", "4xx"})
    return status >= 500 and bool(policies & {"all", "5xx"})
