"""When a campaign comes again, whatever the clocks do there."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from frontdesk.kernel.errors import Unprocessable
from frontdesk.outreach.repeat_rule import RepeatRule, read

# Zones that move at midnight, by half an hour, to the other side of the date line, or never.
ZONES = (
    "Europe/Madrid", "America/New_York", "America/Santiago", "Africa/Cairo", "Asia/Beirut",
    "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kolkata", "UTC",
)  # fmt: skip
MOMENTS = st.datetimes(datetime(2011, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))


@st.composite
def rules(draw: st.DrawFn) -> RepeatRule:
    every = draw(st.sampled_from(["day", "week", "month"]))
    on = {"day": st.none(), "week": st.integers(1, 7), "month": st.integers(1, 31)}[every]
    return read(
        {
            "every": every,
            "on": draw(on),
            "at": f"{draw(st.integers(0, 23)):02}:{draw(st.integers(0, 59)):02}",
            "timezone": draw(st.sampled_from(ZONES)),
        }
    )


@examples(max_examples=300, deadline=None)
@given(rule=rules(), moment=MOMENTS)
def test_the_next_time_is_later_on_a_day_of_the_rule_and_at_its_time(
    rule: RepeatRule, moment: datetime
) -> None:
    found = rule.next_after(moment)
    assert found > moment
    local = found.astimezone(rule.zone)
    exists = found == local.replace(tzinfo=rule.zone, fold=0).astimezone(UTC)
    # A time that the clocks leave out comes as much later as they are put forward.
    late = datetime.combine(local.date(), rule.at, rule.zone)
    shifted = late.astimezone(UTC).astimezone(rule.zone).time() != rule.at
    if local.time() == rule.at:
        assert exists, "of a time that comes twice, the first is taken"
        if rule.every == "week":
            assert local.isoweekday() == rule.on
        if rule.every == "month":
            tomorrow = local + timedelta(days=1)
            assert local.day == rule.on or (local.day < (rule.on or 1) and tomorrow.day == 1)
    else:
        day_before = datetime.combine((local - timedelta(days=1)).date(), rule.at, rule.zone)
        moved = day_before.astimezone(UTC).astimezone(rule.zone).time() != rule.at
        assert shifted or moved


@examples(max_examples=100, deadline=None)
@given(rule=rules(), moment=MOMENTS)
def test_each_period_has_its_time_once_and_none_is_left_out(
    rule: RepeatRule, moment: datetime
) -> None:
    found = [rule.next_after(moment)]
    for _ in range(40):
        found.append(rule.next_after(found[-1]))
    longest = {"day": 1, "week": 7, "month": 31}[rule.every]
    shortest = {"day": 1, "week": 7, "month": 28}[rule.every]
    for one, next_one in pairwise(found):
        # Samoa left out a whole day, and clocks move by up to an hour.
        if rule.zone.key != "Pacific/Apia":
            assert timedelta(days=shortest, hours=-1) <= next_one - one
            assert next_one - one <= timedelta(days=longest, hours=1)
    # Whoever asks in between, gets the same.
    between = found[0] + (found[1] - found[0]) / 2
    assert rule.next_after(between) == found[1]


@pytest.mark.parametrize(
    ("rule", "after", "wanted"),
    [
        # Clocks are put forward at two: 02:30 is left out, and is 03:30.
        (("day", None, "02:30", "Europe/Madrid"), "2026-03-28T12:00", "2026-03-29T03:30+02:00"),
        # Clocks are put back at three: 02:30 comes twice, and counts once.
        (("day", None, "02:30", "Europe/Madrid"), "2026-10-24T12:00", "2026-10-25T02:30+02:00"),
        (("day", None, "02:30", "Europe/Madrid"), "2026-10-25T00:45", "2026-10-26T02:30+01:00"),
        (("week", 1, "09:00", "America/New_York"), "2026-11-21T00:00", "2026-11-23T09:00-05:00"),
        (("month", 31, "09:00", "UTC"), "2027-01-31T09:00", "2027-02-28T09:00+00:00"),
        (("month", None, "09:00", "UTC"), "2026-11-21T00:00", "2026-12-01T09:00+00:00"),
    ],
)
def test_clocks_that_change_and_short_months(
    rule: tuple[str, int | None, str, str], after: str, wanted: str
) -> None:
    every, on, at, zone = rule
    read_ = read({"every": every, "on": on, "at": at, "timezone": zone})
    moment = datetime.fromisoformat(after).replace(tzinfo=UTC)
    found = read_.next_after(moment).astimezone(ZoneInfo(zone))
    assert found.isoformat(timespec="minutes") == wanted


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"every": "year"}, "use day, week or month"),
        ({"at": "24:00"}, "a time of day such as 09:00"),
        ({"at": 9}, "a time of day such as 09:00"),
        ({"timezone": "Mars/Olympus"}, "such as Europe/Madrid"),
        ({"timezone": "localtime"}, "such as Europe/Madrid"),
        ({"timezone": "../etc/passwd"}, "such as Europe/Madrid"),
        ({"on": 8}, "a weekday from 1"),
        ({"every": "month", "on": 0}, "a day from 1 to 31"),
        ({"every": "day"}, "leave it out"),
        ({"until": "x"}, "rule.until is not known"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(change: dict[str, object], said: str) -> None:
    rule = {"every": "week", "on": 1, "at": "09:00", "timezone": "Europe/Madrid", **change}
    with pytest.raises(Unprocessable, match=said):
        read(rule)
