"""A file on its way into a campaign: each row once, whatever is in it and whoever dies."""

import asyncio
import gzip
from datetime import timedelta
from time import monotonic
from uuid import UUID

import pytest

from frontdesk.kernel.ids import new_id
from frontdesk.outreach.imports import ImportService
from outreach.campaigning import (
    NUMBERS,
    change,
    csv_of,
    imported,
    post,
    reached,
    recipients,
    upload,
    uploaded,
)
from pipeline.desk import Desk, until


async def test_each_row_of_a_file_becomes_a_recipient(desk: Desk) -> None:
    made = await uploaded(desk, csv_of(NUMBERS[:3], name="Ana", code="X1"))
    assert made["status"] == "ready"
    assert made["filename"] == "people.csv"
    assert made["columns"] == ["phone_number", "name", "code"]
    assert made["mapping"] == {"phone_number": "phone_number", "name": "name"}
    assert made["counts"] == {
        "rows": 3, "waiting": 3, "writing": 0, "sent": 0, "delivered": 0, "read": 0,
        "answered": 0, "failed": 0, "skipped": 0, "canceled": 0,
    }  # fmt: skip
    assert made["progress"]["bytes"] == made["progress"]["of"]
    rows = await recipients(desk, made["campaign_id"])
    assert [(row["line"], row["phone_number"], row["status"]) for row in rows] == [
        (2, NUMBERS[0], "waiting"),
        (3, NUMBERS[1], "waiting"),
        (4, NUMBERS[2], "waiting"),
    ]
    kept = await desk.db.fetchval("SELECT variables ->> 'code' FROM outreach WHERE line = 2")
    assert kept == "X1"


BAD = (
    "Teléfono;Nombre;Canal;Nombre\r\n"
    "+34612340001;Ana;sms;x\r\n"
    "612340002;Bea;sms;x\r\n"
    ";;;\r\n"
    "+34612340003;Cleo;fax;x\r\n"
    "+34 612 34 00 01;Ana again;;x\r\n"
    '+34612340004;"Dan\r\n'
    "+34612340005;Eve;sms;x;y;z\r\n"
    '+34612340006;"' + "x" * 10_000_000 + '";sms;x\r\n'
    '=cmd();"=HYPERLINK(""http://x"")";sms;x\r\n'
    "0034612340007;Fay;whatsapp;x\r\n"
)
OUTCOMES = [
    (2, "+34612340001", "waiting", None),
    (3, "612340002", "skipped", "has no country"),
    (5, "+34612340003", "skipped", "use one of wmsg, wvoice, sms, phone"),
    (6, "+34612340001", "skipped", "the same number is in line 2"),
    (7, "", "skipped", "never closed"),
    (8, "+34612340005", "skipped", "6 cells, and the header 4"),
    (9, "", "skipped", "more than 64 KiB"),
    (10, "=cmd()", "skipped", "has no country"),
    (11, "+34612340007", "waiting", None),
]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
async def test_bad_rows_are_reported_with_line_and_reason_and_stop_no_others(
    desk: Desk, encoding: str
) -> None:
    made = await uploaded(desk, BAD.encode(encoding))
    assert made["columns"] == ["Teléfono", "Nombre", "Canal", "Nombre_2"]
    rows = await recipients(desk, made["campaign_id"])
    found = [(row["line"], row["phone_number"], row["status"]) for row in rows]
    assert found == [outcome[:3] for outcome in OUTCOMES]
    for row, (*_, said) in zip(rows, OUTCOMES, strict=True):
        assert (said or "") in (row["reason"] or "")
        assert (row["reason"] is None) is (said is None)
    assert (made["counts"]["waiting"], made["counts"]["skipped"]) == (2, 7)
    assert sum(each["count"] for each in made["reasons"]) == 7


async def test_local_numbers_are_dialled_in_the_domains_country(desk: Desk) -> None:
    await desk.call("PUT", "/api/v1/domains/default", json={"settings": {"default_country": "ES"}})
    made = await uploaded(desk, b"phone\n612 34 00 01\n0033612340002\n")
    rows = await recipients(desk, made["campaign_id"])
    assert [row["phone_number"] for row in rows] == ["+34612340001", "+33612340002"]


