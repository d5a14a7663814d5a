"""What Twilio takes of the business's files, on WhatsApp and by MMS, in its error codes."""

from frontdesk.sandbox.exchange import FAILURES
from frontdesk.sandbox.filetypes import accepted, kind_of, size_limit
from frontdesk.sandbox.model import Channel, Media, MediaKind, Message, channel_of


class TwilioRules:
    agent = "TwilioProxy/1.1"
    unreachable = 63019
    too_large = 11751

    def __init__(self, message: Message) -> None:
        self._message = message
        self._channel: Channel = channel_of(message.to)
        self.checks_content = self._channel == "whatsapp"
        self.wrong_type = 63021 if self._channel == "whatsapp" else 12300

    def takes(self, item: Media, content_type: str) -> bool:
        return content_type in accepted(self._channel)

    def limit(self, item: Media, content_type: str) -> int:
        limit = size_limit(self._channel, content_type)
        if self._channel == "whatsapp":
            return limit
        # The limit of MMS is for all files of a message together.
        return limit - sum(each.size or 0 for each in self._message.media)

    def kind(self, item: Media, content_type: str) -> MediaKind:
        return kind_of(content_type, self._channel)

    def text(self, code: int) -> str:
        return FAILURES[code]
