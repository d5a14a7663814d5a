"""Twilio's webhooks: messages from customers and statuses of ours, as form fields.

https://www.twilio.com/docs/messaging/guides/webhook-request
https://www.twilio.com/docs/messaging/guides/track-outbound-message-status
https://www.twilio.com/docs/whatsapp/api
https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out

A message:
    From=whatsapp:+14155551234 & To=whatsapp:+14155238886 & Body=Hello & NumMedia=0
    & MessageSid=SM… & AccountSid=AC… & ProfileName=Ana & WaId=14155551234 & MessageType=text
    & ExternalUserId=whatsapp:US.13491208655302741918 & SmsStatus=received …
A status, at the address that was given with the message:
    /whatsapp/status?message_id=<our id>
    From=whatsapp:+14155238886 & To=whatsapp:+14155551234 & MessageSid=SM…
    & MessageStatus=undelivered & ErrorCode=63016 …

Parsing comes before the signature is checked, since `To` says whose token to check it with: all
of it must be bounded and safe on anything that anyone sends. PostgreSQL stores no NUL: none is
let through.
"""

import math
import re
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import orjson

from frontdesk.carriers.twilio.errors import meaning
from frontdesk.kernel.errors import Invalid
from frontdesk.kernel.ids import new_id
from frontdesk.kernel.phone import is_user_id, parse_address
from frontdesk.ports import (
    ChannelKind,
    Event,
    Inbound,
    MessageKind,
    Refused,
    Status,
    StatusUpdate,
    WebhookRequest,
)

PREFIX = "whatsapp:"
# What is left of a `+` that a form did not escape, as `curl -d` does not: Twilio does.
UNESCAPED_PLUS = re.compile(r"^(whatsapp:)? (?=[1-9][0-9]{6,14}$)")

TEXT_LIMIT = 65_536
"""WhatsApp takes 4 096 characters from a customer, and a concatenated SMS 1 600."""
FIELD_LIMIT = 4_096
NAME_LIMIT = 256
ID_LIMIT = 64
MEDIA_LIMIT = 32
"""Files of one message. Twilio sends at most ten."""
DEPTH_LIMIT = 32

STATUSES: dict[str, Status] = {
    "accepted": Status.QUEUED,
    "scheduled": Status.QUEUED,
    "queued": Status.QUEUED,
    "sending": Status.SENDING,
    "sent": Status.SENT,
    # Some segments of an SMS have arrived, not all.
    "partially_delivered": Status.SENT,
    "delivered": Status.DELIVERED,
    "read": Status.READ,
    "undelivered": Status.FAILED,
    "failed": Status.FAILED,
    "canceled": Status.CANCELED,
    "receiving": Status.RECEIVED,
    "received": Status.RECEIVED,
}

PLAIN_FIELDS = frozenset(
    {
        "AccountSid", "ApiVersion", "Body", "ChannelMetadata", "ExternalUserId", "From", "FromCity",
        "FromCountry", "FromState", "FromZip", "MessageSid", "MessageType", "MessagingServiceSid",
        "NumMedia", "NumSegments", "ProfileName", "ReferralNumMedia", "SmsMessageSid", "SmsSid",
        "SmsStatus", "To", "ToCity", "ToCountry", "ToState", "ToZip", "WaId",
    }
)  # fmt: skip
"""Fields of a message that is nothing but text: with only these, nothing else is looked for."""

REFERRAL_FIELDS = {
    "ReferralBody": "body",
    "ReferralHeadline": "headline",
    "ReferralSourceId": "source_id",
    "ReferralSourceType": "source_type",
    "ReferralSourceUrl": "source_url",
    "ReferralMediaId": "media_id",
    "ReferralMediaContentType": "media_content_type",
    "ReferralMediaUrl": "media_url",
    "ReferralCtwaClid": "ctwa_clid",
}

NAMED_KINDS: dict[str, MessageKind] = {
    "sticker": "sticker",
    "contacts": "contacts",
    "reaction": "reaction",
    "unsupported": "unsupported",
}
"""Values of MessageType that say what the other fields do not."""

OPT_OUT_TYPES = frozenset({"STOP", "START", "HELP"})
"""What Advanced Opt-Out took a message for, by the keywords of its messaging service."""

VCARDS = frozenset({"text/vcard", "text/x-vcard", "text/directory"})


def parse(kind: ChannelKind, request: WebhookRequest) -> list[Event]:
    try:
        form = request.form
    except ValueError as error:
        raise Refused(400, f"The body is not a readable form: {error}") from None
    fields = Fields(form)
    if fields.text("From", NAME_LIMIT + 1).startswith(PREFIX):
        # A WhatsApp sender whose webhook was set to the route for SMS is a WhatsApp sender.
        kind = "wmsg"
    if _is_status(form):
        return [_status(kind, fields, request.urls)]
    return [_inbound(kind, fields)]


