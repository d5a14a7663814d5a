"""What Meta posts: customers' messages, statuses and templates' fates as signed JSON.

https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages
"""

import asyncio
import base64
import hashlib
import hmac
import json
import re
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, cast
from urllib.parse import urldefrag, urlencode

import orjson

from frontdesk.sandbox.contents import Content
from frontdesk.sandbox.exchange import REPEATED_FOR, Exchange
from frontdesk.sandbox.fetching import Rules
from frontdesk.sandbox.filetypes import essence
from frontdesk.sandbox.graph_errors import GraphError, failure, status_error
from frontdesk.sandbox.graph_media import GraphRules
from frontdesk.sandbox.model import Failure, Media, Message, bare
from frontdesk.sandbox.posting import Poster, outcome

Json = dict[str, Any]
LONGEST_PAUSE = 600.0
HEADERS = {"User-Agent": "facebookexternalua", "Content-Type": "application/json"}
_NUMBERED = re.compile(r"\+\d+")
_CARD_NAME = re.compile(r"^FN[^:\n]*:(.+)$", re.M)
_CARD_PHONE = re.compile(r"^(?:item\d+\.)?TEL[^:\n]*:(.+)$", re.M)


def raw_body(account: str, value: Json, field: str) -> bytes:
    """Meta escapes what is not ASCII, and slashes: signatures are over these very bytes."""
    change = {"value": value, "field": field}
    whole = {"object": "whatsapp_business_account", "entry": [{"id": account, "changes": [change]}]}
    return json.dumps(whole, separators=(",", ":")).replace("/", "\\/").encode()


def signature(app_secret: str, body: bytes) -> str:
    return "sha256=" + hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()


def digits(address: str) -> str:
    return bare(address).lstrip("+")


