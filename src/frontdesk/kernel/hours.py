"""Business hours: when people answer, in the wall time of the business, and what is said else.

`settings.business_hours` of a domain: {"timezone": "Europe/Madrid", "days": {"mon": [["09:00",
"17:00"]], …}, "away_message": "…"}. A day that is not named is closed; "24:00" ends a day.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from frontdesk.kernel.errors import Unprocessable

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FIELDS = ("timezone", "days", "away_message")
MOST_SPANS = 8
LONGEST_MESSAGE = 1_600
CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")
END_OF_DAY = 24 * 60
SHOWN = 80


@dataclass(frozen=True)
class BusinessHours:
    """`spans` are minutes of the day, from and before, in order, for Monday to Sunday."""

    zone: tzinfo
    spans: tuple[tuple[tuple[int, int], ...], ...]
    away_message: str

    def is_open(self, at: datetime) -> bool:
        local = at.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        return any(start <= minute < end for start, end in self.spans[local.weekday()])

    def next_opening(self, at: datetime) -> datetime | None:
        """The first moment from `at` on at which it is open; None: it never is."""
        if self.is_open(at):
            return at
        today = at.astimezone(self.zone).date()
        for offset in range(8):
            moments = self._moments(today + timedelta(days=offset))
            opening = [each for each in moments if each > at and self.is_open(each)]
            if opening:
                return min(opening)
        return None

    def _moments(self, day: date) -> Iterator[datetime]:
        """When the day may begin to be open: at the start of a span, which a day on which clocks
        go back has twice, or where they are changed into the middle of one."""
        for start, _ in self.spans[day.weekday()]:
            for fold in (0, 1):
                wall = datetime.combine(day, time(start // 60, start % 60, fold=fold), self.zone)
                yield wall.astimezone(UTC)
        begin = datetime.combine(day, time(), self.zone).astimezone(UTC)
        if (change := self._clock_change(begin)) is not None:
            yield change

    def _clock_change(self, begin: datetime) -> datetime | None:
        """When clocks are changed in the 24 hours from a moment, to the second."""
        low, high = 0, 24 * 3600

        def offset(seconds: int) -> timedelta | None:
            return (begin + timedelta(seconds=seconds)).astimezone(self.zone).utcoffset()

        if offset(low) == offset(high):
            return None
        before = offset(low)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if offset(middle) == before else (low, middle)
        return begin + timedelta(seconds=high)


def check_business_hours(value: object) -> None:
    """Raises Unprocessable for what `read_business_hours` could not read."""
    read_business_hours(value)


def read_business_hours(value: object) -> BusinessHours | None:
    """None where a domain has none: it is always open then."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise _wrong("", value, "an object with timezone, days and away_message")
    fields = cast("dict[str, Any]", value)
    for name in fields:
        if name not in FIELDS:
            raise _wrong(f".{name}", fields[name], f"one of {', '.join(FIELDS)}")
    message = fields.get("away_message", "")
    if not isinstance(message, str) or len(message) > LONGEST_MESSAGE or "\x00" in message:
        raise _wrong(".away_message", message, f"a text of up to {LONGEST_MESSAGE} characters")
    days = fields.get("days", {})
    if not isinstance(days, dict):
        raise _wrong(".days", days, f"an object of {', '.join(DAYS)}")
    named = cast("dict[str, Any]", days)
    for name in named:
        if name not in DAYS:
            raise _wrong(f".days.{name}", named[name], f"one of {', '.join(DAYS)}")
    spans = tuple(_spans(name, named) for name in DAYS)
    return BusinessHours(_zone(fields.get("timezone")), spans, message.strip())


def _zone(name: object) -> ZoneInfo:
    wanted = "the name of a time zone, as Europe/Madrid"
    if not isinstance(name, str) or not name.isascii():
        raise _wrong(".timezone", name, wanted)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # OSError: a folder of zones, as "Europe".
        raise _wrong(".timezone", name, wanted) from None


def _spans(name: str, days: Mapping[str, Any]) -> tuple[tuple[int, int], ...]:
    listed = days.get(name, [])
    wanted = f'up to {MOST_SPANS} spans as ["09:00", "17:00"]'
    if not isinstance(listed, list) or len(cast("list[Any]", listed)) > MOST_SPANS:
        raise _wrong(f".days.{name}", listed, wanted)
    found: list[tuple[int, int]] = []
    for span in cast("list[Any]", listed):
        ends = cast("list[Any]", span) if isinstance(span, list) else []
        if len(ends) != 2:
            raise _wrong(f".days.{name}", span, wanted)
        start, end = (_minute(name, each) for each in ends)
        if start >= end or (found and start < found[-1][1]):
            raise _wrong(
                f".days.{name}",
                span,
                "spans in their order, each ending after it begins and before the next; one past "
                "midnight goes on in the next day's from 00:00",
            )
        found.append((start, end))
    return tuple(found)


def _minute(day: str, value: object) -> int:
    if not isinstance(value, str) or not CLOCK.fullmatch(value):
        raise _wrong(f".days.{day}", value, "times from 00:00 to 24:00")
    hours, _, minutes = value.partition(":")
    return int(hours) * 60 + int(minutes)


def _wrong(where: str, value: object, allowed: str) -> Unprocessable:
    return Unprocessable(f"settings.business_hours{where} is {str(value)[:SHOWN]!r}; use {allowed}")