async def test_the_result_as_a_csv_holds_no_formulas(desk: Desk) -> None:
    made = await uploaded(desk, b'phone,name\n+34612340001,"=cmd()"\n@SUM(1),Bea\n')
    answer = await desk.call("GET", f"/api/v1/campaigns/{made['campaign_id']}/recipients.csv")
    header, first, second = answer.text.splitlines()
    assert header.startswith("line,phone_number,name")
    assert first.startswith("2,+34612340001,'=cmd(),")
    assert second.startswith("3,'@SUM(1),Bea,")


async def test_another_mapping_reads_the_file_anew(desk: Desk) -> None:
    made = await uploaded(desk, b"who,mobil\nAna,+34612340001\nBea,+34612340002\n")
    assert (made["status"], made["counts"]["rows"]) == ("ready", 0)
    assert made["status_reason"] == "choose the column that has the phone numbers"
    refused = await post(desk, made["campaign_id"], "start")
    assert (refused.status, "set mapping" in refused.detail) == (409, True)
    for mapping in ({"phone_number": "who"}, {"phone_number": "mobil", "name": "who"}):
        answer = await change(desk, made["campaign_id"], mapping=mapping)
        assert (answer.status, answer.json["mapping"]) == (200, mapping)
        made = await imported(desk, made["campaign_id"])
    rows = await recipients(desk, made["campaign_id"])
    assert [(row["phone_number"], row["name"], row["status"]) for row in rows] == [
        ("+34612340001", "Ana", "waiting"),
        ("+34612340002", "Bea", "waiting"),
    ]


async def test_a_mapping_that_comes_in_the_middle_of_an_import_wins(web: Desk) -> None:
    answer = await upload(web, csv_of(NUMBERS, second="+4915123456789"))
    campaign_id = answer.json["campaign"]["campaign_id"]
    imports = web.app.campaigns.imports
    imports.batch = 10
    claim = await imports.claim()
    assert claim is not None
    running = asyncio.create_task(imports.run(claim))
    await until(lambda: _some_rows(web))
    await change(web, campaign_id, mapping={"phone_number": "second"})
    await running
    await _import_all(imports)
    found = await web.db.fetch("SELECT address, status FROM outreach ORDER BY line")
    assert {row["address"] for row in found} == {"+4915123456789"}
    assert [row["status"] for row in found] == ["waiting"] + ["skipped"] * 199


async def test_an_import_that_is_killed_goes_on_where_it_was_and_takes_each_row_once(
    web: Desk,
) -> None:
    answer = await upload(web, csv_of(NUMBERS))
    campaign_id = answer.json["campaign"]["campaign_id"]
    imports = web.app.campaigns.imports
    imports.batch, imports.stale = 7, timedelta(0)
    runs = 0
    while await web.db.fetchval("SELECT status FROM campaigns") == "importing":
        claim = await imports.claim()
        assert claim is not None
        before = await web.count("outreach")
        running = asyncio.create_task(imports.run(claim))
        while not running.done() and await web.count("outreach") < before + 20:
            await asyncio.sleep(0)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        runs += 1
    assert runs > 2
    lines = await web.db.fetch("SELECT line, address FROM outreach ORDER BY line")
    assert [(row["line"], row["address"]) for row in lines] == list(enumerate(NUMBERS, 2))
    assert (await imported(web, campaign_id))["counts"]["waiting"] == 200


async def test_a_worker_that_lost_its_claim_adds_nothing(web: Desk) -> None:
    await upload(web, csv_of(NUMBERS))
    imports = web.app.campaigns.imports
    imports.stale = timedelta(0)
    first, second = await imports.claim(), await imports.claim()
    assert first is not None
    assert second is not None
    await imports.run(first)
    assert await web.count("outreach") == 0
    await imports.run(second)
    assert await web.count("outreach") == 200


