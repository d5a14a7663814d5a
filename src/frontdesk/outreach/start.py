"""Starts one conversation: what is asked for is checked, then it waits for its turn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast
from uuid import UUID, uuid5

from frontdesk.assistants.service import AssistantService
from frontdesk.billing.model import Charge, message_key
from frontdesk.channels.model import ChannelRow
from frontdesk.channels.templates_model import Template, render
from frontdesk.db.pool import Connection
from frontdesk.domains.model import Domain, check_email
from frontdesk.kernel.errors import (
    Conflict,
    Invalid,
    NotFound,
    PaymentRequired,
    Unprocessable,
)
from frontdesk.kernel.ids import new_id
from frontdesk.kernel.phone import normalize
from frontdesk.outreach import placing
from frontdesk.outreach._store import outreach, places
from frontdesk.outreach.composing import Content, Opening, charges, templated, total
from frontdesk.outreach.deciding import capabilities_of, pick
from frontdesk.outreach.dispatch import Dispatcher
from frontdesk.outreach.judging import Place, judge, own_numbers, unreachable
from frontdesk.outreach.model import (
    CALL_TYPES,
    LONGEST_AHEAD,
    LONGEST_INSTRUCTION,
    LONGEST_NAME,
    SPOKEN,
    NotThereYet,
    Outreach,
    Source,
    check_hours,
    check_variables,
)
from frontdesk.ports import CHANNEL_KINDS, Capabilities, ChannelKind

LONGEST_KEY = 200
CHANNEL_NAMES: Mapping[ChannelKind, str] = {
    "wmsg": "WhatsApp",
    "sms": "SMS",
    "phone": "telephone",
    "wvoice": "WhatsApp voice",
}


@dataclass(frozen=True)
class FollowUpRequest:
    after_hours: float
    template: str
    variables: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class StartRequest:
    """What somebody asks for. `template` is a name, name:language, or a template's id."""

    phone_number: str
    channel: str
    type: str
    instruction: str | None = None
    name: str | None = None
    email: str | None = None
    assistant_id: str | None = None
    template: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    send_at: datetime | None = None
    follow_up: FollowUpRequest | None = None
    channel_id: UUID | None = None
    source: Source = "api"


@dataclass(frozen=True)
class _Line:
    """The channel that it goes over."""

    row: ChannelRow
    capabilities: Capabilities


