"""What there is to do over all domains, in one look."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from frontdesk.db.pool import Connection

# Every branch reads a partial index of what waits, and nothing else: the look is cheap when nothing
# is due. Only so many of the oldest single rows are looked at.
LOOK = """
SELECT 'alone' AS what, domain_id, NULL::uuid AS campaign_id, false AS writes FROM (
    SELECT domain_id FROM outreach
    WHERE status = 'waiting' AND campaign_id IS NULL AND due_at <= $1
    ORDER BY due_at LIMIT 1000
) o GROUP BY domain_id
UNION ALL
SELECT 'follow_up', domain_id, NULL, false FROM (
    SELECT domain_id FROM follow_ups WHERE status = 'waiting' AND due_at <= $1
    ORDER BY due_at LIMIT 1000
) f GROUP BY domain_id
UNION ALL
SELECT 'writing', NULL, NULL, true WHERE EXISTS (
    SELECT FROM outreach WHERE status = 'writing' AND job_at <= $1
    AND (job_token IS NULL OR job_at <= $2)
)
UNION ALL
SELECT 'campaign', c.domain_id, c.campaign_id, c.template_id IS NULL FROM campaigns c
WHERE c.status = 'running' AND EXISTS (
    SELECT FROM outreach o WHERE o.campaign_id = c.campaign_id AND o.status = 'waiting'
    AND o.due_at <= $1 AND o.domain_id = c.domain_id
)
"""


@dataclass(frozen=True, slots=True)
class Due:
    """A domain's rows, a campaign's, or rows of any domain that an assistant writes for."""

    what: Literal["alone", "follow_up", "writing", "campaign"]
    domain_id: UUID | None
    campaign_id: UUID | None
    writes: bool
    """Whether the campaign's messages are written one by one."""


async def look(connection: Connection, now: datetime, gone: datetime) -> list[Due]:
    """Writers that were silent since `gone` are taken for dead."""
    return [Due(*row.values()) for row in await connection.fetch(LOOK, now, gone)]
