"""Use cases of templates: written here or listed by the carrier, rendered, kept up to date."""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import asyncpg
import structlog

from frontdesk.channels._store import templates as _store
from frontdesk.channels.model import ChannelRow
from frontdesk.channels.service import ChannelService
from frontdesk.channels.templates_model import (
    Draft,
    Rendered,
    Template,
    check_draft,
    render,
    variables_in,
)
from frontdesk.channels.templates_sync import Outcome, compare
from frontdesk.db.pool import Connection
from frontdesk.db.tenancy import Database
from frontdesk.domains.model import Caller
from frontdesk.kernel.errors import Conflict, FrontdeskError, NotFound, Unavailable, Unprocessable
from frontdesk.kernel.ids import new_id
from frontdesk.kernel.templates import CarrierTemplate
from frontdesk.ports import Carrier, Channel, SendError

log = structlog.get_logger()

SYNC_SECONDS = 15 * 60.0
RETRY_SECONDS = 15.0
TICK_SECONDS = 5.0
LONGEST_SYNC = 120.0
AT_ONCE = 4
MOST_OFFERED = 20
"""Templates that a model is told of: each of them costs tokens at every answer."""


@dataclass(frozen=True)
class TemplateService:
    """`_due` is when this process compares a channel's templates next, and how often it failed."""

    channels: ChannelService
    carriers: Mapping[str, Carrier]
    _due: dict[UUID, tuple[float, int]] = field(
        default_factory=dict[UUID, tuple[float, int]], repr=False
    )

    @property
    def db(self) -> Database:
        return self.channels.db

    async def listed(
        self,
        domain_id: UUID,
        channel_id: UUID | None = None,
        status: str | None = None,
        search: str | None = None,
    ) -> list[Template]:
        async with self.db.tenant_tx(domain_id) as connection:
            return await _store.listed(connection, domain_id, channel_id, status, search)

    async def offered(self, domain_id: UUID, channel_id: UUID, words: str) -> list[Template]:
        """What a model may answer with on the channel; those that the words name come first."""
        async with self.db.tenant_tx(domain_id, durable=False) as connection:
            return await _store.offered(connection, domain_id, channel_id, words, MOST_OFFERED)

    async def get(self, connection: Connection, domain_id: UUID, template_id: UUID) -> Template:
        """In the caller's transaction. Raises NotFound."""
        return await stored(connection, domain_id, template_id)

    async def of_caller(self, domain_ids: Sequence[UUID], template_id: UUID) -> Template:
        """A template of one of the domains. Raises NotFound."""
        for domain_id in domain_ids:
            async with self.db.tenant_tx(domain_id) as connection:
                if (found := await _store.one(connection, domain_id, template_id)) is not None:
                    return found
        raise NotFound(f"template {template_id} does not exist")

    async def named(
        self, connection: Connection, domain_id: UUID, channel_id: UUID, wanted: str
    ) -> Template:
        """By template_id, `name:language` or name, in the caller's transaction.

        Raises NotFound, and Unprocessable for a name in several languages.
        """
        try:
            return await self.get(connection, domain_id, UUID(wanted))
        except ValueError:
            name, _, language = wanted.partition(":")
        found = await _store.named(connection, domain_id, channel_id, name)
        found = [each for each in found if language in ("", each.language)]
        found = [each for each in found if each.status == "approved"] or found
        if not found:
            raise NotFound(f"the channel has no template {wanted[:200]!r}")
        if len(found) > 1:
            raise Unprocessable(
                f"template {name!r} is there in several languages; name one: "
                + ", ".join(f"{name}:{each.language}" for each in found)
            )
        return found[0]

    def usable(self, template: Template, channel_id: UUID) -> None:
        check_usable(template, channel_id)

    def preview(self, template: Template, variables: Mapping[str, str]) -> Rendered:
        return render(template, variables)

    async def create(
        self, domain_id: UUID, channel_id: UUID, draft: Draft, by: Caller | None = None
    ) -> Template:
        """Where the carrier approves templates, it is handed in there."""
        row = await self.channels.of_caller([domain_id], channel_id)
        draft = check_draft(row.kind, draft)
        template_id = new_id()
        await self._check_free(domain_id, channel_id, draft)
        carrier_id, status = await self._submitted(row, draft)
        async with self._writing(domain_id, channel_id) as connection:
            values = _store.values_of(draft, carrier_id, status, None)
            known = carrier_id and await _store.by_carrier_id(
                connection, domain_id, channel_id, carrier_id
            )
            if known:
                # It was listed by the carrier before this came to it.
                template_id = known
            else:
                await _store.insert(
                    connection,
                    domain_id,
                    template_id,
                    channel_id,
                    values,
                    synced=carrier_id is not None,
                )
            await self._record(connection, domain_id, by, "template.create", draft.name)
        return await self._changed(domain_id, template_id)

    async def change(
        self, template: Template, given: Mapping[str, Any], by: Caller | None = None
    ) -> Template:
        """Changes what is given, of a draft, or of one that no carrier approves.

        Raises Conflict for another text while messages are made from it: as at carriers, who was
        promised one text gets that one, and all of a campaign's recipients get the same.
        """
        domain_id, channel_id = template.domain_id, template.channel_id
        row = await self.channels.of_caller([domain_id], channel_id)
        if self._approves(row) and template.status != "draft":
            raise Conflict(
                f"template {template.name!r} is {template.status}, and WhatsApp changes none that "
                "was handed in; create another one"
            )
        draft = check_draft(row.kind, _changed_draft(template, given))
        if (draft.name, draft.language) != (template.name, template.language):
            await self._check_free(domain_id, channel_id, draft)
        carrier_id, status = await self._submitted(row, draft)
        async with self._writing(domain_id, channel_id) as connection:
            if _says(draft) != _says(template):
                await self._check_unsent(connection, template)
            values = _store.values_of(draft, carrier_id, status, None)
            await _store.change(connection, domain_id, template.template_id, values)
            await self._record(connection, domain_id, by, "template.change", draft.name)
        if template.carrier_id is not None:
            await self._delete_at_carrier(row, template.carrier_id)
        return await self._changed(domain_id, template.template_id)

    async def delete(self, template: Template, by: Caller | None = None) -> None:
        """Here and at the carrier. Raises Conflict while something needs it."""
        domain_id = template.domain_id
        row = await self.channels.of_caller([domain_id], template.channel_id)
        async with self.db.tenant_tx(domain_id) as connection:
            user = await _store.in_use(connection, domain_id, template.template_id)
        if user is not None:
            raise Conflict(f"template {template.name!r} is needed by {user}; end that first")
        if template.carrier_id is not None and self._approves(row):
            await self._delete_at_carrier(row, template.carrier_id)
        async with self.db.tenant_tx(domain_id) as connection:
            await _store.delete(connection, domain_id, template.template_id)
            await self._record(connection, domain_id, by, "template.delete", template.name)
        self.db.changes.tell_settings(domain_id, "templates", template.template_id)

    # At the carrier ---------------------------------------------------------------------------

    async def sync(self, domain_id: UUID, channel_id: UUID | None = None) -> list[Outcome]:
        """Compares with the carrier, of one channel or of all; what went wrong is told of each."""
        rows = await self.channels.of_domain(domain_id)
        if channel_id is not None:
            rows = [await self.channels.of_caller([domain_id], channel_id)]
        return [await self.sync_channel(row) for row in rows if self._approves(row)]

    async def sync_channel(self, row: ChannelRow) -> Outcome:
        try:
            async with asyncio.timeout(LONGEST_SYNC):
                channel = await self._channel(row)
                listed = await self.carriers[row.carrier].templates(channel)
                return await self._apply(row, listed)
        except SendError as error:
            return Outcome(row.channel_id, error=error.text)
        except TimeoutError:
            return Outcome(row.channel_id, error=f"took longer than {LONGEST_SYNC:g} seconds")
        except asyncpg.UniqueViolationError:
            return Outcome(row.channel_id, error="two templates changed names; try again")
        except FrontdeskError as error:
            return Outcome(row.channel_id, error=error.detail)

    async def keep_synced(self) -> None:
        """The worker's part, for as long as it runs: every channel every 15 minutes.

        Nodes do not lock each other out: whoever comes second finds the templates fresh.
        """
        while True:
            try:
                await self._sync_due()
            except Exception as error:  # another round comes, whatever it is
                log.warning("templates were not compared", error=repr(error)[:300])
            await asyncio.sleep(TICK_SECONDS)

    async def _sync_due(self) -> None:
        now = time.monotonic()
        if self._due and min(at for at, _ in self._due.values()) > now:
            return
        rows = [row for row in await self.channels.all_active() if self._approves(row)]
        for gone in self._due.keys() - {row.channel_id for row in rows}:
            del self._due[gone]
        gate = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as group:
            for row in rows:
                if self._due.get(row.channel_id, (0.0, 0))[0] <= now:
                    group.create_task(self._sync_one(row, gate))

    async def _sync_one(self, row: ChannelRow, gate: asyncio.Semaphore) -> None:
        async with gate:
            async with self.db.tenant_tx(row.domain_id) as connection:
                age = await _store.age(connection, row.domain_id, row.channel_id)
            if age is not None and age < SYNC_SECONDS / 2:
                self._due[row.channel_id] = (time.monotonic() + SYNC_SECONDS - age, 0)
                return
            outcome = await self.sync_channel(row)
            failures = self._due.get(row.channel_id, (0.0, 0))[1] + 1 if outcome.error else 0
            wait = min(SYNC_SECONDS, RETRY_SECONDS * 2**failures) if failures else SYNC_SECONDS
            # Channels that began together drift apart.
            wait *= 0.9 + 0.2 * (row.channel_id.int % 997) / 997
            self._due[row.channel_id] = (time.monotonic() + wait, failures)
            if outcome.error:
                log.warning("templates were not compared", channel=row.address, why=outcome.error)

    async def _apply(self, row: ChannelRow, listed: list[CarrierTemplate]) -> Outcome:
        async with self._writing(row.domain_id, row.channel_id) as connection:
            known = await _store.listed(connection, row.domain_id, row.channel_id)
            found = compare(known, listed)
            for each in found.added:
                values = _store.values_of(each, each.carrier_id, each.status, each.status_reason)
                await _store.insert(
                    connection, row.domain_id, new_id(), row.channel_id, values, synced=True
                )
            for template_id, each in found.changed:
                values = _store.values_of(each, each.carrier_id, each.status, each.status_reason)
                await _store.change(connection, row.domain_id, template_id, values)
            await _store.disable(connection, row.domain_id, found.vanished, found.GONE)
            await _store.synced(connection, row.domain_id, row.channel_id)
        outcome = found.outcome(row.channel_id)
        if outcome.added or outcome.changed or outcome.removed:
            self.db.changes.tell_settings(row.domain_id, "templates")
        return outcome

    def _approves(self, row: ChannelRow) -> bool:
        """Whether the channel's carrier has templates of its own."""
        carrier = self.carriers.get(row.carrier)
        known = None if carrier is None else carrier.capabilities.get(row.kind)
        return known is not None and known.templates

    async def _channel(self, row: ChannelRow) -> Channel:
        channel = await self.channels.get(row.domain_id, row.channel_id)
        if not channel.account or not channel.secret:
            raise Conflict(f"the channel {row.address} has no credentials; fill them in first")
        return channel

    async def _submitted(self, row: ChannelRow, draft: Draft) -> tuple[str | None, str]:
        """The carrier's id and how the template is there. Raises what `_refused` says."""
        if not self._approves(row):
            return None, "approved"
        handed_in = CarrierTemplate(
            carrier_id="",
            name=draft.name,
            language=draft.language,
            category=draft.category,
            status="draft",
            body=draft.body,
            header=draft.header,
            footer=draft.footer,
            buttons=draft.buttons,
            variables=draft.variables,
        )
        channel = await self._channel(row)
        try:
            return await self.carriers[row.carrier].submit_template(handed_in, channel)
        except SendError as error:
            raise _refused(error) from error

    async def _delete_at_carrier(self, row: ChannelRow, carrier_id: str) -> None:
        channel = await self._channel(row)
        try:
            await self.carriers[row.carrier].delete_template(carrier_id, channel)
        except SendError as error:
            raise _refused(error) from error

    # Parts ------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _writing(self, domain_id: UUID, channel_id: UUID) -> AsyncGenerator[Connection]:
        """A transaction in which nobody else writes the channel's templates."""
        async with self.db.tenant_tx(domain_id) as connection:
            await _store.lock(connection, channel_id)
            yield connection

    async def _check_free(self, domain_id: UUID, channel_id: UUID, draft: Draft) -> None:
        async with self.db.tenant_tx(domain_id) as connection:
            found = await _store.named(connection, domain_id, channel_id, draft.name)
        if any(each.language == draft.language for each in found):
            raise Conflict(
                f"the channel has a template {draft.name!r} in {draft.language!r} already"
            )

    async def _check_unsent(self, connection: Connection, template: Template) -> None:
        user = await _store.sent_from(connection, template.domain_id, template.template_id)
        if user is not None:
            raise Conflict(
                f"template {template.name!r} is used by {user}: who waits would get another text "
                "than those before; end that first, or create another template"
            )

    async def _record(
        self, connection: Connection, domain_id: UUID, by: Caller | None, what: str, name: str
    ) -> None:
        await self.channels.domains.record(connection, domain_id, by, what, name)

    async def _changed(self, domain_id: UUID, template_id: UUID) -> Template:
        self.db.changes.tell_settings(domain_id, "templates", template_id)
        async with self.db.tenant_tx(domain_id) as connection:
            return await self.get(connection, domain_id, template_id)


