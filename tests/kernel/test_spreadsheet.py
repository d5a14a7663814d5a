"""Cells of a CSV are never calculated by the spreadsheet that opens it."""

from hypothesis import example, given
from hypothesis import strategies as st

from frontdesk.kernel.spreadsheet import FORMULA_STARTS, neutral


@given(st.text())
@example("=cmd()|' /C calc'!A0")
@example("@SUM(A1)")
@example("\t=1")
@example("\r=1")
@example("-2+3")
@example("+34600000000")
@example("")
def test_no_cell_begins_like_a_formula_and_no_text_is_lost(cell: str) -> None:
    made = neutral(cell)
    assert not made.startswith(FORMULA_STARTS)
    assert made.removeprefix("'") == cell.removeprefix("'")
    assert len(made) - len(cell) == cell.startswith(FORMULA_STARTS)
    assert neutral(made) == made, "a second time changes nothing"
