"""What a response of people is looked up and checked by, however it is written."""

from datetime import datetime, timedelta
from uuid import UUID, uuid5

import asyncpg

from frontdesk.conversations._store import manual
from frontdesk.db.pool import Connection
from frontdesk.kernel.errors import Conflict, NotFound, Unprocessable
from frontdesk.kernel.ids import new_id
from frontdesk.ports import Capabilities

LONGEST_AHEAD = timedelta(days=90)


def first_id(conversation_id: UUID, person_id: UUID | None, key: str | None) -> UUID:
    """The id of a response's first message: under one key always the same."""
    return new_id() if key is None else uuid5(conversation_id, f"{person_id} {key}")


def was_scheduled(row: asyncpg.Record) -> bool:
    """Whether it failed when its time had come: it is still as it was written."""
    never_queued = row["queued_at"] is None and row["scheduled_at"] is not None
    return row["status"] == "failed" and never_queued


def check_time(send_at: datetime | None, now: datetime) -> None:
    if send_at is None:
        return
    if send_at.tzinfo is None or not now < send_at <= now + LONGEST_AHEAD:
        raise Unprocessable(
            f"the message is to be sent at {send_at.isoformat()}; use a moment with its time "
            f"zone within the next {LONGEST_AHEAD.days} days"
        )


def check_writable(place: asyncpg.Record) -> None:
    """Raises Conflict when the channel or the customer takes nothing, in the window or not."""
    if place["state"] != "active":
        raise Conflict(f"the channel is {place['state']}: {place['state_reason'] or 'no reason'}")
    if place["blocked"]:
        raise Conflict("the contact is blocked; unblock the contact to write to them")
    if place["opted_out"]:
        raise Conflict("the customer has opted out of messages on this channel")


def check_window(place: asyncpg.Record, capabilities: Capabilities, now: datetime) -> None:
    """Raises Conflict when the customer takes no free text now."""
    hours, opened = capabilities.window_hours, place["last_inbound_at"]
    if hours is not None and (opened is None or now - opened > timedelta(hours=hours)):
        raise Conflict(
            f"the customer last wrote more than {hours} hours ago: outside this window WhatsApp "
            "takes approved templates only; send one, or wait until the customer writes"
        )


async def message_row(connection: Connection, domain_id: UUID, message_id: UUID) -> asyncpg.Record:
    row = await manual.message(connection, domain_id, message_id)
    if row is None:
        raise NotFound(f"message {message_id} does not exist")
    return row


async def quoted(
    connection: Connection, domain_id: UUID, conversation_id: UUID, reply_to: UUID | None
) -> str | None:
    """The carrier's id of a message that is replied to. Raises Unprocessable."""
    if reply_to is None:
        return None
    row = await manual.message(connection, domain_id, reply_to)
    if row is None or row["conversation_id"] != conversation_id:
        raise Unprocessable(f"reply_to is {reply_to}; use a message of this conversation")
    if row["carrier_id"] is None:
        raise Unprocessable(f"reply_to is {reply_to}, which the customer does not have")
    return row["carrier_id"]