class GraphWire:
    def __init__(self, exchange: Exchange, poster: Poster) -> None:
        self._exchange = exchange
        self._poster = poster
        self._callbacks: dict[str, str] = {}
        """Where an account's webhooks go that chose another address."""

    def rules(self, message: Message) -> Rules:
        return GraphRules()

    def failure(self, code: int | None) -> Failure:
        return failure(code)

    def obstacle(self, message: Message) -> Failure | None:
        if message.content_sid is None:
            inside = self._exchange.window_open(message.from_, message.to)
            return None if inside else failure(131047)
        content = self._exchange.contents.get(message.account_sid, message.content_sid)
        # Meta knows no STOP. The phone has no button to stop offers either: the word does it.
        stopped = self._exchange.stopped(message.from_, message.to)
        marketing = content is not None and content.category == "MARKETING"
        return failure(131050) if stopped and marketing else None

    # Subscriptions ------------------------------------------------------------------------------

    async def subscribe(self, account: str, url: str, verify_token: str) -> None:
        """Asks the address to prove itself, then posts the account's webhooks there."""
        challenge = str(secrets.randbelow(10**9))
        query = {
            "hub.mode": "subscribe",
            "hub.challenge": challenge,
            "hub.verify_token": verify_token,
        }
        told = await self._poster.get(f"{url}?{urlencode(query)}", HEADERS)
        if told.status != 200 or told.body != challenge:
            why = told.error or f"HTTP Status Code = {told.status}"
            raise GraphError(2200, f"Callback verification failed with the following errors: {why}")
        self._callbacks[account] = url

    def unsubscribe(self, account: str) -> None:
        self._callbacks.pop(account, None)

    def target(self, account: str, address: str | None = None) -> str:
        number = self._exchange.numbers.get(address or "")
        if number is not None and number.webhook:
            return number.webhook
        base = urldefrag(self._exchange.config.webhooks).url
        return self._callbacks.get(account) or f"{base.rstrip('/')}/meta/webhook"

    # What is posted -----------------------------------------------------------------------------

    async def tell(self, message: Message) -> int | None:
        told = await asyncio.to_thread(self._message, message)
        value = {**self._metadata(message), "contacts": [_contact(message)], "messages": [told]}
        return await self._deliver(message, "message", value)

    async def tell_status(self, message: Message, status: str) -> None:
        account, template = message.account_sid, message.content_sid
        content = self._exchange.contents.get(account, template) if template else None
        category = "service" if content is None else content.category.lower()
        value = {**self._metadata(message), "statuses": [_status(message, status, category)]}
        await self._deliver(message, "status", value)

    async def tell_template(self, content: Content) -> None:
        """What became of a template, told once."""
        status = content.status(self._exchange.clock()).upper()
        value = {
            "event": status,
            "message_template_id": int(content.sid),
            "message_template_name": content.friendly_name,
            "message_template_language": content.language,
            "message_template_category": content.category,
            "reason": "INVALID_FORMAT" if status == "REJECTED" else "NONE",
        }
        account = content.account_sid
        body = raw_body(account, value, "message_template_status_update")
        url = self.target(account)
        await self._poster.post(None, "status", url, body, self._headers(account, body))

    def _metadata(self, message: Message) -> Json:
        number = self._exchange.numbers.get(message.business)
        known = {
            "display_phone_number": digits(message.business),
            "phone_number_id": number.phone_number_id if number is not None else None,
        }
        return {"messaging_product": "whatsapp", "metadata": known}

    def _message(self, message: Message) -> Json:
        customer = bare(message.customer)
        numbered = _NUMBERED.fullmatch(customer) is not None
        told: Json = {
            **({"from": digits(customer)} if numbered else {"from_user_id": customer}),
            "id": message.sid,
            "timestamp": _timestamp(message.created),
            **self._content(message),
        }
        context: Json = {}
        if "OriginalRepliedMessageSid" in message.fields:
            quoted = message.fields["OriginalRepliedMessageSid"]
            context |= {"from": digits(message.business), "id": quoted}
        for name in ("Forwarded", "FrequentlyForwarded"):
            if message.fields.get(name) == "true":
                context["forwarded" if name == "Forwarded" else "frequently_forwarded"] = True
        if context:
            told["context"] = context
        if referral := _referral(message.fields):
            told["referral"] = referral
        if "Meta" in message.fields:
            told |= orjson.loads(message.fields["Meta"])
        return told

    def _content(self, message: Message) -> Json:
        fields = message.fields
        if "Latitude" in fields:
            return {"type": "location", "location": _location(fields)}
        if "ButtonText" in fields:
            pressed = {"payload": fields.get("ButtonPayload", ""), "text": fields["ButtonText"]}
            return {"type": "button", "button": pressed}
        if "ListId" in fields:
            row = {"id": fields["ListId"], "title": fields.get("ListTitle", "")}
            chosen = {"type": "list_reply", "list_reply": row}
            return {"type": "interactive", "interactive": chosen}
        if message.media:
            return self._file(message, message.media[0])
        return {"type": "text", "text": {"body": message.body}}

    def _file(self, message: Message, item: Media) -> Json:
        if item.kind == "contact" and item.size is not None:
            card = self._exchange.files.path(item.sid).read_text("utf-8", "replace")
            return {"type": "contacts", "contacts": [_card(card)]}
        kind = {"voice": "audio", "contact": "document"}.get(item.kind, item.kind)
        told: Json = {"mime_type": essence(item.content_type), "id": item.sid}
        if item.size is not None:
            told["sha256"] = _sha256(self._exchange.files.path(item.sid))
        if message.body:
            told["caption"] = message.body
        if kind == "document" and item.filename:
            told["filename"] = item.filename
        if kind == "sticker":
            told["animated"] = False
        if item.kind == "voice":
            told |= {"mime_type": "audio/ogg; codecs=opus", "voice": True}
        return {"type": kind, kind: told}

    # How it is posted ---------------------------------------------------------------------------

    async def _deliver(
        self, message: Message, kind: Literal["message", "status"], value: Json
    ) -> int | None:
        body = raw_body(message.account_sid, value, "messages")
        status = await self._attempt(message, kind, body, 1)
        if outcome(status) != "accepted":
            self._poster.start(self._repeat(message, kind, body))
        return status

    async def _repeat(
        self, message: Message, kind: Literal["message", "status"], body: bytes
    ) -> None:
        pause, attempt = self._exchange.config.repeat_after, 1
        while self._exchange.clock() - message.updated < REPEATED_FOR:
            await asyncio.sleep(pause)
            pause, attempt = min(pause * 2, LONGEST_PAUSE), attempt + 1
            # The business may have changed its secret, or where it listens.
            await self._exchange.refresh()
            became = outcome(await self._attempt(message, kind, body, attempt))
            if kind == "message":
                self._exchange.settle(message, became)
            if became == "accepted":
                return

    async def _attempt(
        self, message: Message, kind: Literal["message", "status"], body: bytes, attempt: int
    ) -> int | None:
        account = message.account_sid
        url = self.target(account, message.business)
        headers = self._headers(account, body)
        return await self._poster.post(message, kind, url, body, headers, attempt)

    def _headers(self, account: str, body: bytes) -> dict[str, str]:
        known = self._exchange.graph_accounts.get(account)
        secret = known.app_secret if known is not None else ""
        return {**HEADERS, "X-Hub-Signature-256": signature(secret, body)}


