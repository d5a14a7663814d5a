"""Twilio's shapes: messages, media, pages and errors as JSON, filters and forms as values.

https://www.twilio.com/docs/messaging/api/message-resource
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from frontdesk.sandbox.contents import BadVariables, parse_variables, rendered
from frontdesk.sandbox.exchange import BODY_LIMIT, MEDIA_LIMIT, CarrierError, Exchange, new_sid
from frontdesk.sandbox.model import API_VERSION, Media, Message, TemplateParts, channel_of
from frontdesk.sandbox.text import segments

PAGE_SIZE = 50
PAGE_LIMIT = 1000


def rfc2822(moment: datetime | None) -> str | None:
    return None if moment is None else format_datetime(moment.astimezone(UTC))


def error_body(error: CarrierError) -> dict[str, Any]:
    return {
        "code": error.code,
        "message": error.detail,
        "more_info": f"https://www.twilio.com/docs/errors/{error.code}",
        "status": error.status,
    }


def not_found(path: str) -> CarrierError:
    return CarrierError(20404, f"The requested resource {path} was not found", status=404)


def account_json(account_sid: str) -> dict[str, Any]:
    """https://www.twilio.com/docs/iam/api/account"""
    uri = f"/{API_VERSION}/Accounts/{account_sid}"
    return {
        "sid": account_sid,
        "friendly_name": "Sandbox",
        "owner_account_sid": account_sid,
        "status": "active",
        "type": "Full",
        "date_created": rfc2822(datetime(2020, 1, 1, tzinfo=UTC)),
        "date_updated": rfc2822(datetime(2020, 1, 1, tzinfo=UTC)),
        "subresource_uris": {"messages": f"{uri}/Messages.json"},
        "uri": f"{uri}.json",
    }


def message_uri(message: Message) -> str:
    return f"/{API_VERSION}/Accounts/{message.account_sid}/Messages/{message.sid}"


def message_json(message: Message) -> dict[str, Any]:
    """Addresses are relative to the host, as Twilio's are."""
    parts = segments(message.body) if channel_of(message.to) == "sms" and not message.media else 1
    return {
        "account_sid": message.account_sid,
        "api_version": API_VERSION,
        "body": message.body,
        "date_created": rfc2822(message.created),
        "date_sent": rfc2822(message.sent),
        "date_updated": rfc2822(message.updated),
        "direction": message.direction,
        "error_code": message.error_code,
        "error_message": message.error_message,
        "from": message.from_,
        "messaging_service_sid": message.messaging_service_sid,
        "num_media": str(len(message.media)),
        "num_segments": str(parts),
        "price": None,
        "price_unit": "USD",
        "sid": message.sid,
        "status": message.status,
        "subresource_uris": {
            "media": f"{message_uri(message)}/Media.json",
            "feedback": f"{message_uri(message)}/Feedback.json",
        },
        "to": message.to,
        "uri": f"{message_uri(message)}.json",
    }


def media_json(message: Message, media: Media) -> dict[str, Any]:
    return {
        "sid": media.sid,
        "account_sid": message.account_sid,
        "parent_sid": message.sid,
        "content_type": media.content_type,
        "date_created": rfc2822(message.created),
        "date_updated": rfc2822(message.created),
        "uri": f"{message_uri(message)}/Media/{media.sid}.json",
    }


def outbound(
    exchange: Exchange, account_sid: str, form: Mapping[str, str], media_urls: list[str]
) -> Message:
    """A message from the form of a create request, or Twilio's refusal of it."""
    to, from_ = form.get("To", "").strip(), form.get("From", "").strip()
    body, content_sid = form.get("Body", ""), form.get("ContentSid")
    service = form.get("MessagingServiceSid")
    if not to:
        raise CarrierError(21604, "A 'To' phone number is required.")
    if not from_ and service:
        from_ = _service_sender(exchange, account_sid, to)
    if not from_:
        raise CarrierError(21603, "A 'From' phone number is required.")
    exchange.check_outbound(to, from_)
    template, file = None, ""
    if content_sid:
        body, file, template = _from_template(exchange, account_sid, form)
        media_urls = [file] if file and channel_of(to) == "whatsapp" else []
    elif form.get("ContentVariables"):
        raise CarrierError(21654, "ContentSid is required with ContentVariables.")
    if not body and not media_urls:
        raise CarrierError(21602, "Message body is required.")
    if len(body) > BODY_LIMIT:
        raise CarrierError(
            21617, f"The concatenated message body exceeds the {BODY_LIMIT} character limit"
        )
    _check_media(media_urls, 1 if channel_of(to) == "whatsapp" else MEDIA_LIMIT)
    callback = form.get("StatusCallback") or None
    if callback and not callback.startswith(("http://", "https://")):
        raise CarrierError(21609, f"The 'StatusCallback' URL {callback} is not a valid URL.")
    now = exchange.clock()
    return Message(
        new_sid("MM" if media_urls else "SM"), account_sid, from_, to, body,
        "outbound-api", "queued", now, now,
        media=[Media(new_sid("ME"), "application/octet-stream", url) for url in media_urls],
        messaging_service_sid=service, status_callback=callback, content_sid=content_sid,
        template=template,
    )  # fmt: skip


