"""How long campaigns' files are kept: they hold what people sent in about many others."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from frontdesk.db.pool import Connection
from frontdesk.media.retention import Gone
from frontdesk.outreach._store import campaigns


@dataclass(frozen=True)
class CampaignFiles:
    """A part of retention: uploads go with other files of their age.

    The rows that were made of them stay: they are what was sent, or will be.
    """

    async def expire(
        self, connection: Connection, domain_id: UUID, before: datetime, most: int
    ) -> list[Gone]:
        found = await campaigns.expire_files(connection, domain_id, before, most)
        return [Gone(key, size) for key, size in found]
