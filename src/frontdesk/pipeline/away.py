"""Away: outside business hours, a customer who waits for people is told so, once while it lasts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import structlog

from frontdesk.conversations.away import away_until
from frontdesk.conversations.model import Waiting
from frontdesk.db.tenancy import Database
from frontdesk.kernel.errors import Unprocessable
from frontdesk.kernel.hours import read_business_hours
from frontdesk.pipeline.decision import UNANSWERED_KINDS, Decision, replies_of

log = structlog.get_logger()


async def say_away(
    db: Database, decision: Decision, waiting: Sequence[Waiting], now: datetime
) -> None:
    """Adds the away message to the turn's replies where it is due."""
    turn = decision.turn
    handed_over = decision.outcome.mode == "manual"
    if not handed_over and turn.mode != "manual":
        return
    asked = [message for message in waiting if handed_over or _waits_for_people(decision, message)]
    if not asked or decision.opted_out or turn.blocked:
        return
    try:
        hours = read_business_hours(turn.domain_settings.get("business_hours"))
    except Unprocessable as error:
        # As a zone that this machine does not know: no reason to answer nobody.
        log.error("business hours", domain=turn.domain_name, error=error.detail)
        return
    if hours is None or (period := await away_until(db, turn, hours, now)) is None:
        return
    parts = replies_of(
        hours.away_message, "system", asked[-1].trace_id, decision.capabilities, None
    )
    decision.outcome.replies.extend(
        replace(part, structured={**(part.structured or {}), "away_until": period})
        for part in parts
    )


def _waits_for_people(decision: Decision, message: Waiting) -> bool:
    """Not a command, which is answered, and not what was written before yesterday."""
    return (
        decision.is_for_the_assistant(message)
        and message.kind not in UNANSWERED_KINDS
        and (message.sent_at_carrier or message.created_at) >= decision.oldest
    )
