"""What commands print: text for people, JSON for scripts."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from typing import Annotated, Any, TypeVar, cast

import typer

T = TypeVar("T")

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]

WIDEST = 60
BAR_FROM = 3
"""So many steps deserve a progress bar."""


def say(as_json: bool, value: Any, text: str) -> None:
    """The result on standard output, in one of its two forms."""
    if as_json:
        import orjson

        # UUIDs, moments and dataclasses are orjson's own; the rest has a text.
        typer.echo(orjson.dumps(value, default=str).decode())
    elif text:
        typer.echo(text)


def show(as_json: bool, rows: Sequence[Any], columns: Sequence[str], empty: str) -> None:
    """Rows as a table, or all that is in them as JSON: {"items": […]}."""
    items = [_mapping(row) for row in rows]
    if as_json:
        say(True, {"items": items}, "")
        return
    if not items:
        typer.echo(empty)
        return
    cells = [
        [column.upper() for column in columns],
        *([_cell(item.get(column)) for column in columns] for item in items),
    ]
    widths = [max(len(row[i]) for row in cells) for i in range(len(columns))]
    for row in cells:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        typer.echo(line.rstrip())


def progress(items: Sequence[T], doing: str) -> Iterator[T]:
    """The items, with a bar on standard error while they are worked on by a person's command."""
    if len(items) < BAR_FROM or not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(items, doing, console=Console(stderr=True), transient=True)


def _mapping(row: Any) -> dict[str, Any]:
    if is_dataclass(row) and not isinstance(row, type):
        return asdict(row)
    return dict(cast("Mapping[str, Any]", row))


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    text = value.isoformat(" ", "seconds") if hasattr(value, "isoformat") else str(value)
    text = " ".join(text.split())
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"
