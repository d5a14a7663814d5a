"""Whom nobody may write to: the window and the opt-outs, whatever happened in which order."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from frontdesk.carriers.twilio.capabilities import CAPABILITIES
from frontdesk.channels.model import ChannelRow
from frontdesk.outreach.judging import Place, Refusal, judge
from frontdesk.ports import ChannelKind

ID = UUID(int=1)
START = datetime(2026, 1, 1, tzinfo=UTC)


def channel(kind: ChannelKind, state: str = "active") -> ChannelRow:
    return ChannelRow(ID, ID, kind, "twilio", "+15005550006", state, None, 80, None)


class Customer(RuleBasedStateMachine):
    """A customer, two channels, and what may be sent over each at this moment."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.wrote: dict[ChannelKind, datetime | None] = {"wmsg": None, "sms": None}
        self.stopped: set[str] = set()
        self.blocked = False
        self.running: dict[ChannelKind, bool] = {"wmsg": True, "sms": True}

    kinds = st.sampled_from(["wmsg", "sms"])

    @rule(minutes=st.integers(1, 60 * 30))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(hours=st.just(24))
    def a_day_passes_to_the_minute(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(kind=kinds)
    def the_customer_writes(self, kind: ChannelKind) -> None:
        self.wrote[kind] = self.now

    @rule(kind=kinds)
    def the_customer_stops_a_channel(self, kind: ChannelKind) -> None:
        self.stopped.add(kind)

    @rule()
    def the_customer_stops_everything(self) -> None:
        self.stopped.add("all")

    @rule()
    def the_customer_comes_back(self) -> None:
        self.stopped.clear()

    @rule(blocked=st.booleans())
    def people_block_or_unblock(self, blocked: bool) -> None:
        self.blocked = blocked

    @rule(kind=kinds, runs=st.booleans())
    def a_channel_stops_or_runs(self, kind: ChannelKind, runs: bool) -> None:
        self.running[kind] = runs

    def judged(self, kind: ChannelKind, *, template: bool) -> Refusal | None:
        place = Place(
            blocked=self.blocked,
            opted_out=bool(self.stopped & {kind, "all"}),
            last_inbound_at=self.wrote[kind],
        )
        state = "active" if self.running[kind] else "stopped"
        return judge(
            place, channel(kind, state), CAPABILITIES[kind], template=template, now=self.now
        )

    @invariant()
    def nobody_is_written_to_against_their_will(self) -> None:
        for kind in self.wrote:
            if self.blocked or self.stopped & {kind, "all"} or not self.running[kind]:
                assert self.judged(kind, template=True) is not None
                assert self.judged(kind, template=False) is not None

    @invariant()
    def only_the_window_stands_against_free_text(self) -> None:
        for kind in self.wrote:
            if self.judged(kind, template=True) is not None:
                continue
            wrote = self.wrote[kind]
            is_open = wrote is not None and self.now - wrote <= timedelta(hours=24)
            refusal = self.judged(kind, template=False)
            if kind == "sms" or is_open:
                assert refusal is None
            else:
                assert refusal is not None
                assert refusal.code == "no_window"


TestCustomer = Customer.TestCase


def test_a_channel_that_is_not_there_takes_nothing() -> None:
    refusal = judge(Place(), None, None, template=True, now=START)
    assert refusal is not None
    assert refusal.code == "unknown_channel"
