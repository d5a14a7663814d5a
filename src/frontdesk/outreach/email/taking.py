"""Decides what becomes of mails that were read, and commits it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import asyncpg
import structlog

from frontdesk.assistants.model import AssistantFailed
from frontdesk.assistants.service import AssistantService
from frontdesk.db.pool import Connection
from frontdesk.db.tenancy import Database
from frontdesk.kernel.clock import Clock
from frontdesk.kernel.errors import PaymentRequired
from frontdesk.kernel.ids import new_id
from frontdesk.outreach.email import _store
from frontdesk.outreach.email.asking import ask_for_number
from frontdesk.outreach.email.attaching import Attaching
from frontdesk.outreach.email.composing import Desk, composed
from frontdesk.outreach.email.mailbox import Selected
from frontdesk.outreach.email.model import EmailStatus, Opening, PullConfig, PulledEmail, Start
from frontdesk.outreach.email.phone_finding import by_labels, by_rules
from frontdesk.outreach.email.reading import Broken, Mail, headers_of, read

log = structlog.get_logger()

MACHINES = ("noreply", "no-reply", "donotreply", "do-not-reply", "mailer-daemon", "postmaster")


@dataclass(frozen=True)
class Seen:
    """A message as it was found: read, or the reason why it could not be."""

    uid: int
    key: str
    mail: Mail | None
    reason: str | None = None


@dataclass
class Plan:
    """What is to become of a message."""

    row: PulledEmail
    number: str | None = None
    contact_id: UUID | None = None
    media_ids: Sequence[UUID] = ()
    opening: Opening | None = None


@dataclass(frozen=True)
class Taking:
    """Takes a mailbox's messages over."""

    db: Database
    assistants: AssistantService
    clock: Clock
    config: PullConfig
    desk: Desk
    attaching: Attaching

    async def over(self, folder: Selected, found: Sequence[Seen]) -> list[int]:
        """The UIDs of the messages with which there is no more to do."""
        return await self._written(await self._planned(folder, found))

    async def _planned(self, folder: Selected, found: Sequence[Seen]) -> list[Plan]:
        """What is to become of messages. No transaction waits for an assistant."""
        config, desk = self.config, self.desk
        plans = [Plan(self._row(folder, each)) for each in found]
        open_plans: list[tuple[Plan, Mail]] = []
        for plan, each in zip(plans, found, strict=True):
            if plan.row.status == "done" and each.mail is not None:
                plan.number = by_rules(
                    each.mail, config.phone_rules, desk.country, desk.own
                ) or by_labels(each.mail, desk.country, desk.own)
                open_plans.append((plan, each.mail))
        await self._match(open_plans)
        for plan, mail in open_plans:
            await self._complete(plan, mail)
        return plans

    async def _match(self, plans: Sequence[tuple[Plan, Mail]]) -> None:
        """Finds for each the one contact that has the sender's e-mail.

        What the mail itself says goes first: a form's mails all come from one address, and its
        sender's card would lead every one of them to the same customer.
        """
        asked = {mail.address for _, mail in plans if mail.address and not is_machine(mail.address)}
        if not asked:
            return
        async with self.db.tenant_tx(self.config.domain_id, durable=False) as connection:
            known = await _store.contacts_with_emails(connection, self.config.domain_id, asked)
        for plan, mail in plans:
            found = known.get(mail.address)
            if found is not None and plan.number in (None, found[1]):
                plan.contact_id, plan.number = found

    async def _complete(self, plan: Plan, mail: Mail) -> None:
        config, desk = self.config, self.desk
        reason = "No phone number was found in it, and its sender is no contact with one"
        if plan.number is None and config.ask_assistant:
            try:
                plan.number = await ask_for_number(self.assistants, config, mail, desk)
            except PaymentRequired as error:
                # Read once more with the next pull, until somebody has topped up.
                plan.row = replace(plan.row, status="waiting", reason=error.detail)
                return
            except AssistantFailed as error:
                reason = f"The assistant could not be asked for the number: {error.detail}"
        if plan.number is None:
            plan.row = replace(plan.row, status="failed", reason=reason)
        else:
            kept = await self.attaching.keep(mail.files)
            plan.media_ids = kept.media_ids
            plan.row = replace(plan.row, outreach_id=new_id(), reason=kept.note)
            plan.opening = composed(config, mail, plan.number, kept.filenames)

    async def _written(self, plans: Sequence[Plan]) -> list[int]:
        """Commits messages' notes with their outreach; the UIDs of what was taken over."""
        if not plans:
            return []
        try:
            async with self.db.tenant_tx(self.config.domain_id) as connection:
                for each in _rounds(plans):
                    await self._write(connection, each)
        except (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError) as error:
            if len(plans) > 1:
                return [uid for plan in plans for uid in await self._written([plan])]
            # One message that cannot be stored is no reason to stop before it for ever.
            log.error("e-mail not stored", config=str(self.config.config_id), exc_info=error)
            reason = f"It cannot be stored ({type(error).__name__})"
            await self.note(replace(plans[0].row, status="failed", reason=reason, outreach_id=None))
            return []
        return [
            plan.row.uid for plan in plans if plan.row.status == "done" and plan.row.uid is not None
        ]

    async def _write(self, connection: Connection, plans: Sequence[Plan]) -> None:
        rows = [plan.row for plan in plans]
        new = await _store.record(connection, self.config.domain_id, rows)
        starts = [
            Start(
                plan.row.outreach_id,
                new_id(),
                plan.number,
                plan.opening,
                plan.contact_id,
                plan.media_ids,
            )
            for plan in plans
            if plan.row.message_key in new
            and plan.row.outreach_id is not None
            and plan.number is not None
            and plan.opening is not None
        ]
        if starts:
            await _store.insert_outreach(connection, self.config, starts)

    def _row(self, folder: Selected, seen: Seen) -> PulledEmail:
        """The note of a message, which is done unless something stands against it."""
        mail = seen.mail
        status: EmailStatus = "done"
        reason = seen.reason
        if mail is None or reason is not None:
            status = "failed"
        elif mail.automatic is not None:
            status, reason = "ignored", mail.automatic
        sender = ""
        if mail is not None:
            sender = f"{mail.name} <{mail.address}>" if mail.name else mail.address
        return PulledEmail(
            email_id=new_id(),
            config_id=self.config.config_id,
            message_key=seen.key,
            sender=sender,
            subject=mail.subject if mail else "",
            status=status,
            reason=reason,
            outreach_id=None,
            uid_validity=folder.uid_validity,
            uid=seen.uid,
            sent_at=mail.sent_at if mail else None,
            at=self.clock(),
        )

    async def note(self, row: PulledEmail) -> None:
        async with self.db.tenant_tx(self.config.domain_id) as connection:
            await _store.record(connection, self.config.domain_id, [row])


def _rounds(plans: Sequence[Plan]) -> list[list[Plan]]:
    """In the order of the mailbox, of each key one: a message may be there twice."""
    rounds: list[dict[str, Plan]] = []
    for plan in plans:
        key = plan.row.message_key
        free = next((each for each in rounds if key not in each), None)
        if free is None:
            rounds.append(free := {})
        free[key] = plan
    return [list(each.values()) for each in rounds]


def is_machine(address: str) -> bool:
    """Whether nobody reads what is sent there, so that it is no customer's address."""
    return address.partition("@")[0].startswith(MACHINES)


def seen_as(uid: int, raw: bytes, key: str | None) -> Seen:
    try:
        mail = read(raw)
    except Broken as error:
        mail = headers_of(raw)
        return Seen(uid, key or mail.key, mail, f"It cannot be read: {error.text}")
    return Seen(uid, key or mail.key, mail)
