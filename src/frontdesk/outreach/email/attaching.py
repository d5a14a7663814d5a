"""Keeps the files of a mail for the first message, as far as its channel takes them."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from frontdesk.db.tenancy import Database
from frontdesk.kernel.errors import Conflict, Invalid, TooLarge, UnsupportedMedia
from frontdesk.media.incoming import Destination, Incoming
from frontdesk.outreach._store import places
from frontdesk.outreach.deciding import capabilities_of, pick
from frontdesk.outreach.email.model import PullConfig
from frontdesk.outreach.email.reading import MailFile
from frontdesk.ports import Carrier, MediaKind, MediaLimit

FOLDER = "email"
CHUNK = 256 * 1024
LONGEST_NOTE = 500


@dataclass
class Kept:
    """What became of a mail's files."""

    media_ids: list[UUID] = field(default_factory=list[UUID])
    filenames: list[str] = field(default_factory=list[str])
    left_out: list[str] = field(default_factory=list[str])
    """Each with the reason why."""

    @property
    def note(self) -> str | None:
        if not self.left_out:
            return None
        return f"Files that were left out: {'; '.join(self.left_out)}"[:LONGEST_NOTE]


@dataclass(frozen=True)
class Attaching:
    incoming: Incoming
    domain_id: UUID
    limits: Mapping[MediaKind, MediaLimit]
    """What the channel takes."""

    async def keep(self, files: list[MailFile]) -> Kept:
        """Raises Unavailable while the store of files is away: then the mail waits."""
        kept = Kept()
        to = Destination(self.domain_id, None, None, FOLDER)
        for file in files:
            try:
                stored = await self.incoming.upload(
                    to, file.filename, _chunks(file.content), self.limits, fit=True
                )
            except (Conflict, Invalid, TooLarge, UnsupportedMedia) as error:
                kept.left_out.append(f"{file.filename or 'one without a name'}: {error.detail}")
            else:
                kept.media_ids.append(stored.media.media_id)
                kept.filenames.append(stored.media.filename)
        return kept


async def attaching_for(
    incoming: Incoming, carriers: Mapping[str, Carrier], db: Database, config: PullConfig
) -> Attaching:
    """For the channel on which the mailbox's conversations begin."""
    async with db.tenant_tx(config.domain_id, durable=False) as connection:
        channels = await places.channels(connection, config.domain_id)
    channel = pick(channels, config.default_channel, config.channel_id)
    capabilities = capabilities_of(carriers, channel)
    return Attaching(incoming, config.domain_id, capabilities.media if capabilities else {})


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), CHUNK):
        yield content[start : start + CHUNK]
