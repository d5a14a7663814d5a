"""Whether somebody may be written to now: the one place where outreach asks this. No I/O."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from frontdesk.channels.model import ChannelRow
from frontdesk.kernel.phone import is_user_id, variants
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


def own_numbers(channels: Iterable[ChannelRow]) -> frozenset[str]:
    """The business's own, in all their spellings."""
    return spelled(channel.address for channel in channels)


def spelled(addresses: Iterable[str]) -> frozenset[str]:
    """The addresses, and how else their lines may be known."""
    given = frozenset(addresses)
    return given.union(*map(variants, given))


def unreachable(address: str, kind: str, own: Collection[str]) -> str | None:
    """Why nobody can be reached at an address over a kind of channels; None when somebody can."""
    if address in own:
        return f"{address} is one of the business's own numbers: nobody would read it there"
    if kind == "sms" and is_user_id(address):
        return f"{address} is a WhatsApp user id, which takes no SMS: use a phone number, or wmsg"
    return None


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
