"""Moments that clients give as parameters."""

from datetime import UTC, datetime
from typing import Annotated, TypeAlias

from pydantic import AfterValidator


def in_utc(moment: datetime) -> datetime:
    """The same moment. Raises ValueError for one that has no date in UTC.

    An answer that is sent while it is read has its status before the database sees the moment.
    """
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("in UTC it is not in the years 1 to 9999") from None


Moment: TypeAlias = Annotated[datetime, AfterValidator(in_utc)]
