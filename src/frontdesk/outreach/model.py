"""Conversations that the business starts, and what may become of them: values without I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, cast
from uuid import UUID

from frontdesk.kernel.errors import FrontdeskError, Unprocessable
from frontdesk.ports import ChannelKind

Source = Literal["api", "campaign", "email", "inbox"]
State = Literal["waiting", "writing", "sent", "skipped", "failed", "canceled"]
STATES: tuple[State, ...] = ("waiting", "writing", "sent", "skipped", "failed", "canceled")

CALL_TYPES = ("informational", "appointment_booking", "survey", "reminder")
"""What every domain has; `settings.call_types` adds a domain's own."""

SPOKEN: tuple[ChannelKind, ...] = ("phone", "wvoice")
LONGEST_AHEAD = timedelta(days=90)
LONGEST_INSTRUCTION = 4_000
LONGEST_NAME = 200
LONGEST_CONTENT = 1_600
MOST_VARIABLES = 50
LONGEST_VARIABLE = 1_024
MOST_HOURS = 30 * 24
REMEMBERED = timedelta(days=30)
"""How long an answer is taken for one to what was said first."""


class NotThereYet(FrontdeskError):
    """What is asked for is well formed, and this version cannot do it."""

    status = 501


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What is sent when nobody answers: a template, or a text while the window is open."""

    after_hours: float
    template_id: UUID | None = None
    variables: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """As a campaign's: a text, or where the text is."""
    content: str | None = None

    def stored(self) -> dict[str, Any]:
        return {
            "after_hours": self.after_hours,
            "template_id": self.template_id and str(self.template_id),
            "variables": dict(self.variables),
            "content": self.content,
        }

    @classmethod
    def read(cls, stored: Mapping[str, Any] | None) -> "FollowUp | None":
        """None for nothing, and for what names neither a template nor a text."""
        if not stored:
            return None
        template_id, content = stored.get("template_id"), stored.get("content")
        if not template_id and not content:
            return None
        return cls(
            float(stored.get("after_hours") or 24),
            UUID(str(template_id)) if template_id else None,
            stored.get("variables") or {},
            str(content) if content else None,
        )


@dataclass(frozen=True, slots=True)
class Outreach:
    """One conversation that is to be started, as it is stored."""

    domain_id: UUID
    outreach_id: UUID
    campaign_id: UUID | None
    line: int | None
    source: Source
    channel: ChannelKind
    channel_id: UUID | None
    address: str
    name: str | None
    email: str | None
    call_type: str
    instruction: str | None
    template_id: UUID | None
    variables: Mapping[str, Any]
    assistant_id: str | None
    follow_up: Mapping[str, Any] | None
    status: State
    reason_code: str | None
    reason: str | None
    due_at: datetime
    attempts: int
    contact_id: UUID | None
    conversation_id: UUID | None
    message_id: UUID | None
    person_id: UUID | None
    created_at: datetime
    media_ids: Sequence[UUID] = ()
    """Files that go with the first message."""


def texts(values: object) -> dict[str, str]:
    """Variables as texts, whatever they were stored as."""
    if not isinstance(values, dict):
        return {}
    named = cast("dict[str, Any]", values)
    return {str(key): str(value) for key, value in named.items() if value is not None}


def filled(row: Outreach, wanted: Mapping[str, Any] | None) -> dict[str, str]:
    """A row's variables for a template.

    `wanted` is a campaign's: a template's variable → {"column": name} or {"value": text}. What it
    does not name comes from the column of the same name.
    """
    given = texts(dict(row.variables))
    columns = {
        "phone_number": row.address,
        "name": row.name or "",
        "email": row.email or "",
        **given,
    }
    found = dict(columns)
    for variable, source in (wanted or {}).items():
        if not isinstance(source, dict):
            found[variable] = str(source)
            continue
        told = cast("dict[str, Any]", source)
        if "column" in told:
            found[variable] = columns.get(str(told["column"]), "")
        else:
            found[variable] = str(told.get("value", ""))
    return found


def check_variables(values: Mapping[str, str]) -> dict[str, str]:
    if len(values) > MOST_VARIABLES:
        raise Unprocessable(f"variables has {len(values)} entries; use up to {MOST_VARIABLES}")
    for name, value in values.items():
        if len(name) > 100 or len(value) > LONGEST_VARIABLE or "\x00" in name + value:
            raise Unprocessable(
                f"variable {name[:80]!r} has {len(value)} characters; "
                f"use up to {LONGEST_VARIABLE}, without NUL"
            )
    return dict(values)


def check_hours(hours: float) -> float:
    if not 0 < hours <= MOST_HOURS:
        raise Unprocessable(f"after_hours is {hours:g}; use more than 0, up to {MOST_HOURS}")
    return hours