class Fields:
    """The form's fields, cleaned and bounded; `cut` notes the full length of what was cut."""

    __slots__ = ("cut", "form")

    def __init__(self, form: dict[str, list[str]]) -> None:
        self.form = form
        self.cut: dict[str, int] = {}

    def text(self, name: str, limit: int = FIELD_LIMIT) -> str:
        values = self.form.get(name)
        if values is None:
            return ""
        value = values[0]
        if "\0" in value:
            value = value.replace("\0", "")
        if len(value) > limit:
            self.cut[name] = len(value)
            value = value[:limit]
        return value

    def some(self, names: dict[str, str]) -> dict[str, Any]:
        """The fields that are there and not empty, under the names that are given for them."""
        return {key: value for name, key in names.items() if (value := self.text(name))}

    def id(self, *names: str) -> str:
        """The first of the named fields that is there: an identifier, which is never cut."""
        for name in names:
            value = self.text(name).strip()
            if len(value) > ID_LIMIT:
                raise Refused(400, f"{name} has over {ID_LIMIT} characters, the longest allowed")
            if value:
                return value
        return ""

    def address(self, name: str) -> str:
        """An address without prefix, empty if the field is not there."""
        values = self.form.get(name)
        if values is None or not values[0].strip():
            return ""
        if len(values[0]) > NAME_LIMIT:
            raise Refused(400, f"{name} is no address: it has {len(values[0])} characters")
        try:
            return parse_address(UNESCAPED_PLUS.sub(r"\1+", values[0]))
        except Invalid as error:
            raise Refused(400, f"{name}: {error.detail}") from None

    def user_id(self) -> str:
        """WhatsApp's business-scoped user id, empty if there is none."""
        value = self.text("ExternalUserId", NAME_LIMIT).strip().removeprefix(PREFIX)
        return value if is_user_id(value) else ""


# Statuses


def _is_status(form: dict[str, list[str]]) -> bool:
    if "Body" in form or "NumMedia" in form:
        return False
    stated = form.get("MessageStatus") or form.get("SmsStatus")
    return stated is not None and ("MessageStatus" in form or stated[0] != "received")


def _status(kind: ChannelKind, fields: Fields, urls: tuple[str, ...]) -> StatusUpdate:
    address = fields.address("From")
    if not address:
        raise Refused(400, "The status has no From, which names the channel")
    carrier_id = fields.id("MessageSid", "SmsSid")
    if not carrier_id:
        raise Refused(400, "The status has no MessageSid")
    said = fields.text("MessageStatus", ID_LIMIT) or fields.text("SmsStatus", ID_LIMIT)
    update = StatusUpdate(
        channel_kind=kind,
        channel_address=address,
        carrier_id=carrier_id,
        # A status that Twilio adds one day moves nothing back, and its name is kept.
        status=STATUSES.get(said, Status.QUEUED),
        message_id=_message_id(urls),
        carrier_status=said,
    )
    code = fields.text("ErrorCode", ID_LIMIT).strip()
    if code not in ("", "0"):
        message = fields.text("ErrorMessage") or fields.text("ChannelStatusMessage")
        known = meaning(code, message)
        update.error_code, update.error, update.remedy = code, known.text, known.remedy
    return update


def _message_id(urls: tuple[str, ...]) -> UUID | None:
    query = urls[0].partition("?")[2] if urls else ""
    if "message_id=" not in query:
        return None
    try:
        return UUID(parse_qs(query, max_num_fields=20)["message_id"][0])
    except (ValueError, KeyError):
        return None


# Messages


def _inbound(kind: ChannelKind, fields: Fields) -> Inbound:
    user_id = fields.user_id()
    channel = fields.address("To")
    contact = fields.address("From") if _has_sender(fields) else user_id
    if not contact or not channel:
        missing = " and ".join(
            name for name, value in (("From", contact), ("To", channel)) if not value
        )
        raise Refused(400, f"The body has no {missing}: it is not a message from Twilio")
    if kind == "wmsg" and not (contact.startswith("+") or is_user_id(contact)):
        raise Refused(400, f"From: {contact!r} is no WhatsApp number or user id")
    message = Inbound(
        channel_kind=kind,
        channel_address=channel,
        contact_address=contact,
        carrier_id=fields.id("MessageSid", "SmsMessageSid", "SmsSid") or f"local-{new_id()}",
        kind="text",
        text=fields.text("Body", TEXT_LIMIT),
        profile_name=fields.text("ProfileName", NAME_LIMIT) or None,
        external_user_id=user_id or (contact if is_user_id(contact) else None),
    )
    said = fields.text("MessageType", NAME_LIMIT)
    has_files = fields.text("NumMedia", NAME_LIMIT) not in ("", "0")
    if has_files or said not in ("", "text") or not PLAIN_FIELDS.issuperset(fields.form):
        _enrich(message, fields, said)
    if fields.cut:
        message.content["truncated"] = fields.cut
    return message


