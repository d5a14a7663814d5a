"""Addresses of people and channels: E.164 numbers, SMS sender ids and WhatsApp user ids.

A number that a carrier sends is checked and kept, never rewritten. What a person types goes through
`normalize`. The numbers of one WhatsApp line that differ by country custom are `variants`, to look
a contact up with.
"""

import re
from datetime import datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from frontdesk.kernel.errors import Invalid

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_SHORT_CODE = re.compile(r"[0-9]{3,8}")
# https://www.twilio.com/docs/glossary/what-alphanumeric-sender-id
_SENDER_NAME = re.compile(r"(?!\+)(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9 +\-_&]{1,11}")
# An ISO 3166 country, a dot and up to 128 characters; `ENT.` marks the id of a parent portfolio:
# https://developers.facebook.com/docs/whatsapp/business-scoped-user-ids
_USER_ID = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}")
_PREFIX: Final = "whatsapp:"


def parse_address(raw: str) -> str:
    """The address as it is stored: without `whatsapp:` and without spaces.

    On WhatsApp that is a number or a user id; on SMS also a short code or a sender name.
    """
    address = raw.strip()
    whatsapp = address[: len(_PREFIX)].lower() == _PREFIX
    if whatsapp:
        address = address[len(_PREFIX) :].lstrip()
    if address.startswith("+"):
        number = address.replace(" ", "")
        if _E164.fullmatch(number):
            return number
    if _USER_ID.fullmatch(address):
        return address
    if not whatsapp and (_SHORT_CODE.fullmatch(address) or _SENDER_NAME.fullmatch(address)):
        return address
    allowed = "a number as + and 7 to 15 digits, or a WhatsApp user id such as US.1349120865530274"
    if not whatsapp:
        allowed += ", or an SMS short code (3 to 8 digits) or sender name (11 characters at most)"
    raise Invalid(f"{_shown(raw)} is no address: allowed is {allowed}")


def is_user_id(address: str) -> bool:
    """Whether this is a WhatsApp business-scoped user id, which has no phone number."""
    return _USER_ID.fullmatch(address) is not None


def normalize(raw: str, region: str | None) -> str:
    """E.164 from what a person typed. `region` (ISO 3166) is where a number without `+` is dialled.

    A well-formed international number that the numbering plans do not know is taken as typed: the
    plans in use change faster than the copy of them that is installed.
    """
    import phonenumbers  # 90 ms and several MB, for the few places where people type numbers

    text = raw.strip()
    if text[: len(_PREFIX)].lower() == _PREFIX:
        text = text[len(_PREFIX) :].strip()
    if is_user_id(text):
        return text
    if text.startswith("00"):
        text = f"+{text[2:]}"
    international = text.startswith(("+", "＋"))
    if not international and region is None:
        raise Invalid(f"{_shown(raw)} has no country: begin with + and the country code")
    try:
        number = phonenumbers.parse(text, region.upper() if region else None)
    except phonenumbers.NumberParseException as error:
        raise Invalid(f"{_shown(raw)} is no phone number: {_parse_reason(error)}") from None
    reason = _REASONS.get(phonenumbers.is_possible_number_with_reason(number))
    if reason and international and not any(map(str.isalpha, text)):
        as_typed = "+" + "".join(str(int(char)) for char in text if char.isdecimal())
        if _E164.fullmatch(as_typed):
            return as_typed
    if reason:
        country = phonenumbers.region_code_for_country_code(number.country_code or 0)
        raise Invalid(f"{_shown(raw)} is no phone number: it is {reason} for {country}")
    formatted = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if not _E164.fullmatch(formatted):
        raise Invalid(f"{_shown(raw)} is no phone number: a number has 7 to 15 digits")
    return formatted


# phonenumbers.ValidationResult, by value, so that the module is not imported for it
_REASONS: Final = {
    1: "of no known country",
    2: "too short",
    3: "too long",
    4: "too short",
    5: "of a wrong length",
}


def _parse_reason(error: Exception) -> str:
    return {
        0: "its country code does not exist",
        1: "it holds no number",
        2: "too few digits follow the international prefix",
        3: "it is too short",
        4: "it is too long",
    }.get(getattr(error, "error_type", -1), "it cannot be read")


