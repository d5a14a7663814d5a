"""Meta's side: a number, webhooks with their signature, and answers byte for byte."""

import hmac
from typing import Any
from uuid import UUID

import orjson

from carriers.twilio.wire import Call, Wire, answer, listening
from frontdesk.ports import Channel, WebhookRequest

__all__ = ["Call", "Wire", "answer", "listening"]

WABA = "102290129340398"
PHONE_ID = "106540352242922"
BUSINESS = "+15550783881"
CUSTOMER = "+16505551234"
TOKEN = "EAAG-token-of-the-account"
APP_SECRET = "0f-secret-of-the-app"
VERIFY_TOKEN = "verify-token-of-ours"
WAMID = "wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA="
URL = "https://desk.example/meta/webhook"
METADATA = {"display_phone_number": "15550783881", "phone_number_id": PHONE_ID}
CONTACT = {"profile": {"name": "Ana"}, "wa_id": CUSTOMER.removeprefix("+")}


def channel(base_url: str = "", **details: str) -> Channel:
    own = {"business_account_id": WABA, "app_secret": APP_SECRET, "verify_token": VERIFY_TOKEN}
    return Channel(
        UUID(int=1),
        UUID(int=2),
        "wmsg",
        "meta",
        BUSINESS,
        PHONE_ID,
        TOKEN,
        base_url,
        rate=80,
        details=own | details,
    )


def message(kind: str = "text", content: Any = None, **fields: Any) -> dict[str, Any]:
    """A message of the customer's as a webhook has it."""
    return {
        "from": CUSTOMER.removeprefix("+"),
        "id": WAMID,
        "timestamp": "1749416383",
        "type": kind,
        kind: {"body": "Hello"} if content is None else content,
    } | fields


def status(**fields: Any) -> dict[str, Any]:
    known = {"id": WAMID, "status": "delivered", "timestamp": "1749416383"}
    return {**known, "recipient_id": CUSTOMER.removeprefix("+"), **fields}


def value(*, phone_number_id: str = PHONE_ID, **fields: Any) -> dict[str, Any]:
    metadata = {**METADATA, "phone_number_id": phone_number_id}
    return {"messaging_product": "whatsapp", "metadata": metadata, "contacts": [CONTACT], **fields}


def webhook(*values: object, field: str = "messages") -> bytes:
    changes = [{"field": field, "value": each} for each in values]
    entry = [{"id": WABA, "changes": [change]} for change in changes]
    return orjson.dumps({"object": "whatsapp_business_account", "entry": entry})


def told(*messages: object, **fields: Any) -> bytes:
    return webhook(value(messages=list(messages), **fields))


def signature(body: bytes, secret: str = APP_SECRET) -> dict[str, str]:
    digest = hmac.new(secret.encode(), body, "sha256").hexdigest()
    return {"x-hub-signature-256": f"sha256={digest}"}


def signed(body: bytes, secret: str = APP_SECRET) -> WebhookRequest:
    return WebhookRequest("POST", (URL,), signature(body, secret), body)
