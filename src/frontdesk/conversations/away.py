"""Whether a customer who waits for people is told that nobody is there now."""

from datetime import datetime, timedelta

from frontdesk.conversations._store import away
from frontdesk.conversations.model import Turn
from frontdesk.db.tenancy import Database
from frontdesk.kernel.hours import BusinessHours

AT_WORK = timedelta(minutes=30)
"""After a person's message: who answers at night is there, whatever the hours say."""
NEVER = "never"


async def away_until(db: Database, turn: Turn, hours: BusinessHours, now: datetime) -> str | None:
    """What names this closed period; None when it is open, or the conversation knows already.

    The message that is sent keeps it: `structured.away_until`.
    """
    if not hours.away_message or hours.is_open(now):
        return None
    opening = hours.next_opening(now)
    period = opening.isoformat() if opening else NEVER
    async with db.tenant_tx(turn.domain_id) as connection:
        told, wrote = await away.lately(connection, turn.domain_id, turn.conversation_id)
    if told == period or (wrote is not None and now - wrote < AT_WORK):
        return None
    return period
