"""A campaign: one message, or one task for the assistant, for many; as a value without I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, get_args
from uuid import UUID

from frontdesk.domains.model import check_json
from frontdesk.kernel.errors import Conflict, Unprocessable
from frontdesk.outreach import quiet_hours
from frontdesk.outreach.model import LONGEST_AHEAD, LONGEST_INSTRUCTION, check_hours
from frontdesk.ports import CHANNEL_KINDS, ChannelKind

CampaignStatus = Literal[
    "importing", "ready", "scheduled", "running", "paused", "done", "canceled", "failed"
]
CAMPAIGN_STATUSES: tuple[CampaignStatus, ...] = get_args(CampaignStatus)
CampaignSource = Literal["csv", "segment", "email", "repeat"]
ENDED: tuple[CampaignStatus, ...] = ("done", "canceled", "failed")
CHANGEABLE: tuple[CampaignStatus, ...] = ("importing", "ready", "scheduled", "paused")
DELETABLE: tuple[CampaignStatus, ...] = ("ready", *ENDED)
PAUSABLE: tuple[CampaignStatus, ...] = ("running", "scheduled")
READ_ANEW = ("mapping", "channel", "call_type")
"""What is in the rows that an import made, so that a change of it makes them again."""

LONGEST_NAME = 200
MOST_VARIABLES = 50
LONGEST_VARIABLE = 1_024
FASTEST = 1_000.0
SLOWEST = 1 / 3600
SAME_FILE_WITHIN = timedelta(days=90)
MOST_FILE = 1 << 30
"""Bytes of an upload."""


@dataclass(frozen=True, slots=True)
class Campaign:
    domain_id: UUID
    campaign_id: UUID
    name: str
    source: CampaignSource
    status: CampaignStatus
    status_reason: str | None
    channel: ChannelKind
    channel_id: UUID | None
    call_type: str
    instruction: str | None
    template_id: UUID | None
    template_name: str | None
    variables: Mapping[str, Any]
    assistant_id: str | None
    segment_id: UUID | None
    repeat_id: UUID | None
    rate: float | None
    quiet_hours: Mapping[str, str] | None
    follow_up: Mapping[str, Any] | None
    start_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    filename: str | None
    file_key: str | None
    file_bytes: int | None
    file_read: int
    lines_read: int
    columns: Sequence[str]
    mapping: Mapping[str, str]
    started_by_hand: bool
    """False: it runs as soon as it is imported, or its time has come."""
    person_id: UUID | None
    person_name: str | None
    person_email: str | None
    created_at: datetime

    @property
    def has_rows(self) -> bool:
        """Whether its audience was taken; a segment's is taken when it starts."""
        return self.source == "csv" or self.lines_read > 0

    @property
    def lacks_numbers(self) -> bool:
        return self.source == "csv" and "phone_number" not in self.mapping


@dataclass(frozen=True, slots=True)
class Plan:
    """What may be set of a campaign; also what a repeat keeps."""

    name: str
    channel: ChannelKind = "wmsg"
    channel_id: UUID | None = None
    call_type: str = "informational"
    instruction: str | None = None
    template_id: UUID | None = None
    variables: Mapping[str, Any] | None = None
    assistant_id: str | None = None
    segment_id: UUID | None = None
    rate: float | None = None
    quiet_hours: Mapping[str, str] | None = None
    follow_up: Mapping[str, Any] | None = None


def check_name(name: str) -> str:
    text = " ".join(name.replace("\x00", " ").split())
    if not 1 <= len(text) <= LONGEST_NAME:
        raise Unprocessable(f"name has {len(text)} characters; use 1 to {LONGEST_NAME}")
    return text


def check_channel(channel: str) -> ChannelKind:
    for kind in CHANNEL_KINDS:
        if channel == kind:
            if kind in ("phone", "wvoice"):
                raise Unprocessable(
                    f"channel is {channel!r}: campaigns place no calls; use wmsg or sms"
                )
            return kind
    raise Unprocessable(f"channel is {channel[:40]!r}; use one of {', '.join(CHANNEL_KINDS)}")


