"""Documents: their text as a person reads it, headed by page, sheet or slide."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from frontdesk.media.decoding.excerpt import Excerpt
from frontdesk.media.decoding.limits import Limits
from frontdesk.media.decoding.pool import Decoders
from frontdesk.media.model import Findings
from media import samples
from media.decoding.workbench import Workbench

PDF, DOC, XLS, PPT = (
    "application/pdf",
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
)
OPENXML = "application/vnd.openxmlformats-officedocument"
DOCX = f"{OPENXML}.wordprocessingml.document"
XLSX = f"{OPENXML}.spreadsheetml.sheet"
PPTX = f"{OPENXML}.presentationml.presentation"
DAMAGED = "The document cannot be read: it is damaged or incomplete."


async def within(limits: Limits, bench: Workbench, path: Path, content_type: str) -> Findings:
    decoders = Decoders(processes=1, limits=limits)
    try:
        return await Workbench(decoders, bench.files, bench.out).inspect(
            path, "document", content_type
        )
    finally:
        await decoders.close()


async def test_a_pdf_has_its_pages_text_and_first_page(bench: Workbench) -> None:
    found = await bench.inspect(samples.pdf(bench.files), "document", PDF)

    assert (found.pages, found.error) == (3, None)
    assert found.text == (
        "[page 1]\nInvoice 4711 of Tea & Pots\n\n"
        "[page 2]\nDelivery within three days\n\n"
        "[page 3]\nThank you"
    )
    (thumbnail,) = found.made
    with Image.open(thumbnail.path) as image:
        assert image.format == "WEBP"
        assert image.height == 400
        darkest: Any = image.convert("L").getextrema()[0]
    assert darkest < 100  # something is drawn on it


async def test_a_long_pdf_is_read_as_far_as_the_limits_go(bench: Workbench) -> None:
    path = samples.pdf(bench.files, [f"number {each}" for each in range(1, 7)])

    pages = await within(Limits(pages=4), bench, path, PDF)
    characters = await within(Limits(characters=30), bench, path, PDF)

    assert pages.pages == characters.pages == 6
    assert pages.text is not None
    assert pages.text.endswith("[page 4]\nnumber 4\n[… cut]")
    assert characters.text == "[page 1]\nnumber 1\n\n[page 2]\nnu\n[… cut]"
    assert pages.error is None


async def test_a_pdf_with_a_password_and_a_damaged_one_say_so(bench: Workbench) -> None:
    locked = await bench.inspect(samples.pdf(bench.files, encrypted=True), "document", PDF)
    broken = await bench.inspect(samples.corrupt_pdf(bench.files), "document", PDF)

    assert locked.error == "The document asks for a password."
    assert broken.error == DAMAGED


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
async def test_a_text_file_is_read_in_whatever_it_was_written(
    bench: Workbench, encoding: str
) -> None:
    path = samples.txt(bench.files, encoding=encoding)

    found = await bench.inspect(path, "document", "text/plain; charset=utf-8")

    assert (found.text, found.error) == ("Grüße aus Köln, 5 €", None)


async def test_a_russian_text_of_old_windows_is_russian(bench: Workbench) -> None:
    text = "Здравствуйте! Когда будет готов мой заказ? Спасибо за ответ, до свидания."

    found = await bench.inspect(
        samples.txt(bench.files, text, encoding="cp1251"), "document", "text/plain"
    )

    assert found.text == text


async def test_text_fits_a_database_and_is_cut_where_it_is_too_long(bench: Workbench) -> None:
    odd = samples.txt(bench.files, "a\0b\r\nc\rd\x1b\ufffe")
    found = await bench.inspect(odd, "document", "text/plain")
    assert found.text == "ab\nc\nd"

    long = samples.txt(bench.files, "ä" * 50)
    found = await within(Limits(characters=20), bench, long, "text/plain")
    assert found.text == "ä" * 20 + "\n[… cut]"


def test_text_that_just_fits_is_not_called_cut() -> None:
    excerpt = Excerpt(5)
    assert excerpt.add("12345")
    assert excerpt.text() == "12345"
    assert not excerpt.add("6")
    assert excerpt.text() == "12345\n[… cut]"


@pytest.mark.parametrize(
    ("make", "content_type", "text", "pages"),
    [
        (samples.csv, "text/csv", "product,price\nTea,4.50\nTeapot,19.00", None),
        (samples.rtf, "text/rtf", "Dear Ana,\nthe tea costs 5 €; see you in Köln.", None),
        (
            samples.docx,
            DOCX,
            "Dear Ana,\nyour teapot is ready.\nTea\t4.50\nTeapot\t19.00",
            None,
        ),
        (
            samples.xlsx,
            XLSX,
            "[sheet Prices]\nProduct\tPrice\nTeapot\t19.5\t\tTRUE\n2026-02-03\t3\n\n"
            "[sheet Notes]\nfrom 5 € & up",
            None,
        ),
        (samples.pptx, PPTX, "[slide 1]\nSpring teas\n\n[slide 2]\nPrices from May", 2),
        (samples.doc, DOC, "Dear Ana,\nthe tea costs 5 €.", None),
        (samples.xls, XLS, "[sheet Prices]\nTea\t4.5\nTeapot\t19", None),
        (samples.ppt, PPT, "[slide 1]\nSpring teas\n\n[slide 2]\nFrom 5 €", None),
        (
            samples.vcard,
            "text/vcard",
            "Ana Silva\nTea, Pots\n+1 415 555 0123\nana@example.com\nfirst line\nand a long one",
            None,
        ),
    ],
)
async def test_a_document_is_read(
    bench: Workbench, make: Any, content_type: str, text: str, pages: int | None
) -> None:
    found = await bench.inspect(make(bench.files), "document", content_type)

    assert (found.text, found.pages, found.error) == (text, pages, None)


async def test_a_field_of_an_old_letter_is_what_it_shows(bench: Workbench) -> None:
    letter = samples.doc(bench.files, "See \x13 HYPERLINK x \x14our shop\x15 today\r")

    found = await bench.inspect(letter, "document", DOC)

    assert found.text == "See our shop today"


async def test_an_archive_that_unpacks_to_too_much_is_refused(bench: Workbench) -> None:
    found = await bench.inspect(samples.bomb_docx(bench.files), "document", DOCX)

    assert found.text is None
    assert found.error is not None
    assert found.error.startswith("The document unpacks to 300 MB in 3 parts; at most 200 MB")


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (
            samples.sheet_bomb_xlsx,
            "The document is too large: the first 3,000,000 tags, attributes and texts in it are"
            " read.",
        ),
        (samples.string_bomb_xlsx, "The document has more than 200,000 shared texts."),
    ],
)
async def test_a_small_spreadsheet_of_many_tags_is_given_up_soon(
    tmp_path: Path, make: Callable[[Path], Path], error: str
) -> None:
    path = make(tmp_path)
    assert path.stat().st_size < 300_000
    decoders = Decoders(processes=1, memory=512 << 20)
    began = time.monotonic()
    try:
        found = await Workbench(decoders, tmp_path, tmp_path).inspect(path, "document", XLSX)
    finally:
        await decoders.close()

    assert found.error == error
    assert time.monotonic() - began < 18  # it takes 5 s where nothing else runs


async def test_all_parts_of_a_document_share_one_budget(bench: Workbench) -> None:
    path = samples.pptx(bench.files, ["a" * 1000] * 20)

    whole = await within(Limits(xml_bytes=40_000), bench, path, PPTX)
    some = await within(Limits(xml_bytes=20_000), bench, path, PPTX)

    assert whole.error is None
    assert some.error is not None
    assert some.error.startswith("The document is too large: the first 0 MB of its parts")
    assert some.text is not None
    assert some.text.startswith("[slide 1]\naaa")


async def test_a_sheet_that_is_listed_again_is_read_once(bench: Workbench) -> None:
    cell = b'<c t="s"><v>0</v></c>'
    path = samples.string_bomb_xlsx(
        bench.files, strings=1, unit=b"<si><t>tea</t></si>", cells=cell, names=1_000
    )

    found = await bench.inspect(path, "document", XLSX)

    assert (found.text, found.error) == ("[sheet s]\ntea", None)


async def test_slides_are_read_as_far_as_five_hundred(bench: Workbench) -> None:
    found = await bench.inspect(samples.pptx(bench.files, ["tea"] * 502), "document", PPTX)

    assert found.pages == 502
    assert found.text is not None
    assert found.text.endswith("[slide 500]\ntea")
    assert found.error == "The document has 502 slides; the first 500 are read."


async def test_shared_texts_are_kept_as_far_as_text_is(bench: Workbench) -> None:
    cells = "".join(f'<c t="s"><v>{each}</v></c>' for each in (1, 0, 50)).encode()
    path = samples.string_bomb_xlsx(
        bench.files, strings=100, unit=b"<si><t>tea</t></si>", cells=cells
    )

    found = await within(Limits(characters=30), bench, path, XLSX)

    assert (found.text, found.error) == ("[sheet s]\ntea\ttea\t…", None)


async def test_a_long_text_shown_in_many_cells_is_cut(tmp_path: Path) -> None:
    path = samples.string_bomb_xlsx(
        tmp_path,
        strings=1,
        unit=b"<si><t>" + b"a" * 400_000 + b"</t></si>",
        cells=b'<c t="s"><v>0</v></c>' * 10_000,
    )
    decoders = Decoders(processes=1, memory=512 << 20)
    try:
        found = await Workbench(decoders, tmp_path, tmp_path).inspect(path, "document", XLSX)
    finally:
        await decoders.close()

    assert found.error is None
    assert found.text is not None
    assert found.text.startswith("[sheet s]\naaa")
    assert found.text.endswith("aaa\n[… cut]")


async def test_entities_that_multiply_are_refused(bench: Workbench) -> None:
    found = await bench.inspect(samples.laughing_docx(bench.files), "document", DOCX)

    assert found.text is None
    assert found.error is not None
    assert found.error.startswith("The document defines entities of its own")


@pytest.mark.parametrize(
    ("magic", "content_type"),
    [("pdf", PDF), ("docx", DOCX), ("docx", XLSX), ("doc", DOC), ("doc", XLS), ("doc", PPT)],
)
async def test_garbage_with_a_document_s_first_bytes_is_an_error(
    bench: Workbench, magic: samples.Magic, content_type: str
) -> None:
    found = await bench.inspect(samples.garbage(bench.files, magic), "document", content_type)

    assert (found.text, found.error) == (None, DAMAGED)


async def test_a_document_of_no_known_type_says_that_it_is_not_read(bench: Workbench) -> None:
    found = await bench.inspect(samples.txt(bench.files), "document", "application/x-tea")

    assert found.error == "The text of documents of type application/x-tea is not read."


def test_long_runs_of_spaces_are_dropped_in_one_go() -> None:
    excerpt = Excerpt(500_000)
    excerpt.add(" " * 200_000 + "a" + " \n" * 100_000 + "b  \tc")
    # From each space on, the work would be that of an hour.
    assert excerpt.text() == "a\n\nb\tc"
