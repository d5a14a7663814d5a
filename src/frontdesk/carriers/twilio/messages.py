"""Twilio's message resource: send one, find one that may have got through, list what came in.

https://www.twilio.com/docs/messaging/api/message-resource
https://www.twilio.com/docs/messaging/api/media-resource
https://www.twilio.com/docs/usage/twilios-response

POST /2010-04-01/Accounts/AC…/Messages.json  To=…&From=…&Body=…&StatusCallback=…  →  201
    {"sid": "SM…", "status": "queued", "direction": "outbound-api", "to": "whatsapp:+14155551234",
     "from": "whatsapp:+14155238886", "body": "Hello", "num_media": "0", "error_code": null,
     "date_created": "Thu, 24 Aug 2023 05:01:45 +0000", "date_sent": null,
     "subresource_uris": {"media": "/2010-04-01/Accounts/AC…/Messages/SM…/Media.json"}, …}
The same from a template  To=…&From=…&ContentSid=HX…&ContentVariables={"1":"Ana"}&…
Refused  →  400  {"code": 21610, "message": "…", "more_info": "https://…", "status": 400}
GET …/Messages.json?To=…&DateSent>=…  →  {"messages": […], "next_page_uri": "/2010-04-01/…", …}
GET …/Messages/SM…/Media.json  →  {"media_list": [{"uri": "….json", "content_type": "…"}], …}
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from frontdesk.carriers.answers import address_of, hostname, is_this_machine
from frontdesk.carriers.twilio.api import API_BASE, Api, garbled
from frontdesk.carriers.twilio.errors import ERRORS, meaning
from frontdesk.carriers.twilio.webhook import (
    FIELD_LIMIT,
    ID_LIMIT,
    MEDIA_LIMIT,
    NAME_LIMIT,
    PREFIX,
    STATUSES,
    TEXT_LIMIT,
    media_kind,
)
from frontdesk.kernel.errors import Invalid
from frontdesk.kernel.phone import is_user_id, parse_address
from frontdesk.ports import Channel, Inbound, Outbound, SendError, Sent, Status

CALLBACK_PATHS = {"wmsg": "/whatsapp/status", "sms": "/sms/status"}
CLOCK_SLACK = timedelta(seconds=5)
"""Twilio's dates have whole seconds, and its clock is not ours."""
TRIAL_PREFIX = "Sent from your Twilio trial account - "
MEDIA_SID = "MM"
"""Ids of messages that were made with files start so, others with `SM`."""
PAGE_SIZE = 200
FIND_PAGES = 10
LIST_PAGES = 5_000
LIST_LIMIT = 10_000
MEDIA_CALLS = 4


async def send(api: Api, message: Outbound, channel: Channel, public_url: str) -> Sent:
    form = [("To", wire_address(message.to, channel)), ("From", _sender(channel))]
    form += _contents(message, channel)
    if channel.kind in CALLBACK_PATHS and not is_unreachable(public_url, channel.base_url):
        path = CALLBACK_PATHS[channel.kind]
        callback = f"{public_url.rstrip('/')}{path}?message_id={message.message_id}"
        form.append(("StatusCallback", callback))
    uri = f"{_account(channel)}/Messages.json"
    answer = await api.post(uri, urlencode(form), channel, until=message.until)
    row = Row.of(answer)
    if row is None:
        raise garbled("Twilio's answer does not name the message. It may have been sent")
    if row.status is Status.FAILED and row.error_code:
        remedy, text = meaning(row.error_code, "")
        raise SendError(remedy, row.error_code, text)
    return Sent(row.sid, row.status)


def _contents(message: Outbound, channel: Channel) -> list[tuple[str, str]]:
    """The part of the form that the customer sees. Raises SendError."""
    template = message.template
    if template is not None:
        values = orjson.dumps(dict(template.variables)).decode()
        named = [("ContentSid", template.carrier_id)]
        return [*named, ("ContentVariables", values)] if template.variables else named
    if not message.text and not message.media_urls:
        raise SendError("give_up", "21619", ERRORS["21619"].text)
    if any(is_unreachable(url, channel.base_url) for url in message.media_urls):
        raise SendError(
            "give_up",
            "local-media",
            f"Twilio cannot fetch files from {hostname(message.media_urls[0])}: it is an address "
            "of this machine or network; set FRONTDESK_PUBLIC_URL to one that Twilio reaches",
        )
    body = [("Body", message.text)] if message.text else []
    return [*body, *(("MediaUrl", url) for url in message.media_urls)]


