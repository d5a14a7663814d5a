"""What a domain's metadata says of its WhatsApp numbers at Meta, and what Meta is told with it.

`meta_whatsapp_number` with its `meta_whatsapp_phone_number_id` makes a channel. The account, the
token, the app's secret and the verify token are shared by the domain's numbers, unless a number
has its own below `channel_credentials`.
"""

import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from frontdesk.kernel.errors import Unprocessable

CARRIER = "meta"
NUMBER = "meta_whatsapp_number"
PHONE_NUMBER_ID = "meta_whatsapp_phone_number_id"
BASE_URL = "meta_graph_base_url"
KEYS: Mapping[str, str] = {
    "phone_number_id": PHONE_NUMBER_ID,
    "business_account_id": "meta_whatsapp_business_account_id",
    "access_token": "meta_access_token",
    "app_secret": "meta_app_secret",
    "verify_token": "meta_verify_token",
}
"""Of each field of a channel's credentials the key of the metadata that the domain shares."""
DETAILS = ("business_account_id", "app_secret", "verify_token")
NEEDED: Mapping[str, str] = {
    "phone_number_id": "phone number ID",
    "access_token": "access token",
    "app_secret": "app secret",
}
"""Without these nothing is sent, or nothing is taken in."""
ID = re.compile(r"[0-9]{5,32}")
LONGEST_TOKEN = 1_000
"""Characters. Meta's tokens have about 200, and may grow."""
VERIFY_BYTES = 24


def credentials(
    technical: Mapping[str, Any], own: Mapping[str, Any], address: str
) -> dict[str, str]:
    """By the names of `KEYS`: the channel's own, else what the domain shares."""
    found: dict[str, str] = {}
    for name, key in KEYS.items():
        shared = technical.get(key)
        if name == "phone_number_id" and technical.get(NUMBER) != address:
            shared = None
        found[name] = str(own.get(name) or shared or "")
    return found


def check(given: Mapping[str, str]) -> dict[str, str]:
    """A channel's own fields as they are kept. Raises Unprocessable, which tells no secret."""
    for name, value in given.items():
        if name.endswith("_id"):
            check_id(name, value)
        elif not 1 <= len(value) <= LONGEST_TOKEN or not value.isascii() or not _plain(value):
            raise Unprocessable(
                f"{name} is not usable; use 1 to {LONGEST_TOKEN} plain characters without spaces"
            )
    return dict(given)


def check_id(name: str, value: str) -> str:
    if not ID.fullmatch(value):
        raise Unprocessable(f"{name} is {value[:80]!r}; use the id of 5 to 32 digits that Meta has")
    return value


def completed(technical: Mapping[str, Any]) -> dict[str, Any]:
    """The metadata with what a number of Meta's needs. Raises Unprocessable when it lacks an id."""
    if not technical.get(NUMBER):
        return dict(technical)
    if not technical.get(PHONE_NUMBER_ID):
        raise Unprocessable(
            f"{NUMBER} needs {PHONE_NUMBER_ID}: the phone number ID beside it at Meta"
        )
    verify_token = technical.get(KEYS["verify_token"]) or new_verify_token()
    return {**technical, KEYS["verify_token"]: verify_token}


def completed_own(
    technical: Mapping[str, Any], own: Mapping[str, str], address: str
) -> tuple[dict[str, str], str]:
    """A channel's own fields with what it lacks, and its id at Meta.

    Raises Unprocessable when it has none.
    """
    found = credentials(technical, own, address)
    id_there = found["phone_number_id"]
    if not id_there:
        raise Unprocessable(
            "credentials.phone_number_id is missing; it is beside the number at Meta"
        )
    complete = dict(own) if found["verify_token"] else {**own, "verify_token": new_verify_token()}
    return complete, id_there


def new_verify_token() -> str:
    return secrets.token_urlsafe(VERIFY_BYTES)


def digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def without(technical: Mapping[str, Any], address: str, *, last: bool) -> dict[str, Any]:
    """The metadata without a number of Meta's; after the last one, without all that is Meta's."""
    named = technical.get(NUMBER) == address
    gone: Iterable[str] = (NUMBER, PHONE_NUMBER_ID) if named else ()
    if last:
        gone = (NUMBER, *KEYS.values(), BASE_URL)
    return {key: value for key, value in technical.items() if key not in gone}


def _plain(value: str) -> bool:
    return value.isprintable() and " " not in value
