"""Cursors: opaque to clients, the last row's sort key to us."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from uuid import UUID

from frontdesk.kernel.errors import Unprocessable

MOST = 200


def to_cursor(moment: datetime, row_id: UUID) -> str:
    return urlsafe_b64encode(f"{moment.isoformat()}|{row_id}".encode()).decode().rstrip("=")


def from_cursor(cursor: str | None) -> tuple[datetime, UUID] | None:
    """Raises Unprocessable for a cursor that we did not make."""
    if not cursor:
        return None
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        moment, _, row_id = text.partition("|")
        parsed = datetime.fromisoformat(moment)
        if parsed.tzinfo is None:
            raise ValueError("no time zone")
        return parsed.astimezone(UTC), UUID(row_id)
    except (ValueError, OverflowError) as error:
        raise Unprocessable(
            f"cursor {cursor[:80]!r} is not one that a page gave as next"
        ) from error