async def stored(connection: Connection, domain_id: UUID, template_id: UUID) -> Template:
    """In the caller's transaction. Raises NotFound."""
    found = await _store.one(connection, domain_id, template_id)
    if found is None:
        raise NotFound(f"template {template_id} does not exist")
    return found


def check_usable(template: Template, channel_id: UUID) -> None:
    """Raises Conflict unless messages of the channel can be made from it now."""
    if template.channel_id != channel_id:
        raise Conflict(f"template {template.name!r} is one of another channel")
    if template.status != "approved":
        reason = f": {template.status_reason}" if template.status_reason else ""
        raise Conflict(
            f"template {template.name!r} is {template.status}{reason}; use an approved one"
        )


def _says(of: Template | Draft) -> tuple[Any, ...]:
    """What customers read, and what it costs."""
    header = None if of.header is None else dict(of.header)
    return header, of.body, of.footer, [dict(each) for each in of.buttons], of.category


def _changed_draft(template: Template, given: Mapping[str, Any]) -> Draft:
    """What is given in place of what the template has. Samples nobody needs now are dropped."""
    draft = replace(
        Draft(
            template.name,
            template.language,
            template.category,
            template.body,
            template.header,
            template.footer,
            template.buttons,
            template.variables,
        ),
        **given,
    )
    if "variables" in given:
        return draft
    names = variables_in(draft.header, draft.body, draft.footer, draft.buttons)
    return replace(draft, variables=[each for each in draft.variables if each["name"] in names])


def _refused(error: SendError) -> FrontdeskError:
    """What the carrier said of a template, for the person who wrote it."""
    if error.remedy in ("retry", "wait", "ask"):
        return Unavailable(error.text, retry_after=error.retry_after)
    return Conflict(error.text)
