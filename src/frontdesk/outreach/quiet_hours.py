"""Quiet hours: when nobody is to be disturbed, in the wall time of whoever would be."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Any

from frontdesk.kernel.errors import Unprocessable

CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


@dataclass(frozen=True)
class QuietHours:
    """From a time of day up to another one, across midnight where it is earlier."""

    start: time
    end: time

    def is_quiet(self, at: datetime, zone: tzinfo) -> bool:
        now = at.astimezone(zone).time().replace(fold=0)
        if self.start <= self.end:
            return self.start <= now < self.end
        return now >= self.start or now < self.end

    def over(self, at: datetime, zone: tzinfo) -> datetime | None:
        """When the quiet that lies over a moment ends; None where it is not quiet."""
        if not self.is_quiet(at, zone):
            return None
        today = at.astimezone(zone).date()
        # Where clocks go back the end comes twice, and the first one may be over.
        ends = [
            datetime.combine(today + timedelta(days=day), self.end.replace(fold=fold), zone)
            for day in range(3)
            for fold in (0, 1)
        ]
        later = [end.astimezone(UTC) for end in ends]
        return min(end for end in later if end > at and not self.is_quiet(end, zone))


def read(stored: Mapping[str, Any] | None) -> QuietHours | None:
    """Raises Unprocessable. None also for hours that begin when they end."""
    if not stored:
        return None
    start, end = _time("from", stored.get("from")), _time("to", stored.get("to"))
    return None if start == end else QuietHours(start, end)


def _time(name: str, value: object) -> time:
    if not isinstance(value, str) or not (match := CLOCK.fullmatch(value)):
        raise Unprocessable(f"quiet_hours.{name} is {str(value)[:40]!r}; use a time as 21:00")
    return time(int(match[1]), int(match[2]))
