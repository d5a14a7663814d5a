"""Contacts out of a CSV: what can be used is, the rest is named; and back into one."""

import csv
from io import StringIO
from typing import Any

import aiohttp
import pytest

from frontdesk.contacts.model import MOST_ATTRIBUTES
from frontdesk.outreach import contact_import
from inbox.people import Colleague, audited, colleague
from inbox.test_contacts import wrote
from pipeline.desk import ADA, Desk

PATH = "/api/v1/contacts/import"
BEN = "+34600000102"
FILE = f"""\
Phone,Full name,E-mail,Language,Plan
{ADA},Ada Lovelace,ada@example.com,en,gold
600 000 102,Ben,,es,
"""


async def imported(
    person: Colleague, text: str | bytes, status: int = 200, **query: Any
) -> dict[str, Any]:
    form = aiohttp.FormData()
    form.add_field("file", text if isinstance(text, bytes) else text.encode(), filename="c.csv")
    params = {name: str(value).lower() for name, value in query.items()}
    return await person.call("POST", PATH, status, data=form, params=params)


async def contacts(desk: Desk) -> list[dict[str, str]]:
    answer = await desk.call("GET", "/api/v1/contacts.csv")
    assert answer.status == 200
    return sorted(csv.DictReader(StringIO(answer.text)), key=lambda row: row["phone_number"])


@pytest.fixture
async def ann(web: Desk) -> Colleague:
    await web.app.domains.update(web.domain.domain_id, settings={"default_country": "ES"})
    return await colleague(web, "agent", "Ann")


async def test_rows_become_contacts_or_fill_them_in(web: Desk, ann: Colleague) -> None:
    await wrote(web, ADA, "ada")
    result = await imported(ann, FILE)
    assert result == {
        "added": 1, "changed": 1, "unchanged": 0, "problems": [], "more_problems": 0,
    }  # fmt: skip
    assert await contacts(web) == [
        {
            "phone_number": ADA,
            "name": "Ada Lovelace",
            "email": "ada@example.com",
            "language": "en",
            "Plan": "gold",
            "other_attributes": "",
        },
        {
            "phone_number": BEN,
            "name": "Ben",
            "email": "",
            "language": "es",
            "Plan": "",
            "other_attributes": "",
        },
    ]
    again = await imported(ann, FILE)
    assert (again["added"], again["changed"], again["unchanged"]) == (0, 0, 2)
    assert len(await audited(web, "contacts.import")) == 2
    await wrote(web, ADA, "ada")
    assert (await contacts(web))[0]["name"] == "Ada Lovelace", "people's name stays"


async def test_an_empty_cell_takes_nothing_away(web: Desk, ann: Colleague) -> None:
    await imported(ann, FILE)
    result = await imported(ann, f"phone_number,name,email,Plan,City\n{ADA},,,,London\n")
    assert result["changed"] == 1
    row = (await contacts(web))[0]
    assert (row["name"], row["Plan"], row["City"]) == ("Ada Lovelace", "gold", "London")


async def test_a_dry_run_tells_the_same_and_changes_nothing(web: Desk, ann: Colleague) -> None:
    await wrote(web, ADA, "ada")
    tried = await imported(ann, FILE, dry_run=True)
    assert [row["name"] for row in await contacts(web)] == ["ada"]
    assert await audited(web, "contacts.import") == []
    assert await imported(ann, FILE) == tried


async def test_a_row_that_cannot_be_used_is_named_and_costs_no_other(
    web: Desk, ann: Colleague
) -> None:
    text = "\n".join(
        [
            "phone;name;email;language",
            "12;Short;;",
            f"{ADA};Ada;no mail;",
            ";Nobody;;",
            ";;;",
            "600000102;Ben;;Spanish",
            "600000103;Cleo;;",
            "+34 600 000 103;Cleo again;;",
            '600000104;"never closed;;',
            "600000105;Eve;;",
        ]
    )
    result = await imported(ann, text)
    lines = {problem["line"]: problem["reason"] for problem in result["problems"]}
    assert sorted(lines) == [2, 3, 4, 6, 8, 9]
    assert "there is no phone number" in lines[4]
    assert "'Spanish'" in lines[6]
    assert lines[8] == "+34600000103 is in line 7 already"
    assert [row["name"] for row in await contacts(web)] == ["Cleo", "Eve"]


