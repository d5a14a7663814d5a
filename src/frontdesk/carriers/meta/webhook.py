"""Meta's webhooks: messages from customers and statuses of ours, as JSON that holds many.

https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages
https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages/status
https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids

{"object": "whatsapp_business_account", "entry": [{"id": "<account>", "changes": [
  {"field": "messages", "value": {"messaging_product": "whatsapp",
    "metadata": {"display_phone_number": "15550783881", "phone_number_id": "106540352242922"},
    "contacts": [{"profile": {"name": "Ana"}, "wa_id": "16505551234", "user_id": "US.1349…"}],
    "messages": [{"from": "16505551234", "from_user_id": "US.1349…", "id": "wamid.…",
       "timestamp": "1749416383", "type": "text", "text": {"body": "Hello"}}],
    "statuses": [{"id": "wamid.…", "status": "failed", "timestamp": "1749416383",
       "recipient_id": "16505551234", "biz_opaque_callback_data": "<our id>",
       "errors": [{"code": 131047, "title": "…", "error_data": {"details": "…"}}]}]}}]}]}

Other fields than `messages` tell of templates, the account, or what the business's own app sent:
they are not messages of customers, and are passed over.

Parsing comes before the signature is checked, since the number's id says whose secret to check it
with: all of it must be bounded and safe on anything that anyone sends. An item that cannot be read
costs no other. PostgreSQL stores no NUL: none is let through.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import orjson

from frontdesk.carriers.meta import contents
from frontdesk.carriers.meta.contents import ID_LIMIT, NAME_LIMIT, items, part, text
from frontdesk.carriers.meta.errors import meaning
from frontdesk.kernel.errors import Invalid
from frontdesk.kernel.phone import is_user_id, parse_address
from frontdesk.ports import Event, Inbound, Refused, Status, StatusUpdate

OBJECT = "whatsapp_business_account"
FIELD = "messages"
MOST_EVENTS = 3_000
"""Of one request. Meta batches up to a thousand."""
EARLIEST = datetime(2009, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)

STATUSES: dict[str, Status] = {
    "accepted": Status.QUEUED,
    "sent": Status.SENT,
    "delivered": Status.DELIVERED,
    "read": Status.READ,
    "played": Status.PLAYED,
    "failed": Status.FAILED,
}


@dataclass(frozen=True, slots=True)
class Change:
    """What one change says of one number."""

    account: str
    value: dict[str, Any]
    phone_number_id: str
    number: str
    senders: Mapping[tuple[str, str], dict[str, Any]]
    """What is said of each sender, by the field that names it: looked through once, since anybody
    may send many."""


def parse(body: bytes) -> list[Event]:
    try:
        whole: object = orjson.loads(body)
    except ValueError as error:
        raise Refused(400, f"The body is no JSON: {error}") from None
    if not isinstance(whole, dict) or cast("dict[str, Any]", whole).get("object") != OBJECT:
        raise Refused(400, f"The body is no webhook of WhatsApp's: its object is not {OBJECT}")
    changes = list(_changes(cast("dict[str, Any]", whole)))
    count = sum(
        len(items(change.value, name)) for change in changes for name in ("messages", "statuses")
    )
    if count > MOST_EVENTS:
        raise Refused(400, f"The body holds {count} items; at most {MOST_EVENTS} are read")
    events = [event for change in changes for event in _events(change, alone=count == 1)]
    if count and not events:
        raise Refused(400, "Nothing in the body names a number, a sender and what it is about")
    return events


def _changes(whole: dict[str, Any]) -> Iterator[Change]:
    for entry in items(whole, "entry"):
        for change in items(entry, "changes"):
            value = part(change, "value")
            metadata = part(value, "metadata")
            phone_number_id = text(metadata, "phone_number_id", ID_LIMIT).strip()
            if change.get("field") == FIELD and phone_number_id:
                number = displayed_number(metadata.get("display_phone_number"))
                account = text(entry, "id", ID_LIMIT)
                yield Change(account, value, phone_number_id, number, _senders(value))


def _events(change: Change, *, alone: bool) -> Iterator[Event]:
    for item in items(change.value, "messages"):
        message = _message(change, item)
        if message is not None:
            if not alone:
                message.receipt = _receipt(change, item)
            yield message
    for item in items(change.value, "statuses"):
        update = _status(change, item)
        if update is not None:
            yield update


def _receipt(change: Change, item: dict[str, Any]) -> bytes:
    """The request as it would be if it held this message alone. What many share is bounded."""
    contact = _contact(change, item)
    ids = {name: text(contact, name, ID_LIMIT) for name in ("wa_id", "user_id")}
    said = {name: known for name, known in ids.items() if known}
    profile = {"name": text(part(contact, "profile"), "name", NAME_LIMIT)}
    value = {
        "messaging_product": "whatsapp",
        "metadata": {
            "display_phone_number": change.number.removeprefix("+"),
            "phone_number_id": change.phone_number_id,
        },
        "contacts": [{**said, "profile": profile}],
        "messages": [item],
    }
    entry = {"id": change.account, "changes": [{"field": FIELD, "value": value}]}
    return orjson.dumps({"object": OBJECT, "entry": [entry]})


def displayed_number(value: object) -> str:
    """E.164 from a number as Meta shows it, `15550783881` or `+1 555-078-3881`; empty if none."""
    if not isinstance(value, str) or len(value) > NAME_LIMIT:
        return ""
    return _address("+" + "".join(each for each in value if "0" <= each <= "9"))


def _address(raw: str) -> str:
    try:
        return parse_address(raw)
    except Invalid:
        return ""


# Messages


def _message(change: Change, item: dict[str, Any]) -> Inbound | None:
    """None when nobody has sent it."""
    contact = _contact(change, item)
    user_id = _user_id(item.get("from_user_id")) or _user_id(contact.get("user_id"))
    number = _number(item.get("from"))
    sender = number or user_id
    if not sender:
        return None
    profile = part(contact, "profile")
    message = Inbound(
        channel_kind="wmsg",
        channel_address=change.number,
        contact_address=sender,
        carrier_id=_id(item),
        kind="text",
        text="",
        profile_name=text(profile, "name", NAME_LIMIT) or None,
        external_user_id=user_id or None,
        sent_at=_moment(item.get("timestamp")),
        carrier_address=change.phone_number_id,
    )
    contents.read(item, message)
    return message


def _senders(value: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """What is said of each sender. Under no name: of the only sender of an only message."""
    listed = items(value, "contacts")
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for contact in listed:
        for name, field in (("wa_id", "from"), ("user_id", "from_user_id")):
            known: object = contact.get(name)
            if isinstance(known, str):
                found.setdefault((field, known), contact)
    if len(listed) == 1 and len(items(value, "messages")) == 1:
        found["", ""] = listed[0]
    return found


def _contact(change: Change, item: dict[str, Any]) -> dict[str, Any]:
    for field in ("from", "from_user_id"):
        known: object = item.get(field)
        if isinstance(known, str) and (field, known) in change.senders:
            return change.senders[field, known]
    return change.senders.get(("", ""), {})


def _user_id(value: object) -> str:
    return value if isinstance(value, str) and is_user_id(value) else ""


def _number(value: object) -> str:
    """A sender's number, which comes as digits alone; a user id may stand there, too."""
    if not isinstance(value, str) or len(value) > NAME_LIMIT:
        return ""
    digits = value.strip().removeprefix("+")
    return _address(f"+{digits}") if digits.isascii() and digits.isdigit() else _user_id(value)