def check_values(values: Mapping[str, Any], call_types: Sequence[str]) -> None:
    """What is given of a campaign's fields. Raises Unprocessable naming what is wrong."""
    texts = {name: each for name, each in values.items() if isinstance(each, str | dict | list)}
    check_json("the campaign", texts)
    if values.get("call_type") is not None and values["call_type"] not in call_types:
        told = str(values["call_type"])[:40]
        raise Unprocessable(f"type is {told!r}; use one of {', '.join(call_types)}")
    instruction = values.get("instruction")
    if instruction is not None and not 1 <= len(instruction) <= LONGEST_INSTRUCTION:
        raise Unprocessable(
            f"instruction has {len(instruction)} characters; use 1 to {LONGEST_INSTRUCTION}"
        )
    rate = values.get("rate")
    if rate is not None and not SLOWEST <= rate <= FASTEST:
        raise Unprocessable(f"rate is {rate:g} messages a second; use up to {FASTEST:g}")
    if values.get("variables") is not None:
        check_sources(values["variables"])
    if values.get("quiet_hours") is not None:
        quiet_hours.read(values["quiet_hours"])
    if values.get("follow_up") is not None:
        check_hours(values["follow_up"]["after_hours"])
        check_sources(values["follow_up"].get("variables") or {})


def check_sources(variables: Mapping[str, Any]) -> None:
    """Each of a template's variables comes from a column, or is the same text for everybody."""
    if len(variables) > MOST_VARIABLES:
        raise Unprocessable(f"variables has {len(variables)} entries; use up to {MOST_VARIABLES}")
    for name, source in variables.items():
        given = list(source.items()) if isinstance(source, Mapping) else []
        is_one = len(given) == 1 and given[0][0] in ("column", "value")
        if not is_one or not isinstance(given[0][1], str) or len(given[0][1]) > LONGEST_VARIABLE:
            raise Unprocessable(
                f"variables.{name[:40]} must be {{'column': name}} or {{'value': text}}, "
                f"with up to {LONGEST_VARIABLE} characters"
            )


def check_start(start_at: datetime | None, now: datetime) -> datetime | None:
    """Raises Unprocessable for what is past or too far ahead."""
    if start_at is None:
        return None
    if start_at.tzinfo is None:
        raise Unprocessable("start_at has no time zone; end it with Z or an offset such as +02:00")
    if start_at <= now:
        raise Unprocessable(
            f"start_at is {start_at.isoformat()}, which is past; it is {now:%FT%TZ}"
        )
    if start_at - now > LONGEST_AHEAD:
        raise Unprocessable(
            f"start_at is {start_at.isoformat()}; use up to {LONGEST_AHEAD.days} days from now"
        )
    return start_at


def check_ready(campaign: Campaign) -> None:
    """Raises Conflict when it lacks something that nobody can be written to without."""
    if campaign.lacks_numbers:
        raise Conflict("the campaign does not know which column has the phone numbers: set mapping")
    if campaign.source != "csv" and campaign.segment_id is None:
        raise Conflict("the campaign has no segment to write to: set segment_id")
    check_content(campaign, campaign.mapping)


def check_content(of: "Campaign | Plan", mapping: Mapping[str, str]) -> None:
    """Raises Conflict when there is nothing to say."""
    if of.template_id is None and not of.instruction and "instruction" not in mapping:
        raise Conflict(
            "the campaign has neither a template nor an instruction: set template_id, which "
            "reaches everybody, or instruction, which on WhatsApp reaches those whose 24-hour "
            "window is open"
        )


def check_status(campaign: Campaign, allowed: Sequence[CampaignStatus], what: str) -> None:
    if campaign.status not in allowed:
        raise Conflict(
            f"the campaign is {campaign.status} and cannot be {what}; "
            f"it must be {' or '.join(allowed)}"
        )