async def test_contacts_are_put_into_a_list_on_the_way(web: Desk, ann: Colleague) -> None:
    await wrote(web, ADA, "ada")
    body = {"name": "Imported", "kind": "list"}
    segment = (await ann.call("POST", "/api/v1/segments", 201, json=body))["segment_id"]
    await imported(ann, FILE, segment_id=segment, dry_run=True)
    assert (await ann.call("GET", f"/api/v1/segments/{segment}"))["count"] == 0
    await imported(ann, FILE, segment_id=segment)
    assert (await ann.call("GET", f"/api/v1/segments/{segment}"))["count"] == 2
    exported = await web.call("GET", f"/api/v1/contacts.csv?segment_id={segment}")
    assert len(exported.text.splitlines()) == 3
    rule = await ann.call("POST", "/api/v1/segments", 201, json={"name": "Rule"})
    refused = await imported(ann, FILE, 409, segment_id=rule["segment_id"])
    assert "contacts are put into lists only" in refused["detail"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
async def test_a_file_in_another_encoding_is_read(web: Desk, ann: Colleague, encoding: str) -> None:
    result = await imported(ann, f"phone_number\tname\n{ADA}\tÁda Løvelace\n".encode(encoding))
    assert result["added"] == 1
    assert (await contacts(web))[0]["name"] == "Áda Løvelace"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the file is empty"),
        ("name,email\nAda,a@example.com\n", "no column has phone numbers"),
        ("phone,!\n+14155550101,x\n", "attribute '!' is not a name"),
        (
            "phone," + ",".join(f"c{at}" for at in range(MOST_ATTRIBUTES + 1)),
            "attributes has 51 entries",
        ),
    ],
)
async def test_a_file_that_is_no_table_of_contacts_is_refused(
    ann: Colleague, text: str, told: str
) -> None:
    assert told in (await imported(ann, text, 422))["detail"]


async def test_a_file_of_too_many_rows_is_refused_before_any_is_written(
    web: Desk, ann: Colleague, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contact_import, "MOST_ROWS", 1)
    refused = await imported(ann, FILE, 422)
    assert "more than 1 rows" in refused["detail"]
    assert await contacts(web) == []


async def test_rows_far_behind_blank_lines_become_contacts(web: Desk, ann: Colleague) -> None:
    result = await imported(ann, f"phone,name\n{ADA},Ada\n" + "\n" * 900_000 + "+34612,Bo\n")
    assert (result["added"], result["problems"][0]["line"]) == (1, 900_003)
    assert [row["phone_number"] for row in await contacts(web)] == [ADA]


async def test_both_spellings_of_a_number_are_one_contact(web: Desk, ann: Colleague) -> None:
    await wrote(web, "+551187654321", "Bia")
    result = await imported(ann, "phone,name\n+5511987654321,Bia Souza\n+551187654321,Bia\n")
    assert result["changed"] == 1
    assert "is in line 2 already" in result["problems"][0]["reason"]
    assert [row["phone_number"] for row in await contacts(web)] == ["+551187654321"]


async def test_what_is_exported_can_be_imported_and_calculates_nothing(
    web: Desk, ann: Colleague
) -> None:
    await imported(ann, f'phone,name,Plan\n{ADA},"=1+1",-5\n')
    [row] = await contacts(web)
    assert (row["phone_number"], row["name"], row["Plan"]) == (ADA, "'=1+1", "'-5")
    exported = (await web.call("GET", "/api/v1/contacts.csv")).text
    assert (await imported(ann, exported))["problems"] == []


async def test_a_viewer_exports_and_does_not_import(web: Desk, ann: Colleague) -> None:
    viewer = await colleague(web, "viewer")
    refused = await imported(viewer, FILE, 403)
    assert "agent" in refused["detail"]
    assert (await web.call("GET", "/api/v1/contacts.csv", viewer.token)).status == 200
    both = await web.call("GET", "/api/v1/contacts.csv?q=a&segment_id=" + "0" * 32)
    assert both.status == 422
    for path in ("contacts.csv", "opt-outs"):
        odd = await web.call("GET", f"/api/v1/{path}", params={"q": "\0"})
        assert (odd.status, "NUL" in odd.detail) == (422, True), path
