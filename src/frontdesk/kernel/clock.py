"""Time as an injected dependency, so that tests move it instead of sleeping."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the current time, timezone-aware, UTC."""


def utc_now() -> datetime:
    return datetime.now(UTC)


def iso(moment: datetime | None) -> str | None:
    """ISO 8601 in UTC with a `Z`, the only form in which times leave Frontdesk."""
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
