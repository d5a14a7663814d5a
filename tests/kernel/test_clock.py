"""Times are in UTC inside Frontdesk and leave it with a Z."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from frontdesk.kernel.clock import iso, utc_now


def test_now_is_in_utc() -> None:
    assert utc_now().tzinfo is UTC


def test_a_time_leaves_in_utc_with_a_z() -> None:
    berlin = timezone(timedelta(hours=2))
    assert iso(datetime(2026, 7, 1, 14, 30, tzinfo=berlin)) == "2026-07-01T12:30:00Z"
    assert iso(datetime(2026, 7, 1, 14, 30, 0, 5, tzinfo=UTC)) == "2026-07-01T14:30:00.000005Z"


def test_no_time_is_none() -> None:
    assert iso(None) is None


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_time_reads_back_as_it_was(moment: datetime) -> None:
    text = iso(moment)
    assert text is not None
    assert text.endswith("Z")
    assert datetime.fromisoformat(text) == moment
