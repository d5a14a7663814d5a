"""CSV files as the world writes them: read whole, in parts, and with what is broken in them."""

import csv
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from frontdesk.kernel.errors import Unprocessable
from frontdesk.outreach.csv_reading import (
    BATCH_BYTES,
    CHUNK,
    HEAD,
    LONGEST_RECORD,
    TOO_LONG,
    UNCLOSED,
    Record,
    open_csv,
)


def read(path: Path, content: bytes) -> tuple[list[str], list[Record]]:
    path.write_bytes(content)
    with open_csv(path) as file:
        return file.columns, list(file.records())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "upload.csv"


ROWS = "phone_number,name\n+34612345678,Íñigo Muñoz\n+34612345679,Łukasz\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_unicode_encoding_is_read_with_and_without_its_mark(
    path: Path, encoding: str
) -> None:
    columns, rows = read(path, ROWS.encode(encoding))
    assert columns == ["phone_number", "name"]
    assert [row.cells for row in rows] == [
        ["+34612345678", "Íñigo Muñoz"],
        ["+34612345679", "Łukasz"],
    ]
    assert [row.line for row in rows] == [2, 3]


def test_what_older_spreadsheets_of_western_europe_write_is_read(path: Path) -> None:
    names = ["José Muñoz", "François Lefèvre", "Jürgen Groß", "Begoña Ibáñez"] * 5
    text = "phone;name\r\n" + "".join(
        f"+3461234567{place % 10};{name}\r\n" for place, name in enumerate(names)
    )
    _, rows = read(path, text.encode("cp1252"))
    assert [row.cells[1] for row in rows] == names


def test_one_accent_far_behind_a_plain_beginning_is_still_read(path: Path) -> None:
    text = "phone,name\n" + "+34612345678,Ana\n" * 20_000 + "+34612345678,José Muñoz\n"
    _, rows = read(path, text.encode("cp1252"))
    assert rows[-1].cells[1] == "José Muñoz"


def test_broken_bytes_in_utf_8_cost_their_row_only(path: Path) -> None:
    content = "phone,name\n+1,Ñandú\n".encode() + b"+2,\xff\xfe\n" + "+3,Łukasz\n".encode()
    _, rows = read(path, content)
    assert [row.cells for row in rows] == [["+1", "Ñandú"], [], ["+3", "Łukasz"]]
    assert rows[1].problem == "the row has bytes that are not UTF-8"
    assert rows[1].line == 3


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_delimiter_and_line_end_is_found(path: Path, delimiter: str, end: str) -> None:
    lines = [["phone", "a, b; c"], ["+1", 'say "hi"'], ["+2", ""]]
    text = StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows(lines)
    columns, rows = read(path, text.getvalue().encode())
    assert [columns, *(row.cells for row in rows)] == lines


def test_a_spreadsheets_separator_line_is_obeyed(path: Path) -> None:
    columns, rows = read(path, b"sep=|\r\nphone|name\r\n+1|a,b,c,d\r\n")
    assert (columns, rows[0].cells, rows[0].line) == (["phone", "name"], ["+1", "a,b,c,d"], 3)


@pytest.mark.parametrize("line", ["sep=é", "sep=p", "sep=\r", "sep=,,"])
def test_a_first_line_that_names_no_separator_is_the_header(path: Path, line: str) -> None:
    columns, rows = read(path, f"{line}\nphone,name\n+1,Ana\n".encode())
    assert columns == [line.strip().rstrip(",")]
    assert [row.cells for row in rows] == [["phone", "name"], ["+1", "Ana"]]


