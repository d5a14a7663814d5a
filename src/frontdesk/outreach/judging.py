"""Whether somebody may be written to now: the one place where outreach asks this. No I/O."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from frontdesk.channels.model import ChannelRow
from frontdesk.ports import Capabilities


@dataclass(frozen=True, slots=True)
class Place:
    """Who is meant on a channel, and what was last heard: as the tables have it."""

    contact_id: UUID | None = None
    address: str | None = None
    """The contact's, which may be another spelling of what was asked for."""
    named: bool = False
    has_email: bool = False
    language: str | None = None
    blocked: bool = False
    opted_out: bool = False
    conversation_id: UUID | None = None
    conversation_address: str | None = None
    assistant_id: str | None = None
    last_inbound_at: datetime | None = None


NOBODY = Place()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing may be sent: a code, and a text for people."""

    code: str
    text: str
    of_channel: bool = False
    """Whether it holds for everybody on the channel."""


def judge(
    place: Place,
    channel: ChannelRow | None,
    capabilities: Capabilities | None,
    *,
    template: bool,
    now: datetime,
) -> Refusal | None:
    """What stands against writing to somebody now, the gravest first."""
    if channel is None or capabilities is None:
        return Refusal("unknown_channel", "The domain has no such channel.", of_channel=True)
    if channel.state != "active":
        reason = channel.state_reason or "no reason was noted"
        return Refusal(
            "channel_stopped", f"The channel is {channel.state}: {reason}", of_channel=True
        )
    if place.opted_out:
        return Refusal("opted_out", "The customer has opted out of messages.")
    if place.blocked:
        return Refusal("blocked", "The contact is blocked.")
    if template and capabilities.templates:
        return None
    if not is_open(place.last_inbound_at, capabilities, now):
        return Refusal(
            "no_window",
            f"The customer last wrote more than {capabilities.window_hours} hours ago, or never; "
            "only an approved template may be sent now: name one.",
        )
    return None


def is_open(last_inbound_at: datetime | None, capabilities: Capabilities, at: datetime) -> bool:
    """Whether the carrier takes free text at a moment."""
    if capabilities.window_hours is None:
        return True
    window = timedelta(hours=capabilities.window_hours)
    return last_inbound_at is not None and at - last_inbound_at <= window
