"""What Meta's WhatsApp numbers take, as its pages say.

https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media
https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages
"""

from collections.abc import Mapping
from types import MappingProxyType

from frontdesk.ports import Capabilities, ChannelKind, MediaKind, MediaLimit

MB = 1024 * 1024
IMAGE_BYTES = 5 * MB
SOUND_BYTES = 16 * MB
DOCUMENT_BYTES = 100 * MB
STICKER_BYTES = 100_000
"""Of one that does not move; one that does may have 500 000."""
WEBHOOK_BYTES = 3 * MB
"""The largest body that Meta sends."""

OFFICE = "application/vnd.openxmlformats-officedocument."

MEDIA: Mapping[MediaKind, MediaLimit] = MappingProxyType(
    {
        "image": MediaLimit(IMAGE_BYTES, ("image/jpeg", "image/png")),
        "audio": MediaLimit(
            SOUND_BYTES,
            # OGG without Opus is refused: the plain type is not one of these.
            ("audio/ogg; codecs=opus", "audio/mpeg", "audio/mp4", "audio/aac", "audio/amr"),
        ),
        # H.264 with AAC sound. Other codecs in the same container are refused.
        "video": MediaLimit(SOUND_BYTES, ("video/mp4", "video/3gpp")),
        "document": MediaLimit(
            DOCUMENT_BYTES,
            (
                "application/pdf",
                "application/msword",
                OFFICE + "wordprocessingml.document",
                "application/vnd.ms-excel",
                OFFICE + "spreadsheetml.sheet",
                "application/vnd.ms-powerpoint",
                OFFICE + "presentationml.presentation",
                "text/plain",
                # WhatsApp shows any type as a document; Meta's page lists those above.
                "text/csv",
                "text/rtf",
                "text/vcard",
            ),
        ),
        "sticker": MediaLimit(STICKER_BYTES, ("image/webp",)),
    }
)

CAPABILITIES: Mapping[ChannelKind, Capabilities] = MappingProxyType(
    {
        "wmsg": Capabilities(
            text_limit=4096,
            markup="whatsapp",
            source="whatsapp",
            session_prefix="whatsapp",
            window_hours=24,
            read_receipts=True,
            caption_limit=1024,
            media=MEDIA,
            captioned=("image", "video", "document"),
            replies=True,
            templates=True,
            askable=False,
            webhook_path="/meta/webhook",
        )
    }
)
