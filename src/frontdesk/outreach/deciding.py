"""What becomes of rows whose time has come, one after the other: send, write, wait, or never."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from frontdesk.billing.model import Charge, PriceList
from frontdesk.channels.model import ChannelRow
from frontdesk.channels.templates import TemplateService
from frontdesk.channels.templates_model import Template
from frontdesk.db.pool import Connection
from frontdesk.kernel.errors import Conflict, NotFound, Unprocessable
from frontdesk.kernel.ids import new_id
from frontdesk.kernel.phone import timezone_of
from frontdesk.media import service as media
from frontdesk.media.model import Media
from frontdesk.outreach import quiet_hours
from frontdesk.outreach._store.outreach import Mark, Plan
from frontdesk.outreach.composing import (
    Content,
    Opening,
    charges,
    templated,
    total,
    with_files,
)
from frontdesk.outreach.judging import Place, Refusal, judge, own_numbers, unreachable
from frontdesk.outreach.model import FollowUp, Outreach, filled
from frontdesk.ports import Capabilities, Carrier

LEAD_SECONDS = 2.0
MOST_AHEAD = 1_000
"""Messages that wait for a channel: more would only be older when they go."""
NEVER_SENT = frozenset(("opted_out", "blocked", "no_window", "bad_variables", "bad_number"))
"""Reasons that are the recipient's, for which a row counts as skipped."""
NO_CREDIT = "The balance does not cover the message."


@dataclass
class Rules:
    """What is the same for all rows of a batch, looked up once."""

    domain_id: UUID
    now: datetime
    plan: Plan
    channels: list[ChannelRow]
    carriers: Mapping[str, Carrier]
    templates: TemplateService
    prices: PriceList | None
    affordable: Decimal
    paid: set[str] = field(default_factory=set[str])
    """Keys of messages that were paid for when they were asked for."""
    room: dict[UUID, int] = field(default_factory=dict[UUID, int])
    """How many more messages a channel's lanes take now."""
    _templates: dict[tuple[UUID, UUID], Template | Refusal] = field(
        default_factory=dict[tuple[UUID, UUID], Template | Refusal]
    )
    """By template and channel: what one channel may use, another may not."""
    _own: Collection[str] = field(init=False)

    def __post_init__(self) -> None:
        self._own = own_numbers(self.channels)

    def channel(self, row: Outreach) -> ChannelRow | None:
        """The row's own, the campaign's, else the domain's first active one of the kind."""
        wanted = row.channel_id
        if wanted is None and self.plan.channel == row.channel:
            wanted = self.plan.channel_id
        return pick(self.channels, row.channel, wanted)

    def capabilities(self, channel: ChannelRow | None) -> Capabilities | None:
        return capabilities_of(self.carriers, channel)

    def judge(
        self, row: Outreach, place: Place, channel: ChannelRow | None, *, template: bool
    ) -> Refusal | None:
        """What stands against writing to a row's address over its channel."""
        if why := unreachable(row.address, row.channel, self._own):
            return Refusal("bad_number", why)
        return judge(place, channel, self.capabilities(channel), template=template, now=self.now)

    async def template(
        self, connection: Connection, template_id: UUID, channel: ChannelRow
    ) -> Template | Refusal:
        key = (template_id, channel.channel_id)
        found = self._templates.get(key)
        if found is None:
            found = await usable(
                self.templates, connection, self.domain_id, template_id, channel.channel_id
            )
            self._templates[key] = found
        return found


def pick(
    channels: list[ChannelRow], kind: str, channel_id: UUID | None = None
) -> ChannelRow | None:
    """The channel that is named, or the first of its kind; active ones come first in the list."""
    return next(
        (each for each in channels if each.kind == kind and channel_id in (None, each.channel_id)),
        None,
    )


def capabilities_of(
    carriers: Mapping[str, Carrier], channel: ChannelRow | None
) -> Capabilities | None:
    if channel is None or channel.carrier not in carriers:
        return None
    return carriers[channel.carrier].capabilities.get(channel.kind)


async def usable(
    templates: TemplateService,
    connection: Connection,
    domain_id: UUID,
    template_id: UUID,
    channel_id: UUID,
) -> Template | Refusal:
    try:
        template = await templates.get(connection, domain_id, template_id)
        templates.usable(template, channel_id)
    except (NotFound, Conflict) as error:
        return Refusal("template", error.detail, of_channel=True)
    return template


def lead(channel: ChannelRow) -> int:
    """How many messages may wait for a channel."""
    return max(1, min(MOST_AHEAD, int(channel.rate * LEAD_SECONDS)))


