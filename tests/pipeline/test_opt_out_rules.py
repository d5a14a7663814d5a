"""Whatever is said in whatever order, nobody who stopped gets anything but the notices."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from conversations.conftest import Line, line
from frontdesk.kernel.optout import CONFIRM_WITHIN

__all__ = ["line"]

Place = Literal["wmsg", "sms"]
PLACES: tuple[Place, ...] = ("wmsg", "sms")
HOUR = timedelta(hours=1)


@dataclass
class Told:
    """What one customer said, as the rules see it."""

    scope: str
    double: bool
    stopped: dict[str, bool] = field(default_factory=lambda: dict.fromkeys(PLACES, False))
    asked: dict[str, timedelta | None] = field(default_factory=lambda: dict.fromkeys(PLACES))
    """How long ago the question was sent."""
    everywhere: bool = False

    def is_stopped(self, place: Place) -> bool:
        return self.everywhere or self.stopped[place]

    def passes(self, time: timedelta) -> None:
        self.asked = {place: ago and ago + time for place, ago in self.asked.items()}

    def says(self, place: Place, words: list[str]) -> None:
        """Words that wait together: a question among them is not answered by any of them."""
        asked_now = False
        for word in words:
            if word == "STOP":
                self._stop(place)
                asked_now = False
            elif word in ("START", "YES") and self.is_stopped(place) and not asked_now:
                ago = self.asked[place]
                confirms = word == "YES" and ago is not None and ago <= CONFIRM_WITHIN
                if not self.double or confirms:
                    self._resume(place)
                else:
                    self.asked[place], asked_now = timedelta(seconds=1), True

    def _stop(self, place: Place) -> None:
        if self.scope == "all":
            self.everywhere = True
            self.asked = dict.fromkeys(PLACES)
        else:
            self.stopped[place] = True
            self.asked[place] = None

    def _resume(self, place: Place) -> None:
        self.everywhere, self.stopped[place], self.asked[place] = False, False, None
        if self.scope == "all":
            self.asked = dict.fromkeys(PLACES)


@dataclass
class Customer:
    """Somebody who writes to both channels; each turn is run when it waits."""

    line: Line
    address: str
    channels: dict[str, UUID]
    said: int = 0

    async def says(self, place: Place, words: list[str]) -> None:
        for word in words:
            self.said += 1
            sid = f"SM{self.address}-{self.said}"
            here = Line(self.line.app, self.line.db, self.line.domain_id, self.channels[place])
            await here.take_in(self.address, sid, word)
        await self.answered()

    async def answered(self) -> None:
        rows = await self.line.db.fetch(
            "SELECT conversation_id FROM conversations WHERE turn = 'queued' AND address = $1",
            self.address,
        )
        for job, row in enumerate(rows):
            await self.line.app.worker.turn.run(self.line.domain_id, row[0], job)

    async def stopped(self, place: Place) -> bool:
        """As the turn that follows would see it."""
        return bool(
            await self.line.db.fetchval(
                "SELECT true FROM opt_outs o JOIN contacts c USING (domain_id, contact_id)"
                " WHERE c.address = $1 AND o.channel_id IN ($2, $3) LIMIT 1",
                self.address,
                self.channels[place],
                UUID(int=0),
            )
        )

    async def got(self) -> list[tuple[bool, str]]:
        """Of each message to the customer whether it is a notice, and its text."""
        rows = await self.line.db.fetch(
            "SELECT coalesce(m.structured ? 'opt_out_notice', false), m.content FROM messages m"
            " JOIN conversations v USING (domain_id, conversation_id)"
            " WHERE v.address = $1 AND m.sender <> 'user' ORDER BY m.queued_at, m.seq",
            self.address,
        )
        return [tuple(row) for row in rows]

    async def wait(self, time: timedelta) -> None:
        await self.line.db.execute(
            "UPDATE opt_out_log SET at = at - $1::interval WHERE address = $2", time, self.address
        )


WORDS = st.lists(
    st.sampled_from(["STOP", "START", "YES", "HELP", "Hello", "/list"]), min_size=1, max_size=3
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("say"), st.sampled_from(PLACES), WORDS),
        st.tuples(st.just("wait"), st.just("wmsg"), st.sampled_from([HOUR, 23 * HOUR, 25 * HOUR])),
    ),
    min_size=1,
    max_size=8,
)
NUMBERS = iter(range(1_000_000))


@pytest.mark.timeout(240)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@example("channel", True, [("say", "wmsg", ["STOP"]), ("say", "wmsg", ["YES"]),
    ("say", "wmsg", ["YES"]), ("say", "wmsg", ["Hello"])])  # fmt: skip
@example("channel", True, [("say", "wmsg", ["STOP"]), ("say", "wmsg", ["START"]),
    ("wait", "wmsg", 25 * HOUR), ("say", "wmsg", ["YES", "Hello"])])  # fmt: skip
@example("all", True, [("say", "wmsg", ["STOP"]), ("say", "sms", ["START"]),
    ("say", "wmsg", ["YES"]), ("say", "sms", ["YES", "Hello"])])  # fmt: skip
@given(st.sampled_from(["channel", "all"]), st.booleans(), STEPS)
async def test_nobody_who_stopped_gets_more_than_notices_and_a_resume_needs_what_is_set(
    line: Line, scope: str, double: bool, steps: list[tuple[str, Place, Any]]
) -> None:
    app = line.app
    await app.domains.update(
        line.domain_id,
        default_assistant_id="echo",
        settings={"opt_out": {"scope": scope, "double_opt_in": double}},
    )
    await app.channels.ensure(line.domain_id, "sms", "+15005550006")
    rows = await line.db.fetch("SELECT kind, channel_id FROM channels")
    channels = {row["kind"]: row["channel_id"] for row in rows}
    customer = Customer(line, f"+1415{next(NUMBERS):07}", channels)
    told = Told(scope, double)
    for what, place, detail in steps:
        if what == "wait":
            await customer.wait(detail)
            told.passes(detail)
            continue
        before, silent = len(await customer.got()), told.is_stopped(place)
        told.says(place, detail)
        await customer.says(place, detail)
        for each in PLACES:
            assert await customer.stopped(each) == told.is_stopped(each), (each, steps)
        if silent and told.is_stopped(place) and "STOP" not in detail:
            said = (await customer.got())[before:]
            assert all(notice for notice, _ in said), said
        if not silent and not told.is_stopped(place) and detail == ["Hello"]:
            assert (await customer.got())[before:] == [(False, "Hello")]