def _has_sender(fields: Fields) -> bool:
    """Without a phone number, From is missing or nothing but its prefix."""
    return fields.text("From", NAME_LIMIT + 1).strip() not in ("", PREFIX)


def _enrich(message: Inbound, fields: Fields, said: str) -> None:
    """What a message has besides its text. The last kind that applies is the message's."""
    content = message.content
    _add_context(message, fields)
    media = _media(fields)
    if media:
        content["media"] = media
        message.kind = media_kind(media[0]["content_type"], message.channel_kind)
    location = _location(fields)
    if location:
        content["location"] = location
        message.kind = "location"
    list_reply = fields.some(
        {"ListId": "id", "ListTitle": "title", "ListDescription": "description"}
    )
    if list_reply:
        content["list_reply"] = list_reply
        message.kind = "list_reply"
        message.text = message.text or list_reply.get("title", "")
    button = fields.some({"ButtonText": "text", "ButtonPayload": "payload"})
    if button:
        content["button"] = button
        message.kind = "button"
        message.text = message.text or button.get("text", "")
    interactive = fields.text("InteractiveData", TEXT_LIMIT)
    if interactive:
        content["interactive"] = _json(interactive)
    if said in NAMED_KINDS:
        message.kind = NAMED_KINDS[said]
    elif message.kind == "text" and not message.text and said not in ("", "text"):
        message.kind = "unsupported"
    if message.kind == "unsupported":
        content["carrier_type"] = said
    elif message.kind == "reaction":
        # An empty one takes the reaction back.
        content["reaction"] = {"emoji": message.text}


def _add_context(message: Inbound, fields: Fields) -> None:
    """What the message answers, where it comes from, and what Twilio took it for."""
    content = message.content
    message.reply_to = fields.text("OriginalRepliedMessageSid", ID_LIMIT).strip() or None
    sender = fields.text("OriginalRepliedMessageSender", NAME_LIMIT)
    if sender:
        content["reply_to_sender"] = sender.removeprefix(PREFIX)
    if fields.text("Forwarded", NAME_LIMIT).lower() == "true":
        content["forwarded"] = True
    if fields.text("FrequentlyForwarded", NAME_LIMIT).lower() == "true":
        content["forwarded"] = content["frequently_forwarded"] = True
    opt_out_type = fields.text("OptOutType", ID_LIMIT).strip().upper()
    if opt_out_type in OPT_OUT_TYPES:
        content["opt_out_type"] = opt_out_type
    referral = fields.some(REFERRAL_FIELDS)
    if referral:
        content["referral"] = referral


def _media(fields: Fields) -> list[dict[str, str]]:
    items: list[dict[str, str]] = []
    for index in range(MEDIA_LIMIT):
        url = fields.text(f"MediaUrl{index}")
        if url and f"MediaUrl{index}" not in fields.cut:
            content_type = fields.text(f"MediaContentType{index}", NAME_LIMIT).strip().lower()
            items.append({"url": url, "content_type": content_type})
    declared = fields.text("NumMedia", NAME_LIMIT).strip()
    sent = sum(name.startswith("MediaUrl") for name in fields.form)
    count = max(sent, int(declared[:9]) if declared.isascii() and declared.isdigit() else 0)
    if count > len(items):
        fields.cut["media"] = count
    return items


def media_kind(content_type: str, channel: ChannelKind) -> MessageKind:
    family = content_type.partition("/")[0]
    if content_type.partition(";")[0].strip() in VCARDS:
        return "contacts"
    if content_type == "image/webp" and channel == "wmsg":
        # WhatsApp turns pictures into JPEG: what is still WebP is a sticker.
        return "sticker"
    if family == "image":
        return "image"
    if family == "audio" or content_type.startswith("application/ogg"):
        return "audio"
    return "video" if family == "video" else "document"


def _location(fields: Fields) -> dict[str, Any]:
    place = fields.some({"Latitude": "latitude", "Longitude": "longitude"})
    if not place:
        return {}
    for name, value in place.items():
        try:
            number = float(value)
        except ValueError:
            continue
        if math.isfinite(number):
            place[name] = number
    return place | fields.some({"Label": "label", "Address": "address"})


def _json(text: str) -> Any:
    """The value of a JSON text, or the text itself if it is broken or too deep to keep."""
    try:
        return _clean(orjson.loads(text), 0)
    except ValueError:
        return text


def _clean(value: Any, depth: int) -> Any:
    if depth > DEPTH_LIMIT:
        raise ValueError("too deep")
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, dict):
        pairs: dict[str, Any] = value
        return {name.replace("\0", ""): _clean(item, depth + 1) for name, item in pairs.items()}
    if isinstance(value, list):
        items: list[Any] = value
        return [_clean(item, depth + 1) for item in items]
    return value