@pytest.mark.parametrize("line", ["\n", "\r\n", "\n\r\n", "\n" * 19 + "\0\n"])
def test_millions_of_blank_lines_are_passed_in_bounded_steps(path: Path, line: str) -> None:
    blank = line * (6_000_000 // len(line))
    path.write_bytes(f"phone\n+1\n{blank}+2\n".encode())
    sizes: list[int] = []
    found: list[Record] = []
    with open_csv(path) as file:
        records, before = file.records(), file.first
        while (part := records.batch(2_000)) is not None:
            found += part
            assert records.place.line > before.line, "each step ends further on"
            sizes.append(records.place.offset - before.offset)
            # Whoever goes on after a crash begins here.
            before, records = records.place, file.records(records.place)
    assert max(sizes) <= BATCH_BYTES + CHUNK
    assert len(sizes) >= 3
    assert [(row.line, row.cells) for row in found] == [
        (2, ["+1"]),
        (3 + blank.count("\n"), ["+2"]),
    ]


def test_the_look_at_a_files_beginning_ends_where_its_rows_are_far_away(path: Path) -> None:
    path.write_bytes(b"phone\n+1\n" + b"\n" * (2 * HEAD) + b"+2\n")
    with open_csv(path) as file:
        assert [row.cells for row in file.records().head()] == [["+1"]]
        assert [row.cells for row in file.records()] == [["+1"], ["+2"]]


def test_a_header_far_behind_the_beginning_is_none(path: Path) -> None:
    with pytest.raises(Unprocessable, match="no header"):
        read(path, b",,\n" * HEAD + b"phone,name\n")


def test_a_cell_may_have_lines_and_rows_keep_the_number_of_their_first(path: Path) -> None:
    _, rows = read(path, b'phone,note\n+1,"one\ntwo\nthree"\n\n+2,x\n')
    assert [(row.line, row.cells) for row in rows] == [
        (2, ["+1", "one\ntwo\nthree"]),
        (6, ["+2", "x"]),
    ]


@pytest.mark.parametrize("lines", [False, True])
def test_a_cell_of_ten_megabytes_costs_its_row_only(path: Path, lines: bool) -> None:
    cell = b"0123456789 abc\n" * 700_000 if lines else b"x" * 10_000_000
    _, rows = read(path, b'phone,note\n+1,a\n+2,"' + cell + b'",more\n+3,"b"\n')
    assert [row.cells for row in rows] == [["+1", "a"], [], ["+3", "b"]]
    assert rows[1].problem == TOO_LONG
    assert rows[2].line == (700_004 if lines else 4)


def test_a_row_of_the_greatest_length_is_read_and_one_byte_more_is_not(path: Path) -> None:
    fits = b"+1," + b"x" * (LONGEST_RECORD - 4) + b"\n"
    _, rows = read(path, b"phone,note\n" + fits + b"y" + fits)
    assert [row.problem for row in rows] == [None, TOO_LONG]


def test_a_quote_that_is_never_closed_costs_its_own_line(path: Path) -> None:
    rest = b"".join(b"+%d,x\n" % number for number in range(100_000))
    _, rows = read(path, b'phone,note\n+0,"oops\n' + rest)
    assert rows[0].problem == UNCLOSED
    assert len(rows) == 100_001
    assert rows[1].cells == ["+0", "x"]


def test_a_stray_quote_does_not_swallow_the_rows_up_to_the_next_quoted_one(path: Path) -> None:
    _, rows = read(path, b'phone,name\n+1,"Ana\n+2,Bea\n+3,"Cleo"\n+4,"Dan" x\n+5,Eve\n')
    assert [row.cells for row in rows] == [[], ["+2", "Bea"], ["+3", "Cleo"], [], ["+5", "Eve"]]
    assert [row.line for row in rows] == [2, 3, 4, 5, 6]


def test_zero_bytes_are_left_out(path: Path) -> None:
    _, rows = read(path, b"phone,name\n+1\0,A\0na\n")
    assert rows[0].cells == ["+1", "Ana"]


def test_repeated_and_empty_column_names_are_told_apart(path: Path) -> None:
    columns, _ = read(path, b"phone,Name,Name,,name,,\n+1,a,b,c,d\n")
    assert columns == ["phone", "Name", "Name_2", "column_4", "name"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\n\n  \n", "empty"),
        (b"PK\x03\x04rest of a workbook", "save the sheet as CSV"),
        (bytes(range(1, 32)) * 100, "no text"),
        (b'"phone,name\n+1,Ana\n', "the header cannot be read"),
        (b",".join(b"c%d" % number for number in range(201)), "201 columns"),
    ],
)
def test_what_is_no_csv_is_refused_with_the_reason(path: Path, content: bytes, said: str) -> None:
    with pytest.raises(Unprocessable, match=said):
        read(path, content)


SIGNS = st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t\"',;|")
CELL = st.text(SIGNS, max_size=20)


@examples(max_examples=80, deadline=None)
@given(
    rows=st.lists(st.lists(CELL, min_size=2, max_size=4), max_size=12),
    delimiter=st.sampled_from(",;\t|"),
    end=st.sampled_from(["\n", "\r\n"]),
    size=st.integers(1, 5),
)
def test_what_a_writer_wrote_is_read_again_in_parts_of_any_size_from_any_place(
    rows: list[list[str]], delimiter: str, end: str, size: int
) -> None:
    text = StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([["phone", "name"], *rows])
    with TemporaryDirectory() as folder:
        path = Path(folder) / "upload.csv"
        path.write_bytes(text.getvalue().encode())
        found: list[list[str]] = []
        place = None
        while True:
            # Each part is read as after a crash: the file is opened anew at the last place.
            with open_csv(path) as file:
                records = file.records(place)
                part = records.batch(size)
                place = records.place
            if part is None:
                break
            found += [record.cells for record in part]
    assert found == rows


@examples(max_examples=80, deadline=None)
@given(body=st.lists(st.sampled_from(['"', ",", "\n", "\r", "a", "+1", '""', ";"]), max_size=60))
def test_any_bytes_are_read_to_the_end_and_each_record_has_a_line_of_its_own(
    body: list[str],
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "upload.csv"
        text = "phone,name\n" + "".join(body)
        path.write_text(text, newline="")
        with open_csv(path) as file:
            records = file.records()
            lines = [record.line for record in records]
            assert records.place.offset == len(text.encode())
    assert lines == sorted(set(lines))
