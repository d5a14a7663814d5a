"""What the media feature offers, in one value."""

from dataclasses import dataclass

from frontdesk.media.extracting import TextExtractor
from frontdesk.media.incoming import Incoming
from frontdesk.media.outgoing import Outgoing
from frontdesk.media.retention import Retention
from frontdesk.media.service import MediaService
from frontdesk.media.understanding import Understanding


@dataclass(frozen=True)
class MediaServices:
    media: MediaService
    incoming: Incoming
    understanding: Understanding
    outgoing: Outgoing
    retention: Retention
    extractor: TextExtractor
