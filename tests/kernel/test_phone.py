"""Addresses are read as carriers and people write them, and are never silently changed."""

import subprocess
import sys
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.kernel.errors import Invalid
from frontdesk.kernel.phone import (
    country_of,
    is_user_id,
    normalize,
    parse_address,
    timezone_of,
    variants,
)


@pytest.mark.parametrize(
    ("raw", "address"),
    [
        ("whatsapp:+14155551234", "+14155551234"),
        ("WhatsApp: +1 415 555 1234 ", "+14155551234"),
        ("+1234567", "+1234567"),
        ("+123456789012345", "+123456789012345"),
        ("12345", "12345"),
        ("ACME Shop", "ACME Shop"),
        ("US.13491208655302741918", "US.13491208655302741918"),
        ("whatsapp:US.13491208655302741918", "US.13491208655302741918"),
        ("US.ENT.11815799212886844830", "US.ENT.11815799212886844830"),
    ],
)
def test_an_address_is_stored_without_prefix_and_spaces(raw: str, address: str) -> None:
    assert parse_address(raw) == address


@pytest.mark.parametrize(
    "raw",
    [
        *(
            "",
            " ",
            "+",
            "+123456",
            "+1234567890123456",
            "+0123456789",
            "14155551234",
            "12",
            "+1abc",
        ),
        *("whatsapp:", "whatsapp:12345", "whatsapp:ACME", "us.123", "USA.123", "US.", "US.1-2"),
        *(
            "+1415555123４",
            "a much too long name",
            "Café",
            "+14155551234\n+14155551235",
            "\0",
            "\ud800",
        ),
        "+" + "1" * 100_000,
    ],
)
def test_what_is_no_address_is_refused_with_its_value(raw: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_address(raw)
    assert repr(raw[:40])[:-1] in refusal.value.detail
    assert len(refusal.value.detail) < 500


@given(st.text(max_size=60))
@settings(deadline=None, max_examples=200)
def test_any_text_is_an_address_or_refused(raw: str) -> None:
    try:
        address = parse_address(raw)
    except Invalid:
        return
    assert parse_address(address) == address


@given(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True))
@settings(deadline=None, max_examples=200)
def test_a_number_survives_the_carriers_prefix(number: str) -> None:
    assert parse_address(f"whatsapp:{number}") == number


@pytest.mark.parametrize(
    ("raw", "region", "number"),
    [
        ("(415) 555-2671", "US", "+14155552671"),
        ("0151 12345678", "de", "+4915112345678"),
        ("0049 151 12345678", None, "+4915112345678"),
        ("+44 (0)20 7946 0958", None, "+442079460958"),
        ("whatsapp:+14155552671", None, "+14155552671"),
        ("011 15 2345 6789", "AR", "+5491123456789"),
        ("+1234567890", None, "+1234567890"),
        ("+52 1 55 1234 5678", None, "+5215512345678"),
        ("+14155552671 ext. 5", None, "+14155552671"),
        ("US.13491208655302741918", None, "US.13491208655302741918"),
    ],
)
def test_what_a_person_types_becomes_e164(raw: str, region: str | None, number: str) -> None:
    assert normalize(raw, region) == number


@pytest.mark.parametrize(
    ("raw", "region", "reason"),
    [
        ("0151 12345678", None, "has no country"),
        ("hello", "DE", "holds no number"),
        ("+", None, "holds no number"),
        ("911", "US", "too short for US"),
        ("41555526711234", "US", "too long"),
        ("+999123456789", None, "country code does not exist"),
        ("12345678", "XX", "country code does not exist"),
        ("0151", "DE", "7 to 15 digits"),
        ("9" * 300, "US", "too long"),
    ],
)
def test_what_is_no_number_is_refused_with_the_reason(
    raw: str, region: str | None, reason: str
) -> None:
    with pytest.raises(Invalid, match=reason):
        normalize(raw, region)


