"""What a file's columns and cells come to."""

import orjson
import pytest

from frontdesk.kernel.errors import FrontdeskError, Unprocessable
from frontdesk.outreach.columns import Plan, Recipient, check_mapping, guess
from frontdesk.outreach.csv_reading import Record
from frontdesk.outreach.numbers import number_of


def recipient(columns: str, cells: str, *, country: str | None = None) -> Recipient:
    names = columns.split(",")
    types = ("informational", "survey", "tasting")
    plan = Plan(names, guess(names), "sms", "informational", types, country)
    found = plan.recipient(Record(2, cells.split(",")))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("cell", "country", "number"),
    [
        ("612 34 56 78", "ES", "+34612345678"),
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("0151 23456789", "DE", "+4915123456789"),
        ("(415) 555-0132", "US", "+14155550132"),
        ("07400 123456", "GB", "+447400123456"),
        ("(11) 96123-4567", "BR", "+5511961234567"),
        ("098765 43210", "IN", "+919876543210"),
        ("0412 345 678", "AU", "+61412345678"),
        ("312 345 6789", "IT", "+393123456789"),
        ("090-1234-5678", "JP", "+819012345678"),
        ("0034 612 345 678", None, "+34612345678"),
        ("+44 (0)20 7946 0123", None, "+442079460123"),
        ("+4402079460123", None, "+442079460123"),
        ("+39 06 698 12345", None, "+390669812345"),
        ("'+34612345678", None, "+34612345678"),
        ('="+34612345678"', None, "+34612345678"),
        ("whatsapp:+34612345678", None, "+34612345678"),
        ("US.1349120865530274", None, "US.1349120865530274"),
    ],
)
def test_numbers_are_read_in_the_notations_of_the_world(
    cell: str, country: str | None, number: str
) -> None:
    assert number_of(cell, country) == number


@pytest.mark.parametrize(
    ("cell", "country", "said"),
    [
        ("", "ES", "there is no phone number"),
        ("612345678", None, "has no country"),
        ("3.46123E+11", "ES", "rounded by a spreadsheet"),
        ("3,46123E+11", "ES", "rounded by a spreadsheet"),
        ("call me", "ES", "no phone number"),
        ("+34", None, "no phone number"),
        ("=cmd|' /C calc'!A0", "ES", "no phone number"),
        ("6" * 80, "ES", "80 characters"),
    ],
)
def test_what_is_no_number_is_refused_with_the_reason(
    cell: str, country: str | None, said: str
) -> None:
    with pytest.raises(FrontdeskError, match=said):
        number_of(cell, country)


def test_columns_are_found_by_what_people_call_them() -> None:
    found = guess(["Nº", "Teléfono", "Nombre", "E-Mail", "Canal", "Descuento"])
    assert found == {
        "phone_number": "Teléfono",
        "name": "Nombre",
        "email": "E-Mail",
        "channel": "Canal",
    }


def test_the_exact_name_wins_over_a_synonym_and_the_rest_are_variables() -> None:
    row = recipient("mobile,phone_number,code", "123,+34612345678,X1")
    assert row.address == "+34612345678"
    assert orjson.loads(row.variables) == {"mobile": "123", "code": "X1"}


def test_the_columns_of_a_row_fill_the_fields() -> None:
    row = recipient(
        "phone,name,email,instruction,call_type,channel,code",
        "+34612345678,Ana,ana@example.com,Ask her,survey,WhatsApp,X1",
    )
    assert (row.channel, row.name, row.email) == ("wmsg", "Ana", "ana@example.com")
    assert (row.instruction, row.call_type) == ("Ask her", "survey")
    assert orjson.loads(row.variables) == {"name": "Ana", "email": "ana@example.com", "code": "X1"}
    assert row.reason is None


@pytest.mark.parametrize(
    ("columns", "cells", "code", "said"),
    [
        ("phone,name", "612,Ana", "bad_number", "has no country"),
        ("phone,channel", "+34612345678,fax", "unknown_channel", "wmsg, wvoice, sms, phone"),
        ("phone,channel", "+34612345678,phone", "unknown_channel", "use wmsg or sms"),
        ("phone,type", "+34612345678,gossip", "bad_row", "informational, survey, tasting"),
        ("phone,name", "+34612345678,Ana,x,y", "bad_row", "4 cells, and the header 2"),
        ("name,code", "Ana,1", "bad_number", "there is no phone number"),
    ],
)
def test_a_row_that_cannot_be_used_says_why(columns: str, cells: str, code: str, said: str) -> None:
    row = recipient(columns, cells)
    assert row.reason_code == code
    assert said in (row.reason or "")


def test_missing_cells_are_empty_and_a_row_of_empty_cells_is_no_row() -> None:
    assert recipient("phone,name,code", "+34612345678").variables == "{}"
    plan = Plan(["phone"], {"phone_number": "phone"}, "sms", "", (), None)
    assert plan.recipient(Record(3, ["", " ", ""])) is None


def test_a_mapping_names_known_fields_and_columns_once() -> None:
    columns = ["A", "B"]
    assert check_mapping({"phone_number": "B", "name": None}, columns) == {"phone_number": "B"}
    for mapping, said in (
        ({"phone": "A"}, "no field; use phone_number"),
        ({"phone_number": "C"}, "no column; they are A, B"),
        ({"phone_number": "A", "name": "A"}, "mapped twice"),
    ):
        with pytest.raises(Unprocessable, match=said):
            check_mapping(mapping, columns)