@dataclass
class Decided:
    """What a batch comes to while it is decided."""

    marks: list[Mark] = field(default_factory=list[Mark])
    openings: list[Opening] = field(default_factory=list[Opening])
    rows: dict[UUID, Outreach] = field(default_factory=dict[UUID, Outreach])
    charges: list[Charge] = field(default_factory=list[Charge])
    spent: Decimal = Decimal(0)
    refused: dict[UUID, UUID | None] = field(default_factory=dict[UUID, UUID | None])
    """The message that each refused row would have been."""
    pause: str | None = None
    """Why the campaign stops: what follows would only fail for the same reason."""

    async def decide(
        self, connection: Connection, rules: Rules, row: Outreach, place: Place
    ) -> None:
        """Judges one row now, and puts it where it belongs."""
        channel = rules.channel(row)
        template_id = row.template_id or rules.plan.template_id
        capabilities = rules.capabilities(channel)
        refusal = rules.judge(row, place, channel, template=template_id is not None)
        if refusal is not None or channel is None or capabilities is None:
            self._refuse(rules, row, refusal)
            return
        if later := self._quiet_until(rules, row):
            self.marks.append(Mark(row.outreach_id, "waiting", later))
        elif template_id is None and not (row.instruction or rules.plan.instruction):
            self._refuse(
                rules, row, Refusal("nothing_to_say", "There is no template and no instruction.")
            )
        elif rules.room.get(channel.channel_id, 1) <= 0:
            self._postpone(rules, row, channel)
        elif template_id is None:
            message_id = row.message_id or new_id()
            self.marks.append(Mark(row.outreach_id, "writing", row.due_at, message_id=message_id))
        else:
            await self._open(connection, rules, row, place, channel, template_id)

    async def _open(
        self,
        connection: Connection,
        rules: Rules,
        row: Outreach,
        place: Place,
        channel: ChannelRow,
        template_id: UUID,
    ) -> None:
        template = await rules.template(connection, template_id, channel)
        if isinstance(template, Refusal):
            self._refuse(rules, row, template)
            return
        capabilities = rules.capabilities(channel)
        assert capabilities is not None  # judged before
        try:
            content = templated(template, filled(row, rules.plan.variables), capabilities)
        except Unprocessable as error:
            self._refuse(rules, row, Refusal("bad_variables", error.detail))
            return
        content = with_files(content, await files_of(connection, row), capabilities)
        opening = opening_of(row, rules.plan, channel, place, content)
        cost = charges(opening, rules.prices) if rules.prices is not None else []
        cost = [each for each in cost if each.key not in rules.paid]
        if rules.prices is not None and self.spent + total(cost) > rules.affordable:
            self._refuse(rules, row, Refusal("no_credit", NO_CREDIT, of_channel=True))
            return
        self.spent += total(cost)
        self.charges += cost
        self.openings.append(opening)
        self.rows[row.outreach_id] = row
        if channel.channel_id in rules.room:
            rules.room[channel.channel_id] -= len(content.texts)

    def _refuse(self, rules: Rules, row: Outreach, refusal: Refusal | None) -> None:
        assert refusal is not None
        if row.campaign_id is not None and concerns_all(refusal, row, rules.plan):
            # It holds for the others, too: they wait until somebody has mended it.
            self.pause = self.pause or f"{refusal.code}: {refusal.text}"
            return
        status = "skipped" if refusal.code in NEVER_SENT else "failed"
        self.refused[row.outreach_id] = row.message_id if row.campaign_id is None else None
        self.marks.append(
            Mark(row.outreach_id, status, row.due_at, refusal.code, refusal.text[:500])
        )

    def _quiet_until(self, rules: Rules, row: Outreach) -> datetime | None:
        hours = quiet_hours.read(rules.plan.quiet_hours)
        zone = timezone_of(row.address) if hours is not None else None
        return hours.over(rules.now, zone) if hours is not None and zone is not None else None

    def _postpone(self, rules: Rules, row: Outreach, channel: ChannelRow) -> None:
        """Until the channel's rate has taken what is before it."""
        rules.room[channel.channel_id] -= 1
        wait = min(600.0, -rules.room[channel.channel_id] / channel.rate)
        self.marks.append(
            Mark(row.outreach_id, "waiting", rules.now + timedelta(seconds=max(wait, 0.05)))
        )


def concerns_all(refusal: Refusal, row: Outreach, plan: Plan) -> bool:
    """Whether what stands against one row stands against its whole campaign: not when the row asks
    for another channel than the campaign's."""
    own = row.channel == plan.channel and row.channel_id in (None, plan.channel_id)
    return refusal.of_channel and (own or refusal.code == "no_credit")


async def files_of(connection: Connection, row: Outreach) -> list[Media]:
    """The row's files that are still there, in their order."""
    if not row.media_ids:
        return []
    found = await media.listed(connection, row.domain_id, row.media_ids)
    listed = [found[each] for each in row.media_ids if each in found]
    return [each for each in listed if each.state == "stored" and each.message_id is None]


def opening_of(
    row: Outreach, plan: Plan, channel: ChannelRow, place: Place, content: Content
) -> Opening:
    return Opening(
        key=row.outreach_id,
        channel=channel,
        place=place,
        address=row.address,
        content=content,
        message_id=row.message_id or new_id(),
        source=row.source,
        # Nobody has to look at a campaign's recipients before they answer.
        begun_as="closed" if row.campaign_id is not None else "open",
        name=row.name,
        email=row.email,
        assistant_id=row.assistant_id or plan.assistant_id,
        call_type=row.call_type,
        outreach_id=row.outreach_id,
        campaign_id=row.campaign_id,
    )


def follow_up_of(row: Outreach, plan: Plan) -> FollowUp | None:
    return FollowUp.read(row.follow_up or plan.follow_up)


def allowed(plan: Plan, now: datetime, most: int) -> tuple[int, datetime | None]:
    """How many a campaign's own rate lets go now, and until when those use it up."""
    if not plan.rate:
        return most, None
    begin = max(plan.sent_until or now, now)
    ahead = (now + timedelta(seconds=LEAD_SECONDS) - begin).total_seconds()
    number = min(most, max(0, math.floor(ahead * plan.rate + 1e-6)))
    if number == 0 and begin == now:
        number = 1  # slower than one in two seconds
    return number, begin
