"""Tables of any length as CSV, sent while they are read."""

import csv
import re
from collections.abc import AsyncIterable, Iterable, Sequence
from io import StringIO

from starlette.responses import StreamingResponse

from frontdesk.kernel.spreadsheet import neutral

NUMBER = re.compile(r"\+?[0-9]{1,20}", re.ASCII)
"""What begins like a formula and calculates nothing: a phone number."""


def csv_response(
    filename: str,
    columns: Sequence[str],
    pages: AsyncIterable[Iterable[Sequence[str | None]]],
) -> StreamingResponse:
    """Cells that a spreadsheet would calculate are made text."""
    return StreamingResponse(
        _lines(columns, pages),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{filename}"',
            "Cache-Control": "no-store",
        },
    )


async def _lines(
    columns: Sequence[str], pages: AsyncIterable[Iterable[Sequence[str | None]]]
) -> AsyncIterable[str]:
    yield _written([columns])
    async for page in pages:
        if text := _written(page):
            yield text


def _written(rows: Iterable[Sequence[str | None]]) -> str:
    file = StringIO()
    writer = csv.writer(file)
    writer.writerows([_cell(each) for each in row] for row in rows)
    return file.getvalue()


def _cell(value: str | None) -> str:
    text = value or ""
    return text if NUMBER.fullmatch(text) else neutral(text)