@dataclass(frozen=True)
class StartService:
    assistants: AssistantService
    dispatcher: Dispatcher

    async def start(
        self,
        domain: Domain,
        request: StartRequest,
        *,
        person_id: UUID | None = None,
        key: str | None = None,
    ) -> Outreach:
        """Queues it. Under one `key` of one person it is done once.

        Raises Unprocessable, NotThereYet, Conflict, NotFound and PaymentRequired.
        """
        kind, row = self._checked(domain, request, person_id)
        own_key = key and f"{person_id or 'operator'}:{_checked_key(key)}"
        if own_key:
            row = replace(row, outreach_id=_id_of(own_key, domain, request))
        db = self.dispatcher.db
        async with db.tenant_tx(domain.domain_id) as connection:
            known = own_key and await outreach.by_key(connection, domain.domain_id, own_key)
            channels = await places.channels(connection, domain.domain_id)
            line = self._line(domain, channels, kind, request.channel_id)
            row = await self._with_templates(connection, line, request, row)
            if known:
                return _same(known, row)
            if why := unreachable(row.address, kind, own_numbers(channels)):
                raise Unprocessable(f"phone_number: {why}")
            check_send_at(request.send_at, self.dispatcher.clock())
            await self._check_assistant(domain, request.assistant_id)
            cost = await self._judge(connection, line, row)
            if not await outreach.insert(connection, row, own_key):
                # The same request came twice at the same moment.
                known = await outreach.by_key(connection, domain.domain_id, own_key or "")
                assert known is not None
                return _same(known, row)
            await self._pay(connection, row, cost)
        async with db.tenant_tx(domain.domain_id, durable=False) as connection:
            await outreach.wake(connection)
        return row

    async def get(self, domain_ids: Sequence[UUID], outreach_id: UUID) -> Outreach:
        """One of the domains' rows. Raises NotFound."""
        for domain_id in domain_ids:
            async with self.dispatcher.db.tenant_tx(domain_id) as connection:
                found = await outreach.one(connection, domain_id, outreach_id)
            if found is not None:
                return found
        raise NotFound(f"call {outreach_id} does not exist")

    async def cancel(self, domain_id: UUID, outreach_id: UUID) -> None:
        """Takes back what waits. Raises Conflict for what is under way."""
        now = self.dispatcher.clock()
        async with self.dispatcher.db.tenant_tx(domain_id) as connection:
            row = await outreach.one(connection, domain_id, outreach_id, lock=True)
            if row is None:
                raise NotFound(f"call {outreach_id} does not exist")
            if row.status == "canceled":
                return
            if row.status != "waiting":
                raise Conflict(f"only what waits can be canceled; this one is {row.status}")
            mark = outreach.Mark(outreach_id, "canceled", row.due_at, "canceled", None)
            await outreach.mark(connection, domain_id, [mark], now)
            if row.message_id is not None:
                key = message_key(row.message_id)
                await self.dispatcher.ledger.refund(connection, domain_id, key, "canceled")

    # Parts ------------------------------------------------------------------------------------

    def _checked(
        self, domain: Domain, request: StartRequest, person_id: UUID | None
    ) -> tuple[ChannelKind, Outreach]:
        """The row, as far as it needs no look into the tables."""
        now = self.dispatcher.clock()
        kind = check_kind(request.channel)
        call_type = check_type(domain, request.type)
        address = check_number(request.phone_number)
        instruction = _text("instruction", request.instruction, LONGEST_INSTRUCTION)
        name = _text("name", request.name, LONGEST_NAME)
        email = check_email(request.email) if request.email else None
        variables = check_variables(request.variables)
        _check_kind_of_message(kind, request, instruction, now)
        return kind, Outreach(
            domain_id=domain.domain_id,
            outreach_id=new_id(),
            campaign_id=None,
            line=None,
            source=request.source,
            channel=kind,
            channel_id=None,
            address=address,
            name=name and " ".join(name.split()),
            email=email,
            call_type=call_type,
            instruction=instruction,
            template_id=None,
            variables=variables,
            assistant_id=request.assistant_id,
            follow_up=None,
            status="waiting",
            reason_code=None,
            reason=None,
            due_at=request.send_at or now,
            attempts=0,
            contact_id=None,
            conversation_id=None,
            message_id=new_id(),
            person_id=person_id,
            created_at=now,
        )

    def _line(
        self,
        domain: Domain,
        channels: list[ChannelRow],
        kind: ChannelKind,
        channel_id: UUID | None,
    ) -> _Line:
        channel = pick(channels, kind, channel_id)
        capabilities = capabilities_of(self.dispatcher.carriers, channel)
        if channel is None or capabilities is None:
            raise Conflict(
                f"domain {domain.name!r} has no {CHANNEL_NAMES[kind]} channel ({kind}); "
                "set one up in the settings under Channels, or with POST /api/v1/channels"
            )
        return _Line(channel, capabilities)

    async def _with_templates(
        self, connection: Connection, line: _Line, request: StartRequest, row: Outreach
    ) -> Outreach:
        """With the templates that are named; their variables must fit."""
        row = replace(row, channel_id=line.row.channel_id)
        if request.template:
            template = await self._template(connection, line, row, request.template)
            render(template, cast("Mapping[str, str]", row.variables))
            row = replace(row, template_id=template.template_id)
        if request.follow_up is not None:
            wanted = request.follow_up
            template = await self._template(connection, line, row, wanted.template)
            render(template, check_variables(wanted.variables))
            stored: dict[str, Any] = {
                "after_hours": check_hours(wanted.after_hours),
                "template_id": str(template.template_id),
                "variables": dict(wanted.variables),
            }
            row = replace(row, follow_up=stored)
        return row

    async def _template(
        self, connection: Connection, line: _Line, row: Outreach, wanted: str
    ) -> Template:
        templates = self.dispatcher.templates
        channel_id = line.row.channel_id
        try:
            found = await templates.named(connection, row.domain_id, channel_id, wanted)
        except NotFound as error:
            raise Unprocessable(error.detail) from None
        templates.usable(found, channel_id)
        return found

    async def _judge(self, connection: Connection, line: _Line, row: Outreach) -> list[Charge]:
        """What it costs. Raises Conflict for what would certainly not be sent."""
        [place] = await places.found(
            connection,
            row.domain_id,
            [(line.row.channel_id, placing.spellings(row.address))],
        )
        at = max(row.due_at, self.dispatcher.clock())
        refusal = judge(
            place, line.row, line.capabilities, template=row.template_id is not None, now=at
        )
        # The window is judged when it is sent: the customer may write until then.
        if refusal is not None and refusal.code != "no_window":
            raise Conflict(refusal.text)
        return await self._cost(connection, line, row, place)

    async def _check_assistant(self, domain: Domain, assistant_id: str | None) -> None:
        if assistant_id is None:
            return
        try:
            await self.assistants.get(domain.domain_id, assistant_id)
        except NotFound as error:
            raise Unprocessable(f"assistant_id: {error.detail}") from None

    async def _pay(self, connection: Connection, row: Outreach, cost: list[Charge]) -> None:
        """Takes the credit of what goes at once; of what goes later, when it goes.

        Raises PaymentRequired. Last in its transaction: it locks the account.
        """
        if not cost:
            return
        ledger = self.dispatcher.ledger
        if row.due_at > row.created_at:
            await ledger.require(connection, row.domain_id, total(cost))
        elif not await ledger.charge(connection, row.domain_id, cost):
            await ledger.require(connection, row.domain_id, total(cost))
            raise PaymentRequired("the balance does not cover the message")

    async def _cost(
        self, connection: Connection, line: _Line, row: Outreach, place: Place
    ) -> list[Charge]:
        prices = await self.dispatcher.ledger.prices_of(connection, row.domain_id)
        if prices is None:
            return []
        content = Content([""])
        if row.template_id is not None:
            template = await self.dispatcher.templates.get(
                connection, row.domain_id, row.template_id
            )
            variables = cast("Mapping[str, str]", row.variables)
            content = templated(template, variables, line.capabilities)
        opening = Opening(
            key=row.outreach_id,
            channel=line.row,
            place=place,
            address=row.address,
            content=content,
            message_id=row.message_id or row.outreach_id,
            source=row.source,
            call_type=row.call_type,
            outreach_id=row.outreach_id,
        )
        return charges(opening, prices)


