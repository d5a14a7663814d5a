"""Tenants, their people, and who may do what."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, cast, get_args
from uuid import UUID

import orjson

from frontdesk.kernel.errors import Forbidden, NotFound, Unprocessable
from frontdesk.kernel.hours import check_business_hours
from frontdesk.kernel.media_settings import check_media_settings
from frontdesk.kernel.optout_settings import read_opt_out
from frontdesk.kernel.phone import is_country

Role = Literal["owner", "admin", "agent", "viewer"]
ROLES: tuple[Role, ...] = get_args(Role)

DEFAULT_DOMAIN = "default"
MOST_JSON_BYTES = 65_536
DEFAULT_FALLBACK = (
    "Sorry, I cannot answer right now. A person will get back to you as soon as possible."
)
SIGN_IN_LINK_LASTS = timedelta(minutes=15)
INVITATION_LASTS = timedelta(days=7)
SESSION_LASTS = timedelta(days=30)
SESSION_IDLE = timedelta(hours=12)
"""A session ends when it was not used for so long, however young it is."""
LONGEST_FALLBACK = 1_600
MOST_CALL_TYPES = 50
LONGEST_CALL_TYPE = 40
LEAST_TOKEN_LENGTH = 16
GROUPS = ("media", "opt_out")
"""Settings that are objects, of which a part may be given."""
NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")


@dataclass(frozen=True)
class Domain:
    """A tenant. `settings` holds what the domain's people may change, as plain JSON."""

    domain_id: UUID
    name: str
    display_name: str
    default_assistant_id: str | None
    settings: dict[str, Any]
    created_at: datetime

    @property
    def fallback_text(self) -> str:
        """What a customer is told when the assistant fails."""
        return self.settings.get("fallback_text") or DEFAULT_FALLBACK


@dataclass(frozen=True)
class Person:
    domain_id: UUID
    person_id: UUID
    email: str
    name: str
    role: Role
    created_at: datetime
    has_password: bool = False
    signed_in_at: datetime | None = None
    """The last time; None: invited, and not come yet."""


@dataclass(frozen=True)
class Membership:
    """A person's place in one domain."""

    domain_id: UUID
    name: str
    role: Role
    display_name: str = ""
    """The domain's, for people."""

    def at_least(self, least: Role) -> bool:
        return ROLES.index(self.role) <= ROLES.index(least)


@dataclass(frozen=True)
class Caller:
    """Who makes a request: a person, the domain of their token, and all of their domains."""

    person_id: UUID
    email: str
    home: UUID
    memberships: tuple[Membership, ...] = field(default=())
    name: str = ""
    has_password: bool = False
    session_id: UUID | None = None
    """Of a browser's session; None: the request came with an API token."""

    @property
    def domain_ids(self) -> list[UUID]:
        return [membership.domain_id for membership in self.memberships]

    def domain(self, name: str | None = None, least: Role = "viewer") -> Membership:
        """The named domain, or the token's own; a domain of others does not exist for them."""
        for membership in self.memberships:
            if membership.name == name or (name is None and membership.domain_id == self.home):
                return _at_least(membership, least)
        raise NotFound(f"domain {name!r} does not exist or is not yours")

    def member_of(self, domain_id: UUID, least: Role = "viewer") -> Membership:
        for membership in self.memberships:
            if membership.domain_id == domain_id:
                return _at_least(membership, least)
        raise NotFound("not found")


def _at_least(membership: Membership, least: Role) -> Membership:
    if not membership.at_least(least):
        raise Forbidden(
            f"your role in {membership.name!r} is {membership.role}; this needs {least} or above"
        )
    return membership


def check_name(name: str) -> str:
    """A domain's name, or Unprocessable saying what one looks like."""
    if not NAME.fullmatch(name):
        raise Unprocessable(
            f"domain name {name[:80]!r} is not allowed; "
            "use 1 to 64 of a-z, 0-9, '.', '_' and '-', beginning and ending with a letter or digit"
        )
    return name


def check_json(name: str, value: object) -> bytes:
    """The value as JSON, or Unprocessable: numbers beyond 64 bits and deep nesting are refused."""
    try:
        text = orjson.dumps(value)
    except TypeError as error:
        raise Unprocessable(f"{name} cannot be kept as JSON: {error}") from error
    if len(text) > MOST_JSON_BYTES:
        raise Unprocessable(f"{name} has {len(text)} bytes of JSON; use up to {MOST_JSON_BYTES}")
    if b"\\u0000" in text:
        raise Unprocessable(f"{name} has a NUL character, which cannot be stored")
    return text


def check_role(role: str) -> Role:
    for known in ROLES:
        if role == known:
            return known
    raise Unprocessable(f"role {role[:40]!r} is not known; use one of {', '.join(ROLES)}")


def check_email(email: str) -> str:
    """A plausible e-mail address in lower case. Delivery, not syntax, proves one."""
    local, _, host = email.strip().lower().rpartition("@")
    # What is not printable moves the text around it, in a terminal or from right to left.
    plain = (local + host).isprintable() and " " not in local + host
    if not local or "@" in local or "." not in host or len(email) > 254 or not plain:
        raise Unprocessable(f"e-mail {email[:80]!r} is not an address such as ana@example.com")
    return f"{local}@{host}"


def merge_settings(known: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """The settings with what is given changed, and what is given as null removed."""
    merged = {**known, **given}
    for name in GROUPS:
        old, new = known.get(name), given.get(name)
        if isinstance(old, dict) and isinstance(new, dict):
            merged[name] = merge_settings(cast("dict[str, Any]", old), cast("dict[str, Any]", new))
    return {key: value for key, value in merged.items() if value is not None}


def check_settings(settings: dict[str, Any]) -> None:
    """Refuses known settings of the wrong type; others are the domain's own."""
    check_media_settings(settings.get("media"))
    check_business_hours(settings.get("business_hours"))
    read_opt_out(settings.get("opt_out"))
    _check_country(settings.get("default_country"))
    _check_call_types(settings.get("call_types"))
    text = settings.get("fallback_text", "")
    if not isinstance(text, str) or len(text) > LONGEST_FALLBACK:
        raise Unprocessable(
            f"settings.fallback_text is {text!r:.80}; use a text of up to {LONGEST_FALLBACK} "
            "characters"
        )


def _check_country(value: object) -> None:
    if value is not None and not (isinstance(value, str) and is_country(value)):
        raise Unprocessable(
            f"settings.default_country is {value!r:.80}; use the two letters of a country (ISO "
            "3166), such as ES"
        )


def _check_call_types(value: object) -> None:
    if value is None:
        return
    listed = cast("list[Any]", value) if isinstance(value, list) else [None]
    if len(listed) > MOST_CALL_TYPES or not all(map(_is_call_type, listed)):
        raise Unprocessable(
            f"settings.call_types is {value!r:.80}; use a list of up to {MOST_CALL_TYPES} names of "
            f"1 to {LONGEST_CALL_TYPE} printable characters"
        )


def _is_call_type(value: object) -> bool:
    # A name with spaces around it would never be found again.
    if not isinstance(value, str) or value != value.strip():
        return False
    return 0 < len(value) <= LONGEST_CALL_TYPE and value.isprintable()


def check_owner_token(token: str | None) -> None:
    if token is not None and len(token) < LEAST_TOKEN_LENGTH:
        raise Unprocessable(
            f"FRONTDESK_OWNER_TOKEN has {len(token)} characters; use at least {LEAST_TOKEN_LENGTH}"
        )
