"""Business hours hold in the wall time of the business, also on the days when clocks change."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.kernel.errors import Unprocessable
from frontdesk.kernel.hours import DAYS, BusinessHours, read_business_hours

ALWAYS = {day: [["00:00", "24:00"]] for day in DAYS}
OFFICE = {day: [["09:00", "13:00"], ["14:00", "17:00"]] for day in DAYS[:5]}


def hours(days: dict[str, Any], timezone: str = "Europe/Madrid") -> BusinessHours:
    found = read_business_hours({"timezone": timezone, "days": days, "away_message": "Away"})
    assert found is not None
    return found


def at(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-07-01T06:59:59", False),  # Madrid is two hours ahead in summer
        ("2026-07-01T07:00:00", True),
        ("2026-07-01T11:00:00", False),
        ("2026-07-01T12:00:00", True),
        ("2026-07-01T14:59:59", True),
        ("2026-07-01T15:00:00", False),
        ("2026-01-07T07:30:00", False),  # and one in winter
        ("2026-01-07T08:00:00", True),
        ("2026-07-04T09:00:00", False),  # a Saturday
    ],
)
def test_people_answer_in_the_wall_time_of_the_business(moment: str, expected: bool) -> None:
    assert hours(OFFICE).is_open(at(moment)) is expected


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2026-07-01T08:00:00", "2026-07-01T08:00:00"),  # open already
        ("2026-07-01T11:30:00", "2026-07-01T12:00:00"),  # after lunch
        ("2026-07-03T15:00:00", "2026-07-06T07:00:00"),  # Friday evening: Monday
        ("2026-03-27T17:00:00", "2026-03-30T07:00:00"),  # clocks go forward that Sunday
        ("2026-10-23T16:00:00", "2026-10-26T08:00:00"),  # and back that one
    ],
)
def test_the_next_opening_is_told_in_absolute_time(moment: str, opening: str) -> None:
    assert hours(OFFICE).next_opening(at(moment)) == at(opening)


@pytest.mark.parametrize(
    ("spans", "moment", "opening"),
    [
        # 02:30 does not exist on 29 March: clocks go from 02:00 to 03:00.
        ([["02:30", "05:00"]], "2026-03-29T00:00:00", "2026-03-29T01:00:00"),
        # This span is skipped altogether; the next is a week later.
        ([["02:10", "02:50"]], "2026-03-29T00:00:00", "2026-04-05T00:10:00"),
        # On 25 October 02:00 to 03:00 comes twice: open, closed, open again.
        ([["02:30", "03:00"]], "2026-10-25T00:00:00", "2026-10-25T00:30:00"),
        ([["02:30", "03:00"]], "2026-10-25T01:00:00", "2026-10-25T01:30:00"),
        # Closed at 02:30, open again when clocks go back to 02:00.
        ([["00:00", "02:30"]], "2026-10-25T00:45:00", "2026-10-25T01:00:00"),
    ],
)
def test_hours_that_clocks_skip_or_repeat(
    spans: list[list[str]], moment: str, opening: str
) -> None:
    found = hours({"sun": spans})
    assert not found.is_open(at(moment))
    assert found.next_opening(at(moment)) == at(opening)


def test_hours_that_never_come_and_that_never_end() -> None:
    now = at("2026-07-01T08:00:00")
    assert hours({}).next_opening(now) is None
    assert not hours({}).is_open(now)
    assert hours(ALWAYS).is_open(now)
    assert read_business_hours(None) is None


minutes = st.integers(0, 1_440)
span = st.tuples(minutes, minutes).filter(lambda ends: ends[0] < ends[1])


@given(
    st.dictionaries(st.sampled_from(DAYS), span, max_size=7),
    st.sampled_from(["Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]),
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 20)),
)
def test_it_is_open_at_the_next_opening_and_not_before(
    days: dict[str, tuple[int, int]], timezone: str, moment: datetime
) -> None:
    def clock(minute: int) -> str:
        return f"{minute // 60:02}:{minute % 60:02}"

    spans = {day: [[clock(start), clock(end)]] for day, (start, end) in days.items()}
    found, now = hours(spans, timezone), moment.replace(tzinfo=UTC)
    opening = found.next_opening(now)
    if opening is None:
        # At most one span that clocks skipped this week.
        assert len(days) <= 1
        return
    assert found.is_open(opening)
    assert opening >= now
    passed = opening - now
    for step in range(100):
        earlier = now + passed * step / 100
        assert earlier == opening or not found.is_open(earlier)
    assert opening == now or not found.is_open(opening - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ("9 to 5", "business_hours is"),
        ({"timezone": "Mars/Olympus"}, "business_hours.timezone is 'Mars/Olympus'"),
        ({"timezone": "Europe"}, "business_hours.timezone"),
        ({"timezone": "../../etc/passwd"}, "business_hours.timezone"),
        ({"timezone": ""}, "business_hours.timezone"),
        ({}, "business_hours.timezone"),
        ({"timezone": "UTC", "days": []}, "business_hours.days"),
        ({"timezone": "UTC", "days": {"monday": []}}, "business_hours.days.monday"),
        ({"timezone": "UTC", "days": {"mon": "09:00"}}, "business_hours.days.mon"),
        ({"timezone": "UTC", "days": {"mon": [["09:00"]]}}, "business_hours.days.mon"),
        ({"timezone": "UTC", "days": {"mon": [["9:00", "17:00"]]}}, "is '9:00'"),
        ({"timezone": "UTC", "days": {"mon": [["17:00", "09:00"]]}}, "past midnight"),
        ({"timezone": "UTC", "days": {"mon": [["09:00", "12:00"], ["11:00", "13:00"]]}}, "order"),
        ({"timezone": "UTC", "days": {"mon": [["09:00", "25:00"]]}}, "is '25:00'"),
        ({"timezone": "UTC", "away_message": 7}, "business_hours.away_message"),
        ({"timezone": "UTC", "away_message": "x" * 1_601}, "up to 1600 characters"),
        ({"timezone": "UTC", "hours": {}}, "business_hours.hours"),
    ],
)
def test_hours_that_cannot_be_kept_are_refused_with_the_reason(value: object, place: str) -> None:
    with pytest.raises(Unprocessable) as refused:
        read_business_hours(value)
    assert place in refused.value.detail
