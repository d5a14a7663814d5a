"""Sending a message, or one from a template.

https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages
https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/template-messages

POST /v23.0/106540352242922/messages
    {"messaging_product": "whatsapp", "recipient_type": "individual", "to": "16505551234",
     "type": "text", "text": {"body": "Hello"}, "context": {"message_id": "wamid.…"},
     "biz_opaque_callback_data": "<our id>"}
  →  200  {"messaging_product": "whatsapp", "contacts": [{"input": "16505551234",
     "wa_id": "16505551234"}], "messages": [{"id": "wamid.…", "message_status": "accepted"}]}

`biz_opaque_callback_data` comes back in every status of the message.
"""

import mimetypes
from typing import Any
from urllib.parse import urlsplit

from frontdesk.carriers.answers import address_of, hostname, is_this_machine
from frontdesk.carriers.meta.api import GRAPH_BASE, Api, garbled
from frontdesk.carriers.meta.components import filled
from frontdesk.carriers.meta.contents import ID_LIMIT, items
from frontdesk.kernel.phone import is_user_id
from frontdesk.ports import Channel, Enclosed, Outbound, SendError, Sent, Status

FILENAME_LIMIT = 240
CAPTIONED = ("image", "video", "document")


async def send(api: Api, message: Outbound, channel: Channel) -> Sent:
    body: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        **_recipient(message.to),
        **_contents(message, channel),
        "biz_opaque_callback_data": str(message.message_id),
    }
    if message.reply_to and message.template is None:
        body["context"] = {"message_id": message.reply_to}
    path = f"/{api.own(channel.account)}/messages"
    answer = await api.post(path, body, channel, until=message.until)
    sent = items(answer, "messages")
    carrier_id: object = sent[0].get("id") if sent else None
    if not isinstance(carrier_id, str) or not 0 < len(carrier_id) <= ID_LIMIT:
        raise garbled("Meta's answer does not name the message. It may have been sent")
    return Sent(carrier_id.replace("\0", ""), Status.QUEUED)


def _recipient(address: str) -> dict[str, str]:
    if is_user_id(address):
        return {"recipient": address}
    return {"to": address.removeprefix("+")}


def _contents(message: Outbound, channel: Channel) -> dict[str, Any]:
    """The part of the body that the customer sees. Raises SendError."""
    if message.template is not None:
        _check_reachable(message.template.header_media_url, channel)
        return {"type": "template", "template": filled(message.template)}
    if not message.media_urls:
        if not message.text:
            raise SendError("give_up", "empty", "The message is empty")
        # Without it WhatsApp shows no preview of a link in it.
        return {"type": "text", "text": {"body": message.text, "preview_url": True}}
    if len(message.media_urls) > 1:
        raise SendError("give_up", "files", "A WhatsApp message holds one file, and this has more")
    url = message.media_urls[0]
    _check_reachable(url, channel)
    file = message.media[0] if message.media else _guessed(url)
    part: dict[str, Any] = {"link": url}
    if message.text:
        if file.kind not in CAPTIONED:
            raise SendError("give_up", "caption", f"WhatsApp shows no text beside {file.kind}")
        part["caption"] = message.text
    if file.kind == "document" and file.filename:
        part["filename"] = file.filename[:FILENAME_LIMIT]
    return {"type": file.kind, file.kind: part}


def _guessed(url: str) -> Enclosed:
    """By the address's ending. What has none that is known goes as a document, which takes all."""
    try:
        path = urlsplit(url).path
    except ValueError:
        path = ""
    name = path.rpartition("/")[2]
    content_type = mimetypes.guess_type(name)[0] or ""
    match content_type.partition("/")[0]:
        case "image":
            return Enclosed("image")
        case "audio":
            return Enclosed("audio")
        case "video":
            return Enclosed("video")
        case _:
            return Enclosed("document", name if content_type else "")


def _check_reachable(url: str | None, channel: Channel) -> None:
    """Meta itself fetches no file from this machine or its network; a sandbox does."""
    host = hostname(url) if url else ""
    if url and (channel.base_url or GRAPH_BASE) == GRAPH_BASE and _is_local(host):
        raise SendError(
            "give_up",
            "local-media",
            f"Meta cannot fetch files from {host}: it is an address of this machine or network; "
            "set FRONTDESK_PUBLIC_URL to one that Meta reaches",
        )


def _is_local(host: str) -> bool:
    address = address_of(host)
    return is_this_machine(host) or (address is not None and not address.is_global)