@given(st.text(max_size=40), st.sampled_from([None, "US", "DE", "BR", "xx", ""]))
@settings(deadline=None, max_examples=200)
def test_any_text_a_person_types_is_a_number_or_refused(raw: str, region: str | None) -> None:
    try:
        number = normalize(raw, region)
    except Invalid:
        return
    assert parse_address(number) == number


@pytest.mark.parametrize(
    ("number", "others"),
    [
        ("+5511987654321", ("+551187654321",)),
        ("+551187654321", ("+5511987654321",)),
        ("+5531961234567", ("+553161234567",)),
        ("+551131234567", ()),  # a landline
        ("+5511912345678", ()),  # issued with nine digits: there was no 8-digit 1234-5678
        ("+5510987654321", ()),  # no area code has a zero
        ("+5491123456789", ("+541123456789",)),
        ("+541123456789", ("+5491123456789",)),
        ("+5492901412345", ("+542901412345",)),
        ("+54111523456789", ("+5491123456789", "+541123456789")),
        ("+54221154123456", ("+5492214123456", "+542214123456")),
        ("+54290115412345", ("+5492901412345", "+542901412345")),
        ("+5215512345678", ("+525512345678",)),
        ("+525512345678", ("+5215512345678",)),
        ("+14155552671", ()),
        ("+4915112345678", ()),
        ("US.13491208655302741918", ()),
        ("12345", ()),
    ],
)
def test_the_other_spellings_of_a_whatsapp_line(number: str, others: tuple[str, ...]) -> None:
    assert variants(number) == others


@given(
    st.one_of(
        st.from_regex(r"\+55[1-9]{2}9?[2-9][0-9]{7}", fullmatch=True),
        st.from_regex(r"\+549?(11|[23][0-9])[0-9]{8}", fullmatch=True),
        st.from_regex(r"\+521?[2-9][0-9]{9}", fullmatch=True),
        st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True),
    )
)
@settings(deadline=None, max_examples=300)
def test_spellings_are_numbers_that_lead_to_each_other(number: str) -> None:
    others = variants(number)
    assert number not in others
    for other in others:
        assert parse_address(other) == other
        assert set(variants(other)) <= {number, *others}


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("+14155552671", "US"),
        ("+442079460958", "GB"),
        ("+5215512345678", "MX"),
        ("BR.13491208655302741918", "BR"),
        ("+88312345678", None),
        ("+99912345678", None),
        ("12345", None),
        ("ACME", None),
    ],
)
def test_the_country_of_an_address(address: str, code: str | None) -> None:
    assert country_of(address) == code


@pytest.mark.parametrize(
    ("address", "zone"),
    [
        ("+34600000000", "Europe/Madrid"),
        ("+14155550101", "America/Los_Angeles"),
        ("+12025550123", "America/New_York"),
        ("+5511987654321", "America/Sao_Paulo"),
        ("+88312345678", None),
        ("+99912345678", None),
        ("BR.13491208655302741918", None),
        ("12345", None),
        ("ACME", None),
    ],
)
def test_the_time_zone_of_a_number(address: str, zone: str | None) -> None:
    found = timezone_of(address)
    assert (found and found.key) == zone


def test_a_number_of_many_time_zones_is_taken_to_be_in_the_middle() -> None:
    anywhere = timezone_of("+18005550101")
    assert anywhere is not None
    offset = anywhere.utcoffset(datetime(2026, 1, 1))
    assert offset is not None
    assert timedelta(hours=-6) <= offset <= timedelta(hours=-4)


def test_only_a_user_id_is_a_user_id() -> None:
    assert is_user_id("US.13491208655302741918")
    assert not is_user_id("+14155552671")
    assert not is_user_id("US.")
    assert not is_user_id("US." + "1" * 129)


def test_reading_an_address_does_not_load_the_numbering_plans() -> None:
    code = (
        "import sys; from frontdesk.kernel.phone import parse_address, variants; "
        "variants(parse_address('whatsapp:+5511987654321')); "
        "sys.exit('phonenumbers' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
