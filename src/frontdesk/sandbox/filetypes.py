"""What a file is to a carrier: the kinds, types and sizes that WhatsApp and MMS take.

https://www.twilio.com/docs/whatsapp/guidance-whatsapp-media-messages
https://www.twilio.com/docs/messaging/guides/accepted-mime-types
"""

import mimetypes
from pathlib import PurePath

from frontdesk.sandbox.model import Channel, MediaKind, Vendor

MB = 1024 * 1024
WHATSAPP_LIMIT = 16 * MB
WHATSAPP_IMAGE_LIMIT = 5 * MB
MMS_LIMIT = 5 * MB
UPLOAD_LIMIT = 100 * MB
"""What a phone can send at all: WhatsApp's limit for documents."""

OPENXML = "application/vnd.openxmlformats-officedocument"
VCARDS = frozenset({"text/vcard", "text/x-vcard"})
WHATSAPP_TYPES = VCARDS | {
    "image/jpeg", "image/png", "image/webp",
    "audio/ogg", "audio/amr", "audio/3gpp", "audio/aac", "audio/mpeg",
    "video/mp4",
    "application/pdf", "application/msword",
    f"{OPENXML}.wordprocessingml.document",
    f"{OPENXML}.presentationml.presentation",
    f"{OPENXML}.spreadsheetml.sheet",
    # The second page has these as well, and the plain text is on WhatsApp's own list. Its column
    # for WhatsApp also says yes to GIF and TIFF and the rest, which WhatsApp cannot show.
    "application/vnd.ms-excel", "application/vnd.ms-powerpoint", "application/vcard",
    "text/plain", "text/csv", "text/rtf",
}  # fmt: skip
MMS_TYPES = VCARDS | {
    "image/jpeg", "image/jpg", "image/png", "image/gif", "image/heic", "image/heif",
    "image/bmp", "image/tiff",
    "audio/basic", "audio/l24", "audio/mp4", "audio/mpeg", "audio/mp3", "audio/ogg",
    "audio/vnd.rn-realaudio", "audio/vnd.wave", "audio/3gpp", "audio/3gpp2", "audio/ac3",
    "audio/webm", "audio/amr-nb", "audio/amr",
    "video/mpeg", "video/mp4", "video/quicktime", "video/webm", "video/3gpp", "video/3gpp2",
    "video/3gpp-tt", "video/h261", "video/h263", "video/h263-1998", "video/h263-2000",
    "video/h264", "video/h265", "video/mpeg4",
    "text/csv", "text/rtf", "text/richtext", "text/calendar", "text/directory",
    "application/pdf", "application/vcard",
}  # fmt: skip

_SIGNATURES = {
    "image/jpeg": (0, b"\xff\xd8\xff"),
    "image/png": (0, b"\x89PNG\r\n\x1a\n"),
    "image/webp": (8, b"WEBP"),
    "image/gif": (0, b"GIF8"),
    "audio/ogg": (0, b"OggS"),
    "audio/amr": (0, b"#!AMR"),
    "video/mp4": (4, b"ftyp"),
    "application/pdf": (0, b"%PDF-"),
    "application/msword": (0, b"\xd0\xcf\x11\xe0"),
    f"{OPENXML}.wordprocessingml.document": (0, b"PK"),
    f"{OPENXML}.presentationml.presentation": (0, b"PK"),
    f"{OPENXML}.spreadsheetml.sheet": (0, b"PK"),
}
_BY_NAME = {
    ".ogg": "audio/ogg", ".opus": "audio/ogg", ".oga": "audio/ogg", ".amr": "audio/amr",
    ".m4a": "audio/mp4", ".webp": "image/webp", ".vcf": "text/vcard", ".webm": "video/webm",
}  # fmt: skip
_MESSAGE_TYPES = {"voice": "audio", "contact": "contacts"}
CAPTIONED: frozenset[MediaKind] = frozenset({"image", "video"})
"""WhatsApp shows a text with these; with any other kind Twilio drops it."""
CAPTIONED_BY_META: frozenset[MediaKind] = frozenset({"image", "video", "document"})


def captioned(vendor: Vendor) -> frozenset[MediaKind]:
    """The kinds of files that may have a text on WhatsApp."""
    return CAPTIONED if vendor == "twilio" else CAPTIONED_BY_META


def essence(content_type: str) -> str:
    """`audio/ogg; codecs=opus` → `audio/ogg`."""
    return content_type.partition(";")[0].strip().lower()


def kind_of(content_type: str, channel: Channel) -> MediaKind:
    base = essence(content_type)
    if base == "image/webp":
        return "sticker" if channel == "whatsapp" else "image"
    if base == "audio/ogg":
        return "voice" if channel == "whatsapp" else "audio"
    if base in VCARDS:
        return "contact"
    # Drawings are programs in disguise: no carrier shows them.
    if base.startswith("image/") and base != "image/svg+xml":
        return "image"
    if base.startswith("audio/"):
        return "audio"
    return "video" if base.startswith("video/") else "document"


def message_type(kind: MediaKind) -> str:
    """Twilio's `MessageType` of a WhatsApp message with such a file."""
    return _MESSAGE_TYPES.get(kind, kind)


def accepted(channel: Channel) -> frozenset[str]:
    return WHATSAPP_TYPES if channel == "whatsapp" else MMS_TYPES


def size_limit(channel: Channel, content_type: str) -> int:
    if channel == "sms":
        return MMS_LIMIT
    image = essence(content_type).startswith("image/")
    return WHATSAPP_IMAGE_LIMIT if image else WHATSAPP_LIMIT


def is_opus(head: bytes) -> bool:
    return head.startswith(b"OggS") and b"OpusHead" in head[:64]


def is_mono_opus(head: bytes) -> bool:
    """The channel count is the tenth byte of the Opus header."""
    at = head.find(b"OpusHead", 0, 64)
    return is_opus(head) and head[at + 9 : at + 10] == b"\x01"


def disagrees(content_type: str, head: bytes) -> bool:
    """Whether the bytes are plainly something else than the header says."""
    at, signature = _SIGNATURES.get(essence(content_type), (0, b""))
    return head[at : at + len(signature)] != signature


def guessed(filename: str) -> str:
    """The type that a name promises; `application/octet-stream` when it promises none."""
    suffix = PurePath(filename).suffix.lower()
    known = _BY_NAME.get(suffix) or mimetypes.guess_type(filename)[0]
    return known or "application/octet-stream"