async def test_an_import_that_takes_long_without_a_batch_is_not_taken_away(web: Desk) -> None:
    await upload(web, csv_of([NUMBERS[0], *NUMBERS]))
    imports = web.app.campaigns.imports
    imports.batch, imports.stale = 7, timedelta(seconds=1)
    claim = await imports.claim()
    assert claim is not None
    running = asyncio.create_task(imports.run(claim))
    await until(lambda: _some_rows(web))
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert await web.count("outreach") < 201
    async with web.db.transaction():
        # The look for repeated numbers waits for this row, which has one.
        await web.db.execute("SELECT FROM outreach WHERE line = 3 FOR UPDATE")
        claim = await imports.claim()
        assert claim is not None
        running = asyncio.create_task(imports.run(claim))
        began = monotonic()

        async def has_lasted() -> bool:
            assert await imports.claim() is None
            return monotonic() - began > 3 * imports.stale.total_seconds()

        await until(has_lasted)
        assert not running.done()
    await running
    assert await web.db.fetchval("SELECT status FROM campaigns") == "ready"
    assert await web.count("outreach") == 201


async def test_a_long_file_lets_a_short_one_go_first_and_loses_nothing(web: Desk) -> None:
    long = (await upload(web, csv_of(NUMBERS))).json["campaign"]["campaign_id"]
    short = (await upload(web, csv_of(NUMBERS[:3]))).json["campaign"]["campaign_id"]
    imports = web.app.campaigns.imports
    imports.batch, imports.turn = 50, timedelta(0)
    turns: list[str] = []
    while (claim := await imports.claim()) is not None:
        turns.append(str(claim.campaign_id))
        await imports.run(claim)
    # A turn is one batch here: one of the short file, and one in which its end is found.
    assert turns == [long, short, long, short, long]
    for campaign_id, numbers in ((long, NUMBERS), (short, NUMBERS[:3])):
        found = await recipients(web, campaign_id)
        assert [row["phone_number"] for row in found] == numbers
        assert (await imported(web, campaign_id))["status"] == "ready"


async def test_rows_far_behind_blank_lines_come_in_and_the_upload_does_not_read_up_to_them(
    web: Desk,
) -> None:
    answer = await upload(web, b"phone\n" + b"\n" * 5_000_000 + b"+34612340001\n")
    assert answer.json["preview"] == []
    imports = web.app.campaigns.imports
    imports.turn = timedelta(0)
    # Another file waits: the blank lines are left in the middle, and gone on with from there.
    await upload(web, csv_of(NUMBERS[:3]))
    claim = await imports.claim()
    assert claim is not None
    await imports.run(claim)
    read = await web.db.fetchval("SELECT max(file_read) FROM campaigns WHERE status = 'importing'")
    assert read in range(1, 5_000_000)
    await _import_all(imports)
    [row] = await recipients(web, answer.json["campaign"]["campaign_id"])
    assert (row["line"], row["phone_number"]) == (5_000_002, "+34612340001")


SPELLINGS = [
    ("+5215512345678", "+525512345678"),
    ("+5511987654321", "+551187654321"),
    ("+5491123456789", "+541123456789"),
]


@pytest.mark.parametrize("turned", [False, True])
async def test_a_number_in_both_of_its_spellings_is_written_to_once(
    web: Desk, turned: bool
) -> None:
    numbers = [each for pair in SPELLINGS for each in (pair[::-1] if turned else pair)]
    numbers.append("+54111523456789")
    answer = await upload(web, csv_of(numbers))
    await _import_all(web.app.campaigns.imports)
    rows = await recipients(web, answer.json["campaign"]["campaign_id"])
    assert [row["status"] for row in rows] == [*(["waiting", "skipped"] * 3), "skipped"]
    assert [row["reason"] for row in rows if row["reason"]] == [
        f"the same number is in line {line}" for line in (2, 4, 6, 6)
    ]