def _id(item: dict[str, Any]) -> str:
    """Meta's id. A message that has none is told from others by what it says."""
    known = text(item, "id", ID_LIMIT).strip()
    return known or f"local-{hashlib.sha256(orjson.dumps(item)).hexdigest()}"


def _moment(value: object) -> datetime | None:
    """From seconds since 1970, as text or as a number."""
    try:
        moment = datetime.fromtimestamp(int(str(value)[:20]), UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if EARLIEST < moment < LATEST else None


# Statuses


def _status(change: Change, item: dict[str, Any]) -> StatusUpdate | None:
    """None when it names no message."""
    carrier_id = text(item, "id", ID_LIMIT).strip()
    if not carrier_id:
        return None
    said = text(item, "status", NAME_LIMIT)
    update = StatusUpdate(
        channel_kind="wmsg",
        channel_address=change.number,
        carrier_id=carrier_id,
        # A status that Meta adds one day moves nothing back, and its name is kept.
        status=STATUSES.get(said, Status.QUEUED),
        message_id=_message_id(item.get("biz_opaque_callback_data")),
        carrier_status=said,
        at=_moment(item.get("timestamp")),
        carrier_address=change.phone_number_id,
    )
    errors = items(item, "errors")
    if errors:
        _add_error(update, errors[0])
    return update


def _add_error(update: StatusUpdate, error: Mapping[str, Any]) -> None:
    code = str(error.get("code") or "unknown").replace("\0", "")[:64]
    details = part(error, "error_data")
    said = text(details, "details") or text(error, "message") or text(error, "title")
    known = meaning(code, said)
    update.error_code, update.error, update.remedy = code, known.text, known.remedy


def _message_id(value: object) -> UUID | None:
    if not isinstance(value, str) or len(value) > NAME_LIMIT:
        return None
    try:
        return UUID(value)
    except ValueError:
        return None