def check_kind(channel: str) -> ChannelKind:
    for kind in CHANNEL_KINDS:
        if channel == kind:
            return kind
    raise Unprocessable(f"channel is {channel[:40]!r}; use one of {', '.join(CHANNEL_KINDS)}")


def _check_kind_of_message(
    kind: ChannelKind, request: StartRequest, instruction: str | None, now: datetime
) -> None:
    """Raises NotThereYet for calls, once all else of them is right."""
    if kind in SPOKEN:
        check_send_at(request.send_at, now)
        raise NotThereYet(
            f"channel {kind!r} places calls, which this version cannot do; use wmsg or sms"
        )
    if instruction is None and not request.template:
        raise Unprocessable("there is nothing to say: give an instruction or a template")


def call_types(domain: Domain) -> tuple[str, ...]:
    """What every domain has, and the domain's own."""
    own = domain.settings.get("call_types")
    listed = cast("list[Any]", own) if isinstance(own, list) else []
    return (*CALL_TYPES, *(each for each in listed if isinstance(each, str)))


def check_type(domain: Domain, call_type: str) -> str:
    allowed = call_types(domain)
    if call_type not in allowed:
        raise Unprocessable(f"type is {call_type[:40]!r}; use one of {', '.join(allowed)}")
    return call_type


def check_number(raw: str) -> str:
    """E.164, or a WhatsApp user id."""
    try:
        return normalize(raw, None)
    except Invalid as error:
        raise Unprocessable(f"phone_number: {error.detail}") from None


def check_send_at(send_at: datetime | None, now: datetime) -> datetime:
    """When it is due. Raises Unprocessable for what is past, or too far ahead."""
    if send_at is None:
        return now
    if send_at.tzinfo is None:
        raise Unprocessable("send_at has no time zone; end it with Z or an offset such as +02:00")
    if send_at <= now:
        raise Unprocessable(f"send_at is {send_at.isoformat()}, which is past; it is {now:%FT%TZ}")
    if send_at - now > LONGEST_AHEAD:
        raise Unprocessable(
            f"send_at is {send_at.isoformat()}; use up to {LONGEST_AHEAD.days} days from now"
        )
    return send_at


def _checked_key(key: str) -> str:
    if not 1 <= len(key) <= LONGEST_KEY:
        raise Unprocessable(f"Idempotency-Key has {len(key)} characters; use 1 to {LONGEST_KEY}")
    return key


def _text(name: str, value: str | None, most: int) -> str | None:
    text = (value or "").replace("\x00", "").strip()
    if len(text) > most:
        raise Unprocessable(f"{name} has {len(text)} characters; use up to {most}")
    return text or None


COMPARED = (
    "channel", "address", "name", "email", "call_type", "instruction", "template_id", "variables",
    "assistant_id", "follow_up",
)  # fmt: skip


def _id_of(key: str, domain: Domain, request: StartRequest) -> UUID:
    """Of the row under a key. It holds what the row does not keep as it was asked for: `due_at`
    moves while a channel is busy, and a row has a channel whether one was named or not."""
    at = request.send_at
    moment = "" if at is None else str(at.timestamp() if at.tzinfo else at)
    return uuid5(domain.domain_id, f"{moment} {request.channel_id or ''} {key}")


def _same(known: Outreach, asked: Outreach) -> Outreach:
    """What was asked for before under the key. Raises Conflict when that was something else."""
    different = [name for name in COMPARED if getattr(known, name) != getattr(asked, name)]
    if known.outreach_id != asked.outreach_id:
        different.append("send_at or channel_id")
    if different:
        raise Conflict(
            f"the Idempotency-Key was used for another request: its {different[0]} was different"
        )
    return known