def _from_template(
    exchange: Exchange, account_sid: str, form: Mapping[str, str]
) -> tuple[str, str, TemplateParts]:
    """What a message says that names a template, or Twilio's refusal of it."""
    content = exchange.contents.get(account_sid, form["ContentSid"])
    if content is None:
        raise CarrierError(21655, f"The ContentSid {form['ContentSid']} is invalid.")
    try:
        variables = parse_variables(form.get("ContentVariables"))
    except BadVariables as wrong:
        raise CarrierError(21656, f"The ContentVariables parameter is invalid: {wrong}.") from wrong
    return rendered(content, variables)


def _check_media(urls: list[str], limit: int) -> None:
    if len(urls) > limit:
        raise CarrierError(21623, f"Number of media files exceeds allowed limit of {limit}")
    for url in urls:
        try:
            parts = urlsplit(url)
            right = parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in url
        except ValueError:
            right = False
        if not right:
            raise CarrierError(21620, f"Invalid media URL(s): {url}")


def _service_sender(exchange: Exchange, account_sid: str, to: str) -> str:
    """A messaging service sends from any number of the account on the recipient's channel."""
    for address in exchange.numbers:
        if channel_of(address) == channel_of(to) and exchange.account_of(address) == account_sid:
            return address
    return ""


@dataclass(frozen=True, slots=True)
class Filters:
    """`on` is a day; `after` and `before` are inclusive moments, as Twilio's `>=` and `<=`."""

    to: str | None
    from_: str | None
    on: datetime | None
    after: datetime | None
    before: datetime | None

    def admit(self, message: Message) -> bool:
        if self.on is None and self.after is None and self.before is None:
            return True
        sent = message.sent
        if sent is None:
            return False
        # Twilio's dates have whole seconds: a message of 12:00:00.4 is one of 12:00:00.
        sent = sent.replace(microsecond=0)
        if self.on is not None and not self.on <= sent < self.on + timedelta(days=1):
            return False
        if self.after is not None and sent < self.after:
            return False
        return self.before is None or sent <= self.before


def parse_filters(query: Mapping[str, str]) -> Filters:
    """`DateSent>=2026-01-31` reaches a server as the name `DateSent>` and the date."""
    day = _moment(query.get("DateSent"))
    return Filters(
        query.get("To") or None,
        query.get("From") or None,
        day and day.replace(hour=0, minute=0, second=0),
        _moment(query.get("DateSent>")),
        _moment(query.get("DateSent<")),
    )


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise CarrierError(
            20001, f"DateSent {text!r} is no date; write YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ"
        ) from wrong
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def page_json(
    path: str, query: Mapping[str, str], messages: Iterable[Message], filters: Filters
) -> dict[str, Any]:
    """One page, newest first. A page token names the last message of the page before, so that
    messages that arrive between two requests shift nothing."""
    size = min(max(_number(query, "PageSize", PAGE_SIZE), 1), PAGE_LIMIT)
    page = max(_number(query, "Page", 0), 0)
    token = query.get("PageToken", "").removeprefix("PA")
    start = 0 if token else page * size
    found: list[Message] = []
    for message in filter(filters.admit, messages):
        found.append(message)
        if token and message.sid == token:
            start = len(found)
        if (start or not token) and len(found) > start + size:
            break
    if token and not start:
        raise CarrierError(20006, f"PageToken PA{token} names no message of this list")
    shown = found[start : start + size]
    kept = {
        name: value
        for name, value in query.items()
        if name not in ("Page", "PageToken", "PageSize")
    }

    def link(number: int, **more: str) -> str:
        return f"{path}?{urlencode({**kept, 'PageSize': size, 'Page': number, **more})}"

    after = start + size < len(found)
    ahead = found[start - size - 1].sid if start > size else ""
    back = link(page - 1, **({"PageToken": f"PA{ahead}"} if ahead else {}))
    return {
        "messages": [message_json(message) for message in shown],
        "uri": f"{path}?{urlencode(dict(query))}" if query else path,
        "first_page_uri": link(0),
        "next_page_uri": link(page + 1, PageToken=f"PA{shown[-1].sid}") if after else None,
        "previous_page_uri": back if page else None,
        "page": page,
        "page_size": size,
        "start": page * size,
        "end": page * size + max(len(shown) - 1, 0),
    }


def _number(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, "")
    if text and not text.isdigit():
        raise CarrierError(20001, f"{name} is a whole number, not {text!r}")
    return int(text) if text else default
