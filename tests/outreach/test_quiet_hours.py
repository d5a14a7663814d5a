"""Nobody is written to in their night, whatever their clocks do."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.kernel.errors import Unprocessable
from frontdesk.kernel.phone import timezone_of
from frontdesk.outreach.quiet_hours import QuietHours, read

NIGHT = {"from": "21:00", "to": "08:00"}
ZONES = ("UTC", "Europe/Madrid", "America/Sao_Paulo", "Asia/Kolkata", "Australia/Lord_Howe")
LONGEST_CHANGE = timedelta(hours=1)

times = st.times().map(lambda at: at.replace(second=0, microsecond=0))
moments = st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))


@given(times, times, moments, st.sampled_from(ZONES))
def test_the_end_is_the_first_moment_that_is_not_quiet(
    start: time, end: time, at: datetime, name: str
) -> None:
    hours, zone = QuietHours(start, end), ZoneInfo(name)
    over = hours.over(at, zone)
    if over is None:
        assert not hours.is_quiet(at, zone)
        return
    assert at < over < at + timedelta(hours=26)
    assert not hours.is_quiet(over, zone)
    # Where clocks jump over the end, it may come up to that jump later than it could.
    step = at
    while step < over - LONGEST_CHANGE:
        assert hours.is_quiet(step, zone)
        step += timedelta(minutes=7)


@pytest.mark.parametrize(
    ("number", "utc", "waits_until"),
    [
        ("+34600000000", "2026-01-10T22:30", "2026-01-11T07:00"),
        ("+34600000000", "2026-07-10T22:30", "2026-07-11T06:00"),
        ("+919876543210", "2026-01-10T22:30", "2026-01-11T02:30"),
        ("+14155550100", "2026-01-10T06:00", "2026-01-10T16:00"),
        ("+34600000000", "2026-01-10T12:00", None),
    ],
)
def test_it_is_the_recipients_night_that_counts(
    number: str, utc: str, waits_until: str | None
) -> None:
    hours, zone = read(NIGHT), timezone_of(number)
    assert hours is not None
    assert zone is not None
    found = hours.over(datetime.fromisoformat(utc).replace(tzinfo=UTC), zone)
    wanted = waits_until and datetime.fromisoformat(waits_until).replace(tzinfo=UTC)
    assert found == wanted


@pytest.mark.parametrize("wrong", [{"from": "25:00", "to": "08:00"}, {"from": "21:00"}])
def test_times_that_are_none_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(Unprocessable, match="quiet_hours"):
        read(wrong)


@pytest.mark.parametrize("none", [None, {}, {"from": "08:00", "to": "08:00"}])
def test_without_hours_it_is_never_quiet(none: dict[str, str] | None) -> None:
    assert read(none) is None
