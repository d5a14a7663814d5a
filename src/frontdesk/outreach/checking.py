"""The dry run of a campaign: who would be written to, who not and why, and what it would cost.

It is an estimate: windows close, customers opt out and balances change before a message's turn
comes, and then all of it is judged again.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from frontdesk.billing.ledger import LedgerService
from frontdesk.billing.model import PriceList
from frontdesk.channels.model import ChannelRow
from frontdesk.channels.templates import TemplateService, check_usable
from frontdesk.channels.templates_model import Template, variables_in
from frontdesk.contacts.segments import SegmentService
from frontdesk.db.pool import Connection, Row
from frontdesk.db.tenancy import Database
from frontdesk.kernel.errors import Conflict
from frontdesk.kernel.phone import country_of
from frontdesk.outreach._store import checks, places
from frontdesk.outreach.campaign import Campaign
from frontdesk.outreach.deciding import capabilities_of, pick
from frontdesk.outreach.imports import BATCH, member_row
from frontdesk.outreach.judging import own_numbers
from frontdesk.outreach.reasons import TEXTS
from frontdesk.ports import CHANNEL_KINDS, Capabilities, Carrier

MOST_SAMPLES = 30


@dataclass(frozen=True, slots=True)
class Sample:
    line: int | None
    phone_number: str
    reason: str


@dataclass(slots=True)
class Report:
    rows: int = 0
    would_send: int = 0
    skipped: Counter[str] = field(default_factory=Counter[str])
    cost: Decimal = Decimal(0)
    balance: Decimal | None = None
    per_channel: Counter[str] = field(default_factory=Counter[str])
    samples: list[Sample] = field(default_factory=list[Sample])


@dataclass(frozen=True, slots=True)
class _Kind:
    """How rows of a kind of channels are judged: over the channel that they would take."""

    kind: str
    channel_id: UUID
    window: timedelta | None
    """How long after their last message customers may be written to; None: always."""
    takes_template: bool

    @classmethod
    def of(
        cls, channel: ChannelRow, capabilities: Capabilities, template: Template | None
    ) -> "_Kind":
        hours = capabilities.window_hours
        if hours is not None and template is not None and capabilities.templates:
            hours = None
        takes = True
        if template is not None:
            try:
                check_usable(template, channel.channel_id)
            except Conflict:
                takes = False
        window = None if hours is None else timedelta(hours=hours)
        return cls(channel.kind, channel.channel_id, window, takes)


@dataclass(frozen=True)
class CheckService:
    db: Database
    ledger: LedgerService
    templates: TemplateService
    segments: SegmentService
    carriers: Mapping[str, Carrier]

    async def check(self, campaign: Campaign) -> Report:
        """Raises Conflict while the audience is still coming in."""
        if campaign.status == "importing":
            raise Conflict("the campaign is still being imported; check it when it is ready")
        report = Report()
        async with self.db.tenant_tx(campaign.domain_id) as connection:
            domain_id, template = campaign.domain_id, None
            if campaign.template_id is not None:
                template = await self.templates.get(connection, domain_id, campaign.template_id)
            channels = await places.channels(connection, domain_id)
            prices = await self.ledger.prices_of(connection, domain_id)
            report.balance = await self.ledger.affordable(connection, domain_id)
            rules = self._rules(campaign, template, channels)
            if campaign.has_rows:
                found = await checks.judged(connection, domain_id, campaign.campaign_id, rules)
                _add(report, found, campaign, template, prices)
        if not campaign.has_rows:
            await self._audience(report, campaign, template, prices, rules)
        _afford(report)
        report.samples = report.samples[:MOST_SAMPLES]
        return report

    async def _audience(
        self,
        report: Report,
        campaign: Campaign,
        template: Template | None,
        prices: PriceList | None,
        rules: Sequence[Any],
    ) -> None:
        """A segment's members as they are now, page by page."""
        after: UUID | None = None
        while campaign.segment_id is not None:
            async with self.db.tenant_tx(campaign.domain_id) as connection:
                found = await self._page(
                    connection, report, campaign, template, rules, prices, after
                )
            if found is None:
                return
            after = found

    async def _page(
        self,
        connection: Connection,
        report: Report,
        campaign: Campaign,
        template: Template | None,
        rules: Sequence[Any],
        prices: PriceList | None,
        after: UUID | None,
    ) -> UUID | None:
        assert campaign.segment_id is not None
        members = await self.segments.members(
            connection, campaign.domain_id, campaign.segment_id, after, BATCH
        )
        if not members:
            return None
        made = [
            member_row(report.rows + place, member, campaign.channel, campaign.call_type, ())
            for place, member in enumerate(members, 1)
        ]
        given = {
            "line": [each.line for each in made],
            "channel": [each.channel for each in made],
            "address": [each.address for each in made],
            "variables": [each.variables for each in made],
            "name": [each.name for each in made],
            "email": [each.email for each in made],
            "call_type": [each.call_type for each in made],
            "code": [each.reason_code for each in made],
            "reason": [each.reason for each in made],
        }
        found = await checks.judged(
            connection, campaign.domain_id, campaign.campaign_id, rules, given
        )
        _add(report, found, campaign, template, prices)
        return members[-1].contact_id

    def _rules(
        self, campaign: Campaign, template: Template | None, channels: Sequence[ChannelRow]
    ) -> tuple[Any, ...]:
        """What the SQL judges by, in its order."""
        kinds: list[_Kind] = []
        for kind in CHANNEL_KINDS:
            own = campaign.channel_id if kind == campaign.channel else None
            channel = pick(list(channels), kind, own)
            capabilities = capabilities_of(self.carriers, channel)
            if channel is None or capabilities is None or channel.state != "active":
                continue
            kinds.append(_Kind.of(channel, capabilities, template))
        return (
            [each.kind for each in kinds],
            [each.channel_id for each in kinds],
            [each.window for each in kinds],
            [each.takes_template for each in kinds],
            _needed(campaign, template),
            ["wmsg"],
            template is not None,
            bool(campaign.instruction),
            list(own_numbers(channels)),
        )


def _needed(campaign: Campaign, template: Template | None) -> list[str]:
    """The columns that the template's variables come from."""
    if template is None:
        return []
    names = variables_in(template.header, template.body, template.footer, template.buttons)
    needed: list[str] = []
    for name in names:
        source = campaign.variables.get(name)
        if source is None:
            needed.append(name)
        elif "column" in source:
            needed.append(source["column"])
    return needed


def _add(
    report: Report,
    found: Sequence[Row],
    campaign: Campaign,
    template: Template | None,
    prices: PriceList | None,
) -> None:
    for row in found:
        if row["what"] == "sample":
            reason = str(row["reason"] or TEXTS.get(row["code"], row["code"]))
            report.samples.append(Sample(row["line"], row["address"], reason))
            continue
        report.rows += row["number"]
        if row["code"] is not None:
            report.skipped[row["code"]] += row["number"]
            continue
        report.would_send += row["number"]
        report.per_channel[row["channel"]] += row["number"]
        if prices is not None:
            # Numbers that begin alike are of one country.
            one = prices.price(
                row["channel"],
                "out",
                call_type=row["call_type"],
                category=template.category if template else None,
                country=country_of(row["address"]),
            )
            report.cost += one * row["number"]


def _afford(report: Report) -> None:
    """Those whom the balance does not reach are not sent to: by the mean price of a message."""
    if report.balance is None or report.cost <= report.balance or not report.would_send:
        return
    mean = report.cost / report.would_send
    reached = int(report.balance // mean)
    report.skipped["no_credit"] += report.would_send - reached
    report.would_send = reached
    report.cost = mean * reached
