"""Segments: whom a business writes to, as a rule or as a list."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal, NamedTuple, cast, get_args
from uuid import UUID

from frontdesk.contacts.model import check_attributes, check_language
from frontdesk.kernel.errors import Unprocessable
from frontdesk.ports import CHANNEL_KINDS, ChannelKind

SegmentKind = Literal["rule", "list"]
KINDS: Final = get_args(SegmentKind)
FIELDS: Final = (
    "labels",
    "language",
    "country",
    "channel",
    "last_wrote_within_days",
    "not_written_for_days",
    "attributes",
    "created_after",
    "opted_out",
)
COUNTRY = re.compile(r"[A-Z]{2}")
MOST_LABELS = 20
MOST_DAYS = 3_650
LONGEST_NAME = 80
MOST_SEGMENTS = 500
MOST_COUNTED = 10_000
SHOWN = 80


@dataclass(frozen=True)
class Rule:
    """What is said of a contact must all be true; what is None is not asked."""

    labels: tuple[UUID, ...] = ()
    """A conversation of theirs has one of them."""
    language: str | None = None
    country: str | None = None
    channel: ChannelKind | None = None
    """They have a conversation there. What is said of writing and opting out is said of it."""
    last_wrote_within_days: int | None = None
    not_written_for_days: int | None = None
    """Also who never wrote."""
    attributes: Mapping[str, str] = field(default_factory=dict[str, str])
    created_after: datetime | None = None
    opted_out: bool | None = None
    """True: only who opted out; False: only who did not."""

    def stored(self) -> dict[str, Any]:
        """Only what is asked."""
        values: dict[str, Any] = {
            "labels": [str(each) for each in self.labels],
            "language": self.language,
            "country": self.country,
            "channel": self.channel,
            "last_wrote_within_days": self.last_wrote_within_days,
            "not_written_for_days": self.not_written_for_days,
            "attributes": dict(self.attributes),
            "created_after": self.created_after and self.created_after.isoformat(),
            "opted_out": self.opted_out,
        }
        return {name: value for name, value in values.items() if value not in (None, [], {})}


@dataclass(frozen=True, slots=True)
class Segment:
    segment_id: UUID
    name: str
    kind: SegmentKind
    rule: Rule
    created_at: datetime
    updated_at: datetime


class Member(NamedTuple):
    """Somebody to write to."""

    contact_id: UUID
    address: str
    name: str | None
    email: str | None
    attributes: dict[str, str]


@dataclass(frozen=True, slots=True)
class Listed:
    """A member as people see it: with what keeps campaigns from writing."""

    contact_id: UUID
    address: str
    display_name: str | None
    email: str | None
    attributes: dict[str, str]
    language: str | None
    created_at: datetime
    blocked: bool
    opted_out: bool


@dataclass(frozen=True, slots=True)
class Count:
    """`more`: there are more than were counted. None: counting takes too long."""

    number: int | None
    more: bool = False


def read_rule(given: Mapping[str, Any]) -> Rule:
    """Raises Unprocessable naming the first field that is wrong."""
    for name in given:
        if name not in FIELDS:
            raise _wrong(name, given[name], f"one of {', '.join(FIELDS)}")
    values = {name: value for name, value in given.items() if value is not None}
    language = values.get("language")
    return Rule(
        labels=_labels(values.get("labels", [])),
        language=check_language(_text("language", language)) if language else None,
        country=_country(values.get("country")),
        channel=_channel(values.get("channel")),
        last_wrote_within_days=_days("last_wrote_within_days", values),
        not_written_for_days=_days("not_written_for_days", values),
        attributes=_attributes(values.get("attributes", {})),
        created_after=_moment(values.get("created_after")),
        opted_out=_flag(values.get("opted_out")),
    )


def _labels(value: object) -> tuple[UUID, ...]:
    listed = cast("list[Any]", value) if isinstance(value, list | tuple) else None
    if listed is None or len(listed) > MOST_LABELS:
        raise _wrong("labels", value, f"a list of up to {MOST_LABELS} ids of labels")
    try:
        return tuple(dict.fromkeys(UUID(str(each)) for each in listed))
    except ValueError:
        raise _wrong("labels", value, "the ids of labels") from None


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise _wrong(name, value, "a text")
    return value.strip()


def _country(value: object) -> str | None:
    if not value:
        return None
    text = _text("country", value).upper()
    if not COUNTRY.fullmatch(text):
        raise _wrong("country", value, "a code of two letters, such as ES")
    return text


def _channel(value: object) -> ChannelKind | None:
    if not value:
        return None
    for kind in CHANNEL_KINDS:
        if kind == value:
            return kind
    raise _wrong("channel", value, f"one of {', '.join(CHANNEL_KINDS)}")


def _days(name: str, values: Mapping[str, Any]) -> int | None:
    value = values.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST_DAYS:
        raise _wrong(name, value, f"a number of days from 1 to {MOST_DAYS}")
    return value


def _attributes(value: object) -> dict[str, str]:
    named = cast("dict[str, Any]", value) if isinstance(value, dict) else None
    if named is None or not all(isinstance(each, str) for each in named.values()):
        raise _wrong("attributes", value, "an object of names and texts")
    return check_attributes(named)


def _moment(value: object) -> datetime | None:
    if not value:
        return None
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise _wrong("created_after", value, "a date or time such as 2026-11-21")


def _flag(value: object) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    raise _wrong("opted_out", value, "true or false")


def _wrong(name: str, value: object, allowed: str) -> Unprocessable:
    return Unprocessable(f"rule.{name[:SHOWN]} is {value!r:.{SHOWN}}; use {allowed}")
