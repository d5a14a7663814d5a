"""Channels: which addresses a domain's `technical_json` names, and the credentials of each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from frontdesk.channels import meta_model as meta
from frontdesk.kernel.errors import Unprocessable
from frontdesk.kernel.phone import parse_address
from frontdesk.ports import Channel, ChannelKind

SECTIONS: dict[ChannelKind, str] = {"wmsg": "whatsapp", "sms": "sms", "phone": "phone"}
"""The part of a technical key that belongs to a kind: `twilio_<section>_number`."""

OWN = "channel_credentials"
"""The technical key that holds single channels' own: `{"sms:+15005550006": {"account_sid": …}}`.

A kind may have several channels then. It stays when metadata is saved without it.
"""
LEAST_RATE = 0.1
MOST_RATE = 1_000.0

SECRET_WORDS = ("token", "secret", "password", "key")
MASK = "••••"
LONGEST_VALUE = 4_096
BASE_URLS = ("twilio_api_base_url", meta.BASE_URL)

DEFAULT_RATES: dict[ChannelKind, float] = {"wmsg": 80.0, "sms": 10.0, "phone": 1.0, "wvoice": 1.0}
"""Messages per second. WhatsApp: 80 per number; SMS: a toll-free or short code's usual share."""


@dataclass(frozen=True)
class Credentials:
    account: str
    secret: str = field(repr=False)
    base_url: str
    details: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """See `ports.Channel`."""


@dataclass(frozen=True)
class Named:
    """A channel that the metadata names."""

    carrier: str
    kind: ChannelKind
    address: str
    carrier_address: str | None = None


@dataclass(frozen=True)
class ChannelRow:
    """A channel as stored, without its credentials."""

    domain_id: UUID
    channel_id: UUID
    kind: ChannelKind
    carrier: str
    address: str
    state: str
    state_reason: str | None
    rate: float
    caught_up_to: datetime | None
    carrier_address: str | None = None
    """The carrier's own id of the address, where its webhooks name that."""


def named(technical: Mapping[str, Any]) -> dict[tuple[str, ChannelKind], Named]:
    """The channels that the metadata names, by carrier and kind: one of each."""
    found: dict[tuple[str, ChannelKind], Named] = {}
    for kind, section in SECTIONS.items():
        number = technical.get(f"twilio_{section}_number")
        if number:
            found["twilio", kind] = Named("twilio", kind, parse_address(number))
    number = technical.get(meta.NUMBER)
    if number:
        address = parse_address(number)
        own = own_pairs(technical).get(own_key("wmsg", address), {})
        id_there = meta.credentials(technical, own, address)["phone_number_id"] or None
        found[meta.CARRIER, "wmsg"] = Named(meta.CARRIER, "wmsg", address, id_there)
    return found


def channel_credentials(
    row: ChannelRow, technical: Mapping[str, Any], environment: Credentials, meta_base_url: str
) -> Credentials:
    """What the channel's carrier is called with."""
    if row.carrier != meta.CARRIER:
        return credentials(row.kind, technical, environment, row.address)
    own = own_pairs(technical).get(own_key(row.kind, row.address), {})
    found = meta.credentials(technical, own, row.address)
    return Credentials(
        found["phone_number_id"],
        found["access_token"],
        technical.get(meta.BASE_URL) or meta_base_url,
        {name: found[name] for name in meta.DETAILS},
    )


def credentials(
    kind: ChannelKind, technical: Mapping[str, Any], environment: Credentials, address: str = ""
) -> Credentials:
    """Twilio's: the channel's own pair, its kind's, the domain's shared, else the environment's."""
    section = SECTIONS.get(kind, "")
    base_url = technical.get("twilio_api_base_url") or environment.base_url
    own = own_pairs(technical).get(own_key(kind, address), {})
    if own.get("account_sid") and own.get("auth_token"):
        return Credentials(str(own["account_sid"]), str(own["auth_token"]), base_url)
    for prefix in (f"twilio_{section}_", "twilio_"):
        account = technical.get(f"{prefix}account_sid")
        secret = technical.get(f"{prefix}auth_token")
        if account and secret:
            return Credentials(account, secret, base_url)
    # The operator's pair goes to the operator's host alone: a domain's admin must not receive it.
    return environment


