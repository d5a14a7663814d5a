"""The days of a report, in the wall time of the business: a month ends when its books say."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from frontdesk.kernel.errors import Unprocessable
from frontdesk.kernel.hours import read_business_hours

MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Calendar:
    zone: tzinfo = UTC

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "Calendar":
        """In the time zone of the domain's business hours; in UTC where it has none."""
        try:
            hours = read_business_hours(settings.get("business_hours"))
        except Unprocessable:
            return cls()  # a zone that this machine does not know: the answer says UTC
        return cls(hours.zone) if hours else cls()

    @property
    def name(self) -> str:
        return str(self.zone)

    def day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def begins(self, first: date, days: int) -> list[datetime]:
        """When each of the days begins, and when the last one ends. A day may have 23 hours."""
        midnights = (
            datetime.combine(first + timedelta(days=number), time(), self.zone)
            for number in range(days + 1)
        )
        return [midnight.astimezone(UTC) for midnight in midnights]

    def month(self, month: str) -> tuple[date, list[datetime]]:
        """Its first day, and what `begins` says of it. Raises Unprocessable."""
        found = MONTH.fullmatch(month)
        try:
            if found is None:
                raise ValueError("not written as a month")
            first = date(int(found[1]), int(found[2]), 1)
            after = (first + timedelta(days=32)).replace(day=1)
            return first, self.begins(first, (after - first).days)
        except (ValueError, OverflowError):
            raise Unprocessable(
                f"month is {month[:40]!r}; use a year and a month: 2026-11"
            ) from None
