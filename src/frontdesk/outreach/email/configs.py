"""Use cases of mailboxes that are read: setting up, trying out, looking at what came of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from frontdesk.db.pool import Connection
from frontdesk.domains.model import Caller
from frontdesk.domains.service import DomainService
from frontdesk.kernel.errors import Conflict, NotFound, Unprocessable
from frontdesk.kernel.ids import new_id
from frontdesk.outreach._store import places
from frontdesk.outreach.email import _store
from frontdesk.outreach.email.connection import MailboxFailed, check_destination
from frontdesk.outreach.email.mailbox import opened
from frontdesk.outreach.email.model import (
    LONGEST_INSTRUCTION,
    MOST_CONFIGS,
    ORIGIN,
    SECURITIES,
    STATES,
    Account,
    EmailStatus,
    PullConfig,
    PulledEmail,
    Security,
    check_choice,
    check_host,
    check_password,
    check_text,
    check_variables,
    check_whole,
    password_context,
)
from frontdesk.outreach.email.phone_finding import check_rules
from frontdesk.outreach.email.searching import check_search
from frontdesk.outreach.model import CALL_TYPES
from frontdesk.ports import CHANNEL_KINDS
from frontdesk.web.addresses import Blocked
from frontdesk.web.trust import Trust

Check = Callable[[Any], Any]
DEFAULTS: Mapping[str, Any] = {
    "port": 993,
    "security": "tls",
    "folder": "INBOX",
    "search": "UNSEEN",
    "call_type": "informational",
    "variables": {},
    "phone_rules": [],
    "ask_assistant": False,
    "mark_seen": True,
    "every_minutes": 5,
    "state": "active",
}
NEEDED = ("name", "host", "username", "password", "default_channel")
WRITTEN_TO = ("wmsg", "sms")
"""Kinds of channels that a mail can begin a conversation on."""


def _optional(check: Check) -> Check:
    return lambda value: None if value is None or value == "" else check(value)


CHECKS: Mapping[str, Check] = {
    "name": lambda value: check_text("name", value, 100),
    "host": check_host,
    "port": lambda value: check_whole("port", value, 1, 65_535),
    "security": lambda value: check_choice("security", value, SECURITIES),
    "username": lambda value: check_text("username", value, 254),
    "password": check_password,
    "folder": lambda value: check_text("folder", value, 255),
    "search": check_search,
    "default_channel": lambda value: check_choice("default_channel", value, CHANNEL_KINDS),
    "channel_id": lambda value: value,
    "call_type": lambda value: check_text("type", value, 60),
    "instruction": _optional(lambda value: _check_instruction(value)),
    "template_id": lambda value: value,
    "variables": check_variables,
    "assistant_id": _optional(lambda value: check_text("assistant_id", value, 64)),
    "phone_rules": check_rules,
    "ask_assistant": bool,
    "mark_seen": bool,
    "every_minutes": lambda value: check_whole("every_minutes", value, 1, 10_080),
    "state": lambda value: check_choice("state", value, STATES),
}


@dataclass(frozen=True)
class Trial:
    """What connecting with a mailbox showed."""

    ok: bool
    folders: Sequence[str] = ()
    matching: int | None = None
    problem: str | None = None


@dataclass(frozen=True)
class EmailPullService:
    """The mailboxes of a domain that the caller was allowed into."""

    domains: DomainService
    trust: Trust

    async def domain_of(self, domain_ids: Sequence[UUID], config_id: UUID) -> UUID:
        """Raises NotFound, in the same words whether nobody has it or somebody else."""
        for domain_id in domain_ids:
            async with self.domains.db.tenant_tx(domain_id) as connection:
                if await _store.one(connection, domain_id, config_id) is not None:
                    return domain_id
        raise _unknown(config_id)

    async def all_of(self, domain_id: UUID) -> list[PullConfig]:
        async with self.domains.db.tenant_tx(domain_id) as connection:
            return await _store.all_of(connection, domain_id)

    async def create(self, domain_id: UUID, values: Mapping[str, Any], by: Caller) -> PullConfig:
        checked = _complete(values)
        self._check_destination(checked)
        config_id, types = new_id(), await self._call_types(domain_id)
        async with self.domains.db.tenant_tx(domain_id) as connection:
            if len(await _store.all_of(connection, domain_id)) >= MOST_CONFIGS:
                raise Conflict(f"the domain reads {MOST_CONFIGS} mailboxes already, the most")
            await self._check_references(connection, domain_id, checked, types)
            sealed = self._sealed(domain_id, config_id, checked)
            await _store.insert(connection, domain_id, config_id, sealed)
            await self.domains.record(
                connection, domain_id, by, "email_pull.create", checked["name"]
            )
            made = await _one(connection, domain_id, config_id)
        self._tell(domain_id, config_id)
        return made

    async def change(
        self, domain_id: UUID, config_id: UUID, values: Mapping[str, Any], by: Caller
    ) -> PullConfig:
        """Changes what is given. The saved password does not follow to another server."""
        given = {**values}
        if given.get("password") in (None, ""):
            given.pop("password", None)
        checked, types = _checked(given), await self._call_types(domain_id)
        async with self.domains.db.tenant_tx(domain_id) as connection:
            await _store.lock(connection, domain_id, config_id)
            before = await _one(connection, domain_id, config_id)
            _check_moved(before, checked)
            merged = {**_plain(before), **checked}
            self._check_destination(merged)
            await self._check_references(connection, domain_id, merged, types)
            moved = any(
                name in checked and checked[name] != getattr(before, name) for name in ORIGIN
            )
            sealed = self._sealed(domain_id, config_id, checked)
            await _store.update(connection, domain_id, config_id, sealed, from_the_beginning=moved)
            await self.domains.record(
                connection, domain_id, by, "email_pull.change", before.name, fields=sorted(checked)
            )
            changed = await _one(connection, domain_id, config_id)
        self._tell(domain_id, config_id)
        return changed

    async def delete(self, domain_id: UUID, config_id: UUID, by: Caller) -> None:
        """What it began goes on; that its messages were read is forgotten."""
        async with self.domains.db.tenant_tx(domain_id) as connection:
            await _store.lock(connection, domain_id, config_id)
            config = await _one(connection, domain_id, config_id)
            await _store.delete(connection, domain_id, config_id)
            await self.domains.record(connection, domain_id, by, "email_pull.delete", config.name)
        self._tell(domain_id, config_id)

    async def try_out(
        self, domain_id: UUID, config_id: UUID | None, values: Mapping[str, Any]
    ) -> Trial:
        """Signs in, lists folders and counts what the search finds. Changes nothing anywhere."""
        given = {**values}
        if given.get("password") in (None, ""):
            given.pop("password", None)
        checked = _checked(given)
        if config_id is not None:
            async with self.domains.db.tenant_tx(domain_id) as connection:
                before = await _one(connection, domain_id, config_id)
            _check_moved(before, checked)
            saved = self.domains.cipher.open(before.sealed_password, before.password_context)
            checked = {**_plain(before), "password": saved, **checked}
        checked = _complete({"name": "test", "default_channel": "wmsg", **checked})
        try:
            return await self._tried(checked)
        except (MailboxFailed, Blocked) as error:
            told = error.text if isinstance(error, MailboxFailed) else error.detail
            return Trial(ok=False, problem=told)

    async def _tried(self, checked: Mapping[str, Any]) -> Trial:
        async with opened(account_of(checked), self.trust) as mailbox:
            folders = await mailbox.folders()
            try:
                await mailbox.select(checked["folder"], read_only=True)
                matching = await mailbox.count(checked["search"])
            except MailboxFailed as error:
                return Trial(False, folders, None, error.text)
            return Trial(True, folders, matching)

    async def pull_soon(self, domain_id: UUID, config_id: UUID) -> PullConfig:
        """Has a worker read the mailbox now. Raises Conflict for one that is stopped."""
        async with self.domains.db.tenant_tx(domain_id) as connection:
            config = await _one(connection, domain_id, config_id)
            if config.state != "active":
                raise Conflict("this mailbox is stopped; set its state to active first")
            await _store.pull_soon(connection, domain_id, config_id)
            return await _one(connection, domain_id, config_id)

    async def emails(
        self,
        domain_id: UUID,
        config_id: UUID,
        status: EmailStatus | None,
        before: UUID | None,
        most: int,
    ) -> list[PulledEmail]:
        async with self.domains.db.tenant_tx(domain_id) as connection:
            return await _store.emails(connection, domain_id, config_id, status, before, most)

    async def retry(self, domain_id: UUID, config_id: UUID, email_id: UUID) -> None:
        """Has a message that failed read once more, soon. Raises Conflict for another one."""
        async with self.domains.db.tenant_tx(domain_id) as connection:
            status = await _store.retry(connection, domain_id, config_id, email_id)
            if status is None:
                raise NotFound(f"e-mail {email_id} does not exist")
            if status in ("done", "ignored"):
                raise Conflict(f"this e-mail is {status}; only failed ones are read again")
            await _store.pull_soon(connection, domain_id, config_id)
        self._tell(domain_id, config_id)

    # ------------------------------------------------------------------------------------------

    def _check_destination(self, values: Mapping[str, Any]) -> None:
        account = Account(values["host"], values["port"], values["security"], "", "")
        check_destination(account, self.trust)

    async def _call_types(self, domain_id: UUID) -> tuple[str, ...]:
        own = (await self.domains.get(domain_id)).settings.get("call_types")
        return (*CALL_TYPES, *(map(str, own) if isinstance(own, list) else ()))

    async def _check_references(
        self,
        connection: Connection,
        domain_id: UUID,
        values: Mapping[str, Any],
        types: Sequence[str],
    ) -> None:
        kind, call_type = values["default_channel"], values["call_type"]
        if call_type not in types:
            raise Unprocessable(f"type is {call_type!r}; use one of {', '.join(types)}")
        assistant_id = values.get("assistant_id")
        if assistant_id and not await places.has_assistant(connection, domain_id, assistant_id):
            raise Unprocessable(f"assistant {assistant_id!r} does not exist")
        channel_id, template_id = values.get("channel_id"), values.get("template_id")
        if channel_id is not None:
            found = await _store.channel_kind(connection, domain_id, channel_id)
            if found != kind:
                raise Unprocessable(f"channel_id {channel_id} is no channel of the kind {kind}")
        if template_id is not None:
            found = await _store.template_channel(connection, domain_id, template_id)
            if found != kind:
                raise Unprocessable(f"template_id {template_id} is no template for {kind}")

    def _sealed(
        self, domain_id: UUID, config_id: UUID, values: Mapping[str, Any]
    ) -> dict[str, Any]:
        if "password" not in values:
            return {**values}
        context = password_context(domain_id, config_id)
        return {**values, "password": self.domains.cipher.seal(values["password"], context)}

    def _tell(self, domain_id: UUID, config_id: UUID) -> None:
        self.domains.db.changes.tell_settings(domain_id, "email_pulls", config_id)


def account_of(values: Mapping[str, Any]) -> Account:
    return Account(
        values["host"],
        values["port"],
        cast("Security", values["security"]),
        values["username"],
        values["password"],
    )


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    checked = {name: CHECKS[name](value) for name, value in values.items() if name in CHECKS}
    if checked.get("default_channel", "wmsg") not in WRITTEN_TO:
        raise Unprocessable(
            f"default_channel is {checked['default_channel']}; e-mails begin conversations on "
            f"{' and '.join(WRITTEN_TO)} only"
        )
    return checked


def _complete(values: Mapping[str, Any]) -> dict[str, Any]:
    missing = [name for name in NEEDED if values.get(name) in (None, "")]
    if missing:
        raise Unprocessable(f"{missing[0]} is missing; a mailbox needs {', '.join(NEEDED)}")
    return _checked({**DEFAULTS, **values})


def _plain(config: PullConfig) -> dict[str, Any]:
    return {name: getattr(config, name) for name in CHECKS if name != "password"}


def _check_moved(before: PullConfig, checked: Mapping[str, Any]) -> None:
    """Whoever points a mailbox elsewhere must know its password."""
    for name in ("host", "port", "security"):
        moved = name in checked and checked[name] != getattr(before, name)
        if moved and "password" not in checked:
            raise Unprocessable(
                f"{name} changes, so send the password with it: the saved one stays where it is"
            )


def _check_instruction(value: Any) -> str:
    text = value.replace("\x00", "").strip() if isinstance(value, str) else ""
    if not 1 <= len(text) <= LONGEST_INSTRUCTION:
        raise Unprocessable(
            f"instruction has {len(text)} characters; use 1 to {LONGEST_INSTRUCTION}"
        )
    return text


async def _one(connection: Connection, domain_id: UUID, config_id: UUID) -> PullConfig:
    found = await _store.one(connection, domain_id, config_id)
    if found is None:
        raise _unknown(config_id)
    return found


def _unknown(config_id: UUID) -> NotFound:
    return NotFound(f"email_pull {config_id} does not exist")