async def find(api: Api, message: Outbound, channel: Channel, known: set[str]) -> Sent | None:
    """The oldest message of this content to this customer since it was first handed over.

    Files have no names there, so a file without text is told from another by its time alone: what
    came before it is in `known`, and what follows it has not been sent. Only a message that
    Twilio refused after taking it may be unknown, so one that failed is taken last.

    There is no filter on DateSent: a message that Twilio has queued has none yet, and the filter
    would hide the very message that is looked for. The list is newest first.
    """
    if message.since is None:
        return None
    since = message.since - CLOCK_SLACK
    query = {"To": wire_address(message.to, channel), "From": _sender(channel)}
    oldest: Row | None = None
    async for rows in _pages(api, channel, query, FIND_PAGES):
        for row in rows:
            if row.sid not in known and row.created >= since and _is_ours(row, message):
                oldest = row if oldest is None or row.order <= oldest.order else oldest
        if rows and rows[-1].created < since and rows[-1].created <= rows[0].created:
            break
    return None if oldest is None else Sent(oldest.sid, oldest.status)


async def inbound_since(api: Api, channel: Channel, since: datetime) -> list[Inbound]:
    """What came in since then, oldest first, at most the `LIST_LIMIT` oldest messages.

    A caller that gets as many asks again from the last one's `sent_at`. The list has no profile
    names, buttons, locations or replies: those come with the webhook only.
    """
    since = since.astimezone(UTC).replace(microsecond=0)
    query = {"To": _sender(channel), "DateSent>": since.strftime("%Y-%m-%dT%H:%M:%SZ")}
    kept: list[tuple[datetime, int, Row]] = []
    place = 0
    async for rows in _pages(api, channel, query, LIST_PAGES):
        for row in rows:
            # The list is newest first, which orders what came within one second.
            place -= 1
            if row.direction == "inbound" and _is_since(row, since):
                kept.append((row.sent, place, row))
        if len(kept) > 2 * LIST_LIMIT:
            kept = sorted(kept)[:LIST_LIMIT]
    oldest = [row for _, _, row in sorted(kept)[:LIST_LIMIT]]
    arrived = [(row, _inbound(row, channel)) for row in oldest]
    gate = asyncio.Semaphore(MEDIA_CALLS)
    async with asyncio.TaskGroup() as group:
        for row, message in arrived:
            if message is not None and row.num_media:
                group.create_task(_add_media(api, row, message, channel, gate))
    return [message for _, message in arrived if message is not None]


def wire_address(address: str, channel: Channel) -> str:
    return PREFIX + address if channel.kind in ("wmsg", "wvoice") else address


def _sender(channel: Channel) -> str:
    return wire_address(channel.address, channel)


def _account(channel: Channel) -> str:
    return f"/2010-04-01/Accounts/{quote(channel.account, safe='')}"


def is_unreachable(public_url: str, base_url: str) -> bool:
    """Whether Twilio itself cannot call an address; a sandbox can.

    It refuses a message whose callback address is loopback (21609), and fetches no file there.
    """
    api = hostname(base_url or API_BASE)
    return (api == "twilio.com" or api.endswith(".twilio.com")) and _is_local(hostname(public_url))


def _is_local(host: str) -> bool:
    address = address_of(host)
    return is_this_machine(host) or (
        address is not None and (address.is_loopback or address.is_unspecified)
    )


@dataclass(slots=True)
class Row:
    """The fields of a message resource that are used, checked and bounded."""

    sid: str
    status: Status
    direction: str
    sender: str
    text: str
    num_media: int
    created: datetime
    sent: datetime
    error_code: str

    @property
    def order(self) -> tuple[bool, datetime]:
        return self.status is Status.FAILED, self.created

    @classmethod
    def of(cls, value: object) -> "Row | None":
        """None for what is not a message resource."""
        if not isinstance(value, dict):
            return None
        fields: dict[str, Any] = value
        sid = fields.get("sid")
        if not isinstance(sid, str) or not 0 < len(sid) <= ID_LIMIT or not sid.isalnum():
            return None
        media = str(fields.get("num_media") or "0")
        created = _moment(fields.get("date_created"))
        return cls(
            sid=sid,
            status=STATUSES.get(str(fields.get("status")), Status.QUEUED),
            direction=str(fields.get("direction")),
            sender=str(fields.get("from") or "")[:NAME_LIMIT],
            text=str(fields.get("body") or ""),
            num_media=int(media) if media.isascii() and media.isdigit() and len(media) < 4 else 0,
            created=created or _moment(fields.get("date_sent")) or _NEVER,
            sent=_moment(fields.get("date_sent")) or created or _NEVER,
            error_code=str(fields.get("error_code") or "")[:NAME_LIMIT],
        )


