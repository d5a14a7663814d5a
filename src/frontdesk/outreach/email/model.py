"""Mailboxes that are read, what was read in them, and what a setting of theirs may be."""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, cast
from uuid import UUID

from frontdesk.kernel.errors import Unprocessable

Security = Literal["tls", "starttls", "none"]
PullState = Literal["active", "stopped"]
EmailStatus = Literal["waiting", "done", "ignored", "failed"]
"""waiting: it is read once more: a person asked for that, or the credit was short."""

SECURITIES: tuple[Security, ...] = ("tls", "starttls", "none")
STATES: tuple[PullState, ...] = ("active", "stopped")
EMAIL_STATUSES: tuple[EmailStatus, ...] = ("waiting", "done", "ignored", "failed")
COLUMNS = ("subject", "name", "email", "phone_number")
"""What of a mail a template's variable may be."""
MOST_CONFIGS = 100
MOST_RULES = 20
MOST_VARIABLES = 50
LONGEST_PATTERN = 500
LONGEST_INSTRUCTION = 4_000
LONGEST_TEXT = 4_000
"""Characters of a mail's text that go into the instruction."""
LONGEST_MAIL = 40 * 1024 * 1024
"""Bytes. Providers take 25 MB of files, which base64 makes 34 MB of."""
ORIGIN = ("host", "port", "security", "username", "folder", "search")
"""What decides which messages there are: changed, the mailbox is read from its beginning."""


@dataclass(frozen=True)
class Account:
    """How a mailbox is reached."""

    host: str
    port: int
    security: Security
    username: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class PullConfig:
    """A mailbox whose messages become outreach."""

    domain_id: UUID
    config_id: UUID
    name: str
    host: str
    port: int
    security: Security
    username: str
    sealed_password: bytes = field(repr=False)
    folder: str
    search: str
    default_channel: str
    channel_id: UUID | None
    call_type: str
    instruction: str | None
    template_id: UUID | None
    variables: Mapping[str, Any]
    assistant_id: str | None
    phone_rules: list[str]
    """Patterns whose group `phone` is the customer's number."""
    ask_assistant: bool
    mark_seen: bool
    every_minutes: int
    state: PullState
    uid_validity: int | None
    last_uid: int
    next_at: datetime
    pulled_at: datetime | None
    failures: int
    error: str | None
    job_token: UUID | None
    created_at: datetime
    updated_at: datetime

    @property
    def password_context(self) -> str:
        """What its sealed password is bound to."""
        return password_context(self.domain_id, self.config_id)


def password_context(domain_id: UUID, config_id: UUID) -> str:
    return f"email_pull_configs.password:{domain_id}:{config_id}"


@dataclass(frozen=True)
class PulledEmail:
    """A message of a mailbox, and what became of it."""

    email_id: UUID
    config_id: UUID
    message_key: str
    sender: str
    subject: str
    status: EmailStatus
    reason: str | None
    outreach_id: UUID | None
    uid_validity: int | None
    uid: int | None
    sent_at: datetime | None
    at: datetime


def check_text(name: str, value: Any, most: int, *, least: int = 1) -> str:
    """One line of printable text."""
    text = value.strip() if isinstance(value, str) else ""
    if not least <= len(text) <= most or not text.isprintable():
        raise Unprocessable(
            f"{name} is {value!r:.80}; use {least} to {most} characters of printable text"
        )
    return text


def check_choice(name: str, value: Any, choices: tuple[str, ...]) -> str:
    if value not in choices:
        raise Unprocessable(f"{name} is {value!r:.40}; use one of {', '.join(choices)}")
    return str(value)


def check_whole(name: str, value: Any, least: int, most: int) -> int:
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole or not least <= value <= most:
        raise Unprocessable(f"{name} is {value!r:.40}; use a whole number from {least} to {most}")
    return int(value)


def check_password(value: Any) -> str:
    """Raises Unprocessable without the value."""
    usable = isinstance(value, str) and 1 <= len(value) <= 500 and value.isprintable()
    if not usable:
        raise Unprocessable("password is not usable; use 1 to 500 printable characters")
    return str(value)


def check_host(value: Any) -> str:
    """A host's name or address, in lower case."""
    host = check_text("host", value, 253).strip("[]").rstrip(".").lower()
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        host = host.encode("idna").decode("ascii")
    except UnicodeError:
        host = ""
    if not host or not all(part.replace("-", "").isalnum() for part in host.split(".")):
        raise Unprocessable(f"host is {value!r:.80}; use a name such as imap.example.com")
    return host


def check_variables(value: Any) -> dict[str, Any]:
    """Template variable → its text, `{"value": text}`, or `{"column": part of the mail}`."""
    given = cast("dict[Any, Any]", value) if isinstance(value, dict) else None
    if given is None or len(given) > MOST_VARIABLES:
        raise Unprocessable(f"variables must be an object of up to {MOST_VARIABLES} texts")
    return {check_text("a variable's name", name, 60): _source(name, given[name]) for name in given}


def _source(name: str, value: Any) -> dict[str, str]:
    if isinstance(value, str):
        value = {"value": value}
    source = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    if set(source) == {"value"}:
        return {"value": check_text(f"variables.{name}", source["value"], 1_024)}
    if set(source) == {"column"}:
        return {"column": check_choice(f"variables.{name}.column", source["column"], COLUMNS)}
    raise Unprocessable(
        f'variables.{name} is {value!r:.80}; use a text, or {{"column": …}} with one of '
        f"{', '.join(COLUMNS)}"
    )


def variables_of(config: PullConfig, columns: Mapping[str, str]) -> dict[str, str]:
    """The template's variables for one mail, in one line each, as carriers take them."""
    return {
        name: " ".join((source.get("value") or columns.get(source["column"], "")).split())[:1_024]
        for name, source in config.variables.items()
    }


@dataclass(frozen=True)
class Opening:
    """How a conversation is to begin."""

    instruction: str
    variables: dict[str, str]
    name: str | None
    email: str | None


@dataclass(frozen=True)
class Start:
    """A conversation that is to begin, and with whom."""

    outreach_id: UUID
    message_id: UUID
    address: str
    opening: Opening
    contact_id: UUID | None
    media_ids: Sequence[UUID] = ()
