"""When a campaign comes again: every day, week or month at a time of day somewhere.

Each of its days has one moment, whatever the clocks do there: a time that comes twice is taken the
first time, one that is left out is as much later as the clocks are put forward.
"""

import calendar
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from frontdesk.kernel.errors import Unprocessable

Every = Literal["day", "week", "month"]
CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
OF_THE_MACHINE = ("localtime", "posixrules")
FIELDS = ("every", "on", "at", "timezone")


@dataclass(frozen=True, slots=True)
class RepeatRule:
    every: Every
    at: time
    zone: ZoneInfo
    on: int | None = None
    """Of a week, 1 (Monday) to 7; of a month, 1 to 31, or its last day where it has fewer."""

    def next_after(self, moment: datetime) -> datetime:
        """The first moment, in UTC, that is later."""
        # The day before, because a clock that is put forward over midnight moves it into the next.
        start = moment.astimezone(self.zone).date() - timedelta(days=1)
        return next(found for day in self._days(start) if (found := self._moment(day)) > moment)

    def _moment(self, day: date) -> datetime:
        return datetime.combine(day, self.at, self.zone).astimezone(UTC)

    def _days(self, start: date) -> Iterator[date]:
        """The rule's days from one on."""
        if self.every == "month":
            year, month = start.year, start.month
            while True:
                last = calendar.monthrange(year, month)[1]
                day = date(year, month, min(self.on or 1, last))
                if day >= start:
                    yield day
                year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        step = 7 if self.every == "week" else 1
        ahead = ((self.on or 1) - start.isoweekday()) % 7 if self.every == "week" else 0
        day = start + timedelta(days=ahead)
        while True:
            yield day
            day += timedelta(days=step)

    def stored(self) -> dict[str, Any]:
        return {
            "every": self.every,
            "on": self.on,
            "at": f"{self.at:%H:%M}",
            "timezone": self.zone.key,
        }


def read(given: Mapping[str, Any]) -> RepeatRule:
    """Raises Unprocessable naming what is wrong and what is allowed."""
    unknown = [name for name in given if name not in FIELDS]
    if unknown:
        raise Unprocessable(f"rule.{unknown[0]} is not known; use {', '.join(FIELDS)}")
    every = given.get("every")
    if every not in ("day", "week", "month"):
        raise Unprocessable(f"rule.every is {str(every)[:40]!r}; use day, week or month")
    at = given.get("at")
    if not isinstance(at, str) or not (clock := CLOCK.fullmatch(at)):
        raise Unprocessable(f"rule.at is {str(at)[:40]!r}; use a time of day such as 09:00")
    return RepeatRule(
        every, time(int(clock[1]), int(clock[2])), _zone(given.get("timezone")), _on(every, given)
    )


def _on(every: str, given: Mapping[str, Any]) -> int | None:
    on = given.get("on")
    most = {"day": 0, "week": 7, "month": 31}[every]
    if every == "day" or on is None:
        if on is not None:
            raise Unprocessable("rule.on is given, and every day has no such choice; leave it out")
        return None if every == "day" else 1
    if isinstance(on, bool) or not isinstance(on, int) or not 1 <= on <= most:
        what = "a weekday from 1 (Monday) to 7" if every == "week" else "a day from 1 to 31"
        raise Unprocessable(f"rule.on is {str(on)[:40]!r}; use {what}")
    return on


def _zone(name: object) -> ZoneInfo:
    try:
        # `localtime` is wherever the machine is: another zone on the next one.
        if isinstance(name, str) and name and name not in OF_THE_MACHINE:
            return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    raise Unprocessable(f"rule.timezone is {str(name)[:60]!r}; use a name such as Europe/Madrid")