def _status(message: Message, status: str, category: str) -> Json:
    customer = bare(message.customer)
    key = "recipient_id" if _NUMBERED.fullmatch(customer) else "recipient_user_id"
    told: Json = {
        "id": message.sid,
        "status": status,
        "timestamp": _timestamp(message.updated),
        key: customer.lstrip("+"),
    }
    if message.callback_data is not None:
        told["biz_opaque_callback_data"] = message.callback_data
    if status == "failed" and message.error_code is not None:
        told["errors"] = [status_error(message.error_code, message.error_message or "")]
    elif status in ("sent", "delivered"):
        told["pricing"] = {
            "billable": category != "service",
            "pricing_model": "PMP",
            "category": category,
            "type": "regular",
        }
    return told


def _contact(message: Message) -> Json:
    customer = bare(message.customer)
    key = "wa_id" if _NUMBERED.fullmatch(customer) else "user_id"
    profile = {"name": message.fields.get("ProfileName") or customer}
    return {"profile": profile, key: customer.lstrip("+")}


def _location(fields: dict[str, str]) -> Json:
    told: Json = {
        "latitude": float(fields["Latitude"]),
        "longitude": float(fields.get("Longitude", "0")),
    }
    for ours, theirs in (("Label", "name"), ("Address", "address")):
        if fields.get(ours):
            told[theirs] = fields[ours]
    return told


def _referral(fields: dict[str, str]) -> Json:
    names = {
        "ReferralSourceUrl": "source_url",
        "ReferralSourceId": "source_id",
        "ReferralSourceType": "source_type",
        "ReferralHeadline": "headline",
        "ReferralBody": "body",
        "ReferralCtwaClid": "ctwa_clid",
    }
    return {theirs: fields[ours] for ours, theirs in names.items() if ours in fields}


def _card(text: str) -> Json:
    """A vCard as WhatsApp tells of it."""
    name = _CARD_NAME.search(text)
    phones = [each.strip() for each in cast("list[str]", _CARD_PHONE.findall(text))]
    shown = name[1].strip() if name is not None else ""
    return {
        "name": {"formatted_name": shown, "first_name": shown.partition(" ")[0]},
        "phones": [{"phone": each, "type": "CELL"} for each in phones],
    }


def _sha256(path: Path) -> str:
    """In base64, as webhooks have it; the media endpoint tells it in hexadecimal."""
    with path.open("rb") as file:
        return base64.b64encode(hashlib.file_digest(file, "sha256").digest()).decode()


def _timestamp(moment: datetime) -> str:
    return str(int(moment.astimezone(UTC).timestamp()))