_NEVER = datetime.min.replace(tzinfo=UTC)


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = parsedate_to_datetime(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _is_ours(row: Row, message: Outbound) -> bool:
    if message.template is not None:
        return _is_rendered(row, message)
    # Twilio trims a text's ends, that of its own prefix included.
    text = row.text.strip()
    ours = message.text.strip()
    if text != ours:
        text = text.removeprefix(TRIAL_PREFIX.strip()).strip()
    return row.direction == "outbound-api" and text == ours and _has_files(row, message)


def _is_rendered(row: Row, message: Outbound) -> bool:
    """Whether it may be what Twilio made of a template.

    Its resource names no template and has the body as Twilio rendered it, which leaves out what
    stands above and below it, and is empty for some kinds. What it has must stand in our text.
    """
    said = " ".join(row.text.removeprefix(TRIAL_PREFIX).split())
    return row.direction == "outbound-api" and said in " ".join(message.text.split())


def _has_files(row: Row, message: Outbound) -> bool:
    """As many as the message has. Where Twilio has not counted them yet, the id tells of them."""
    if row.num_media == 0:
        return row.sid.startswith(MEDIA_SID) == bool(message.media_urls)
    return row.num_media == len(message.media_urls)


def _is_since(row: Row, since: datetime) -> bool:
    """A row whose date cannot be read counts: Twilio's own filter has let it through."""
    return row.sent >= since or row.sent is _NEVER


async def _pages(
    api: Api, channel: Channel, query: Mapping[str, str], limit: int
) -> AsyncIterator[list[Row]]:
    parameters = urlencode({**query, "PageSize": str(PAGE_SIZE)})
    uri: str = f"{_account(channel)}/Messages.json?{parameters}"
    seen: set[str] = set()
    while uri and uri not in seen and len(seen) < limit:
        seen.add(uri)
        page = await api.get(uri, channel)
        rows: object = page.get("messages")
        if not isinstance(rows, list):
            raise garbled("Twilio's answer is not a list of messages", remedy="retry")
        items: list[object] = rows
        yield [row for item in items if (row := Row.of(item)) is not None]
        uri = str(page.get("next_page_uri") or "")


def _inbound(row: Row, channel: Channel) -> Inbound | None:
    """None when the sender is no address, which the webhook refuses too."""
    try:
        contact = parse_address(row.sender)
    except Invalid:
        return None
    text = row.text.replace("\0", "")
    message = Inbound(
        channel_kind=channel.kind,
        channel_address=channel.address,
        contact_address=contact,
        carrier_id=row.sid,
        kind="document" if row.num_media else "text",
        text=text[:TEXT_LIMIT],
        external_user_id=contact if is_user_id(contact) else None,
        sent_at=row.sent if row.sent is not _NEVER else None,
    )
    if row.num_media:
        message.content["media_count"] = row.num_media
    if len(text) > TEXT_LIMIT:
        message.content["truncated"] = {"Body": len(text)}
    return message


async def _add_media(
    api: Api, row: Row, message: Inbound, channel: Channel, gate: asyncio.Semaphore
) -> None:
    """The addresses of the files. Failing that, the message is kept with their number alone."""
    try:
        async with gate:
            sid = quote(row.sid, safe="")
            answer = await api.get(f"{_account(channel)}/Messages/{sid}/Media.json", channel)
    except SendError as error:
        message.content["media_error"] = error.text
        return
    listed: object = answer.get("media_list")
    items: list[Any] = listed[:MEDIA_LIMIT] if isinstance(listed, list) else []
    media: list[dict[str, str]] = []
    for item in items:
        uri = str(item.get("uri") or "") if isinstance(item, dict) else ""
        if uri.startswith("/") and uri.isprintable() and len(uri) <= FIELD_LIMIT:
            content_type = str(item.get("content_type") or "")[:NAME_LIMIT].lower()
            content_type = content_type.replace("\0", "")
            url = api.base(channel) + uri.removesuffix(".json")
            media.append({"url": url, "content_type": content_type})
    if media:
        message.content["media"] = media
        message.kind = media_kind(media[0]["content_type"], channel.kind)
