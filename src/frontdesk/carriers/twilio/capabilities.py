"""What Twilio's channels take, as its pages say.

https://www.twilio.com/docs/whatsapp/guidance-whatsapp-media-messages
https://www.twilio.com/docs/messaging/guides/accepted-mime-types

A WhatsApp message holds one file, a picture message (MMS) up to ten, whose sizes count together
with the text. Twilio looks at the Content-Type that the file is served with. What either page
leaves out (WhatsApp: GIF, `audio/mp4`, `video/3gpp`; MMS: office documents) is left out here, but
for text documents, which WhatsApp itself takes: Twilio's list of them differs from page to page.
"""

from collections.abc import Mapping
from types import MappingProxyType

from frontdesk.ports import Capabilities, ChannelKind, MediaKind, MediaLimit

MB = 1024 * 1024
WHATSAPP_BYTES = 16 * MB
IMAGE_BYTES = 5 * MB
MMS_BYTES = 5 * MB
STICKER_BYTES = 100_000
"""WhatsApp's limit for one that does not move, of 512 x 512 pixels."""

OFFICE = "application/vnd.openxmlformats-officedocument."

WHATSAPP_MEDIA: Mapping[MediaKind, MediaLimit] = MappingProxyType(
    {
        "image": MediaLimit(IMAGE_BYTES, ("image/jpeg", "image/png")),
        "audio": MediaLimit(
            WHATSAPP_BYTES,
            # OGG without Opus is refused: the plain type is not one of these.
            ("audio/ogg; codecs=opus", "audio/mpeg", "audio/aac", "audio/amr", "audio/3gpp"),
        ),
        # H.264 with AAC sound. Other codecs in the same container are not shown.
        "video": MediaLimit(WHATSAPP_BYTES, ("video/mp4",)),
        "document": MediaLimit(
            WHATSAPP_BYTES,
            (
                "application/pdf",
                "application/msword",
                OFFICE + "wordprocessingml.document",
                "application/vnd.ms-excel",
                OFFICE + "spreadsheetml.sheet",
                "application/vnd.ms-powerpoint",
                OFFICE + "presentationml.presentation",
                "text/plain",
                "text/csv",
                "text/rtf",
                "text/vcard",
            ),
        ),
        "sticker": MediaLimit(STICKER_BYTES, ("image/webp",)),
    }
)
MMS_MEDIA: Mapping[MediaKind, MediaLimit] = MappingProxyType(
    {
        # Twilio fits these to the phone. Others go as they are, and networks take less of them
        # than Twilio does: often 600 KB.
        "image": MediaLimit(MMS_BYTES, ("image/jpeg", "image/png", "image/gif")),
        "audio": MediaLimit(
            MMS_BYTES,
            ("audio/mpeg", "audio/mp4", "audio/amr", "audio/3gpp", "audio/ogg", "audio/webm"),
        ),
        "video": MediaLimit(
            MMS_BYTES,
            ("video/mp4", "video/3gpp", "video/mpeg", "video/quicktime", "video/webm"),
        ),
        "document": MediaLimit(
            MMS_BYTES, ("application/pdf", "text/csv", "text/rtf", "text/vcard")
        ),
    }
)

CAPABILITIES: Mapping[ChannelKind, Capabilities] = MappingProxyType(
    {
        "wmsg": Capabilities(
            text_limit=1600,
            markup="whatsapp",
            source="whatsapp",
            session_prefix="whatsapp",
            window_hours=24,
            read_receipts=True,
            media=WHATSAPP_MEDIA,
            # Of a document Twilio hands on neither caption nor name.
            captioned=("image", "video"),
            templates=True,
        ),
        "sms": Capabilities(
            text_limit=1600,
            markup="plain",
            source="sms",
            session_prefix="sms",
            # A message of a file may have the 1600 characters that one without may have.
            caption_limit=1600,
            media=MMS_MEDIA,
            media_per_message=10,
            captioned=("image", "audio", "video", "document"),
        ),
    }
)