def own_key(kind: str, address: str) -> str:
    return f"{kind}:{address}"


def own_pairs(technical: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The pairs of single channels, by `own_key`."""
    pairs = technical.get(OWN)
    found: dict[str, Any] = cast("dict[str, Any]", pairs) if isinstance(pairs, dict) else {}
    return {key: pair for key, pair in found.items() if isinstance(pair, dict)}


def lacks(channel: Channel) -> str | None:
    """What the channel's credentials lack, for the person who has to fill it in."""
    if channel.carrier != meta.CARRIER:
        complete = channel.account and channel.secret
        return None if complete else "The channel has no account SID and auth token. Fill them in"
    have = {"phone_number_id": channel.account, "access_token": channel.secret, **channel.details}
    lacking = [text for name, text in meta.NEEDED.items() if not have.get(name)]
    return (
        f"The channel has no {' and no '.join(lacking)}. Fill in what is missing"
        if lacking
        else None
    )


def without_channel(
    technical: Mapping[str, Any], row: ChannelRow, others: Iterable[ChannelRow] = ()
) -> dict[str, Any]:
    """The metadata without what makes this channel and what is its own.

    `others` are the domain's other channels: what carriers share goes with the last of them.
    """
    if row.carrier == meta.CARRIER:
        last = all(other.carrier != meta.CARRIER for other in others)
        kept = meta.without(technical, row.address, last=last)
    else:
        number = f"twilio_{SECTIONS.get(row.kind, '')}_number"
        known = named(technical).get(("twilio", row.kind))
        gone = known is not None and known.address == row.address
        kept = {key: value for key, value in technical.items() if not (gone and key == number)}
    own = own_key(row.kind, row.address)
    pairs = {key: pair for key, pair in own_pairs(kept).items() if key != own}
    kept.pop(OWN, None)
    return {**kept, OWN: pairs} if pairs else kept


def is_secret(key: str) -> bool:
    return any(word in key.lower() for word in SECRET_WORDS)


def mask(technical: Mapping[str, Any]) -> dict[str, Any]:
    """What may be shown: secrets, however deep, keep their last four characters at most."""
    return {
        key: _masked(str(value)) if is_secret(key) and value else _mask_inside(value)
        for key, value in technical.items()
    }


def _mask_inside(value: Any) -> Any:
    if isinstance(value, dict):
        return mask(cast("dict[str, Any]", value))
    if isinstance(value, list):
        return [_mask_inside(item) for item in cast("list[Any]", value)]
    return value


def _masked(secret: str) -> str:
    return MASK + (secret[-4:] if len(secret) >= 12 else "")


def merge(current: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The new metadata: what is given, where a secret sent back masked keeps its value."""
    merged: dict[str, Any] = {OWN: current[OWN]} if OWN in current and OWN not in given else {}
    for key, value in given.items():
        if value is None or value == "":
            continue
        value = _unmasked(key, value, current.get(key))
        if not isinstance(value, str | int | float | bool | dict | list):
            raise Unprocessable(f"{key} has a value that is not JSON")
        if key.startswith(("twilio_", "meta_")):
            value = _carrier_value(key, value)
        merged[key] = value
    return meta.completed(merged)


def _unmasked(key: str, value: Any, current: Any) -> Any:
    """The value with the saved secrets where it has their masks."""
    if is_secret(key) and isinstance(value, str) and value.startswith(MASK):
        if not current:
            raise Unprocessable(f"{key} is masked, and there is no saved value to keep")
        return current
    if isinstance(value, dict):
        saved: dict[str, Any] = current if isinstance(current, dict) else {}
        inner = cast("dict[str, Any]", value)
        return {name: _unmasked(name, item, saved.get(name)) for name, item in inner.items()}
    if isinstance(value, list):
        items, known = cast("list[Any]", value), current if isinstance(current, list) else []
        padded: list[Any] = [*known, *[None] * len(items)]
        return [_unmasked("", item, padded[place]) for place, item in enumerate(items)]
    return value


def _carrier_value(key: str, value: Any) -> str:
    if not isinstance(value, str):
        shown = "no text" if is_secret(key) else repr(value)[:80]
        raise Unprocessable(f"{key} is {shown}; use a text")
    value = value.strip()
    if len(value) > LONGEST_VALUE or "\x00" in value:
        raise Unprocessable(f"{key} is not usable; use a text of up to {LONGEST_VALUE} characters")
    if key.endswith("_base_url"):
        if not value.startswith(("http://", "https://")):
            raise Unprocessable(f"{key} is {value[:80]!r}; use an address beginning with https://")
        return value.rstrip("/")
    if key.endswith("_number"):
        return check_address("sms" if "_sms_" in key else "wmsg", value)
    if key in (meta.PHONE_NUMBER_ID, meta.KEYS["business_account_id"]):
        return meta.check_id(key, value)
    return value


def check_address(kind: ChannelKind, raw: str) -> str:
    """A channel's address. Only SMS has senders that are no phone numbers."""
    address = parse_address(raw)
    if kind != "sms" and not address.startswith("+"):
        raise Unprocessable(f"{raw[:80]!r} is no phone number; use + and 7 to 15 digits")
    return address


def check_rate(rate: float) -> float:
    if not LEAST_RATE <= rate <= MOST_RATE:
        raise Unprocessable(
            f"rate is {rate:g}; use {LEAST_RATE:g} to {MOST_RATE:g} messages per second"
        )
    return rate


def check_own(carrier: str, given: Mapping[str, str]) -> dict[str, str]:
    """A channel's own credentials as they are kept.

    Raises Unprocessable, without the values: they may be secrets.
    """
    allowed = tuple(meta.KEYS) if carrier == meta.CARRIER else ("account_sid", "auth_token")
    if strange := [name for name in given if name not in allowed]:
        raise Unprocessable(f"credentials.{strange[0]} is none of {carrier}: {', '.join(allowed)}")
    if carrier == meta.CARRIER:
        checked = meta.check(given)
    else:
        checked = check_pair(given.get("account_sid", ""), given.get("auth_token", ""))
    if masked := [name for name, value in checked.items() if value.startswith(MASK)]:
        raise Unprocessable(f"{masked[0]} is masked; send it whole")
    return checked


def changed_own(
    row: ChannelRow, technical: Mapping[str, Any], given: Mapping[str, str]
) -> tuple[dict[str, str], str | None]:
    """A channel's own credentials with what is given, and the carrier's id of its address."""
    own = check_own(row.carrier, given)
    if row.carrier != meta.CARRIER:
        return own, row.carrier_address
    kept = own_pairs(technical).get(own_key(row.kind, row.address), {})
    return meta.completed_own(technical, {**kept, **own}, row.address)


def check_pair(account: str, secret: str) -> dict[str, str]:
    """Twilio's pair."""
    for name, value in (("account_sid", account), ("auth_token", secret)):
        if not 1 <= len(value) <= 200 or not value.isascii() or not value.isprintable():
            raise Unprocessable(f"{name} is not usable; use 1 to 200 plain characters")
    if ":" in account:
        raise Unprocessable("account_sid has a ':'; use the id that begins with AC")
    return {"account_sid": account, "auth_token": secret}


def check_destination(
    current: Mapping[str, Any], given: Mapping[str, Any], technical: Mapping[str, Any]
) -> None:
    """Saved secrets do not follow the metadata to another host: whoever moves it sends them."""
    for base_url in BASE_URLS:
        if current.get(base_url) != technical.get(base_url):
            _check_sent(base_url, given, technical)


def _check_sent(base_url: str, given: Mapping[str, Any], technical: Mapping[str, Any]) -> None:
    """Raises Unprocessable unless all that the host is called with was sent anew."""
    of_meta = base_url == meta.BASE_URL
    token = "access_token" if of_meta else "auth_token"
    for key, own in own_pairs(technical).items():
        told = own_pairs(given).get(key, {}).get(token, MASK)
        if own.get(token) and str(told).startswith(MASK):
            raise Unprocessable(
                f"{base_url} changes, so send {OWN} with the {token} of {key[:80]}: "
                "the saved one stays here"
            )
    for key, value in given.items():
        masked = is_secret(key) and isinstance(value, str) and value.startswith(MASK)
        if masked and key.startswith("meta_") == of_meta:
            raise Unprocessable(
                f"{base_url} changes, so send {key} with it: the saved one stays here"
            )