def _shown(raw: str) -> str:
    return repr(raw if len(raw) <= 40 else raw[:40] + "…")


@lru_cache(maxsize=4096)
def country_of(address: str) -> str | None:
    """ISO 3166 code of a number or a user id; None for short codes, names and unknown numbers."""
    if is_user_id(address):
        return address[:2]
    if not _E164.fullmatch(address):
        return None
    import phonenumbers  # see `normalize`

    try:
        number = phonenumbers.parse(address)
    except phonenumbers.NumberParseException:
        return None
    region = phonenumbers.region_code_for_number(number)
    if region is None:
        regions = phonenumbers.region_codes_for_country_code(number.country_code or 0)
        region = regions[0] if len(regions) == 1 else None
    return region if region and region.isalpha() else None  # "001" is no country


def is_country(code: str) -> bool:
    """Whether these are the two letters of a country that has phone numbers, in either case."""
    import phonenumbers  # see `normalize`

    return len(code) == 2 and code.upper() in phonenumbers.SUPPORTED_REGIONS


@lru_cache(maxsize=4096)
def timezone_of(address: str) -> ZoneInfo | None:
    """Where the number's owner probably is; None for user ids, short codes and names.

    A prefix that stands for several zones has the middle one of them, at which nobody is far off.
    """
    if not _E164.fullmatch(address):
        return None
    import phonenumbers  # see `normalize`
    from phonenumbers import timezone  # as much again

    try:
        number = phonenumbers.parse(address)
    except phonenumbers.NumberParseException:
        return None
    zones = [_zone(name) for name in timezone.time_zones_for_geographical_number(number)]
    known = sorted(filter(None, zones), key=lambda zone: (zone.utcoffset(_NEW_YEAR), zone.key))
    return known[len(known) // 2] if known else None


_NEW_YEAR: Final = datetime(2026, 1, 1)
"""Any moment will do: it only puts zones in the order of their clocks."""


def _zone(name: str) -> ZoneInfo | None:
    # Etc/Unknown is what the tables say of a number that belongs to no place.
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return None


# Brazil: an area code has no zero; mobiles began with 6 to 9 before they got a 9 in front, and
# WhatsApp kept many of the old ones. Landlines begin with 2 to 5 and never changed.
_BRAZIL = re.compile(r"\+55([1-9]{2})(9?)([6-9][0-9]{7})")
# Mexico: the 1 for mobiles ended in 2019; ten digits follow it.
_MEXICO = re.compile(r"\+52(1?)([2-9][0-9]{9})")
# Argentina: area code (two to four digits) and subscriber make ten. Mobiles have a 9 before them
# when called from abroad, and a 15 between the two when called from within.
_ARGENTINA = re.compile(r"\+54(9?)((?:11|[23][0-9])[0-9]{8})")
_ARGENTINA_15 = re.compile(
    r"\+54(?:(?P<a>11)15(?P<x>[0-9]{8})"
    r"|(?P<b>2(?:2[0137]|3[067]|49|6[01346]|80|9[14789])"
    r"|3(?:36|4[1235678]|5[138]|6[24]|7[069]|8[0135678]))15(?P<y>[0-9]{7})"
    r"|(?P<c>[23][0-9]{3})15(?P<z>[0-9]{6}))"
)


def variants(e164: str) -> tuple[str, ...]:
    """Other spellings under which WhatsApp may know the line: to look up, never to store."""
    if match := _BRAZIL.fullmatch(e164):
        area, nine, line = match.groups()
        return (f"+55{area}{'' if nine else '9'}{line}",)
    if match := _MEXICO.fullmatch(e164):
        one, line = match.groups()
        return (f"+52{'' if one else '1'}{line}",)
    if match := _ARGENTINA.fullmatch(e164):
        nine, line = match.groups()
        return (f"+54{'' if nine else '9'}{line}",)
    if match := _ARGENTINA_15.fullmatch(e164):
        line = "".join(filter(None, match.groups()))
        return (f"+549{line}", f"+54{line}")
    return ()