@pytest.mark.parametrize("pair", SPELLINGS)
@pytest.mark.parametrize("turned", [False, True])
async def test_a_check_knows_who_opted_out_under_the_numbers_other_spelling(
    web: Desk, pair: tuple[str, str], turned: bool
) -> None:
    known, given = pair[::-1] if turned else pair
    contact_id = new_id()
    await web.db.execute(
        "INSERT INTO contacts (domain_id, contact_id, address) VALUES ($1, $2, $3)",
        web.domain.domain_id,
        contact_id,
        known,
    )
    await web.db.execute(
        "INSERT INTO opt_outs (domain_id, channel_id, contact_id, reason) VALUES ($1, $2, $3, 'x')",
        web.domain.domain_id,
        UUID(int=0),
        contact_id,
    )
    answer = await upload(web, csv_of([given, NUMBERS[0]]))
    await _import_all(web.app.campaigns.imports)
    campaign_id = answer.json["campaign"]["campaign_id"]
    await change(web, campaign_id, instruction="Hello")
    report = (await post(web, campaign_id, "check")).json
    assert (report["skipped"], report["would_send"]) == ({"opted_out": 1}, 1)


async def test_a_file_is_refused_the_second_time_unless_it_is_confirmed(desk: Desk) -> None:
    made = await uploaded(desk, csv_of(NUMBERS[:2]))
    again = await upload(desk, csv_of(NUMBERS[:2]))
    assert again.status == 409
    assert made["campaign_id"] in again.detail
    assert "confirm=true" in again.detail
    assert await desk.count("campaigns") == 1
    confirmed = await uploaded(desk, csv_of(NUMBERS[:2]), confirm="true")
    assert confirmed["counts"]["waiting"] == 2
    await desk.call("DELETE", f"/api/v1/campaigns/{made['campaign_id']}")
    await desk.call("DELETE", f"/api/v1/campaigns/{confirmed['campaign_id']}")
    assert (await upload(desk, csv_of(NUMBERS[:2]))).status == 201


async def test_the_same_file_twice_at_once_is_taken_once(web: Desk) -> None:
    answers = await asyncio.gather(*(upload(web, csv_of(NUMBERS)) for _ in range(4)))
    assert sorted(answer.status for answer in answers) == [201, 409, 409, 409]
    assert await web.count("campaigns") == 1


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        (b"", 400, "the file is empty"),
        (b"PK\x03\x04" + b"\0" * 100, 422, "save the sheet as CSV"),
        # Without the time of day, which would be another test each time.
        (gzip.compress(b"phone\n+34612340001\n" * 99, mtime=0), 422, "no text"),
    ],
    ids=["empty", "zip", "gzip"],
)
async def test_what_is_no_csv_is_refused_and_leaves_nothing(
    web: Desk, content: bytes, status: int, said: str
) -> None:
    answer = await upload(web, content)
    assert (answer.status, said in answer.detail) == (status, True), answer.text
    assert await web.count("campaigns") == 0
    folder = web.app.settings.data / "media" / "campaigns"
    assert not list(folder.rglob("*.csv"))


async def test_a_file_that_is_gone_fails_its_campaign_with_the_reason(web: Desk) -> None:
    answer = await upload(web, csv_of(NUMBERS))
    key = await web.db.fetchval("SELECT file_key FROM campaigns")
    assert key is not None
    await web.app.files.media.store.delete([key])
    await _import_all(web.app.campaigns.imports)
    failed = await reached(web, answer.json["campaign"]["campaign_id"], "failed")
    assert failed["status_reason"] == "the uploaded file is no longer there"


async def test_a_preview_shows_the_first_rows_with_their_problems(web: Desk) -> None:
    answer = await upload(web, csv_of(["+34612340001", "612", *NUMBERS], name="Ana"))
    assert answer.json["columns"] == ["phone_number", "name"]
    preview = answer.json["preview"]
    assert len(preview) == 10
    assert preview[0] == {
        "line": 2,
        "values": {"phone_number": "+34612340001", "name": "Ana"},
        "problems": [],
    }
    assert "has no country" in preview[1]["problems"][0]
    path = f"/api/v1/campaigns/{answer.json['campaign']['campaign_id']}/preview"
    assert (await web.call("GET", path)).json["preview"] == preview


async def _import_all(imports: ImportService) -> None:
    while (claim := await imports.claim()) is not None:
        await imports.run(claim)


async def _some_rows(desk: Desk) -> bool:
    return await desk.count("outreach") > 0
