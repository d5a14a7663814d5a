"""Messages made from templates, as parts of a response. What they say cannot be changed."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg

from frontdesk.channels.templates import check_usable, stored
from frontdesk.channels.templates_model import Template, render
from frontdesk.conversations._store import manual
from frontdesk.conversations.composing import Composed
from frontdesk.conversations.model import Reply
from frontdesk.db.pool import Connection
from frontdesk.kernel.errors import Conflict
from frontdesk.kernel.ids import new_id


def is_template(structured: Mapping[str, Any] | None) -> bool:
    return bool(structured) and "template" in structured


def compose(
    template: Template, variables: Mapping[str, str], message_id: UUID, source: str
) -> Reply:
    """Raises Unprocessable, with every variable that does not fit."""
    rendered = render(template, variables)
    return Reply(
        message_id=message_id,
        sender="human",
        source=f"{source}_manual",
        content=rendered.text,
        trace_id=new_id(),
        structured=rendered.structured,
    )


async def again(
    connection: Connection, domain_id: UUID, row: asyncpg.Record, place: asyncpg.Record
) -> Composed:
    """A message that waited for its time, from the template as it is now.

    Raises Conflict when it is no longer approved.
    """
    kept = row["structured"]["template"]
    template = await stored(connection, domain_id, UUID(kept["template_id"]))
    check_usable(template, place["channel_id"])
    source = row["source"].removesuffix("_manual")
    return Composed([compose(template, kept["variables"], row["message_id"], source)])


async def moved(
    connection: Connection, domain_id: UUID, row: asyncpg.Record, change: Mapping[str, Any]
) -> None:
    """Gives a scheduled message another time. Raises Conflict when more is to change."""
    if change.keys() - {"scheduled_at"}:
        raise Conflict("a message from a template has no text of its own; write another one")
    await manual.change_draft(
        connection,
        domain_id,
        row["message_id"],
        row["content"],
        row["structured"],
        row["kind"],
        change.get("scheduled_at", row["scheduled_at"]),
    )
