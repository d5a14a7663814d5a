"""`frontdesk knowledge`: the documents that builtin:knowledge answers from."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from frontdesk.cli import exits
from frontdesk.cli.acting import Data, Domain, act
from frontdesk.cli.output import Json, progress, say, show
from frontdesk.kernel.errors import FrontdeskError, Invalid

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from frontdesk.app.wiring import App

app = typer.Typer(help="Documents that builtin:knowledge answers from.", no_args_is_help=True)

TEXTS = (".md", ".markdown", ".txt", ".text")
SUFFIXES = (*TEXTS, ".pdf", ".doc", ".docx", ".xls", ".xlsx", ".ppt", ".pptx", ".csv", ".rtf")
CHUNK = 1 << 20


@app.command()
def add(
    files: Annotated[
        list[Path], typer.Argument(help="Texts, PDF and office documents, and directories of them.")
    ],
    domain: Domain = "default",
    data: Data = None,
    json: Json = False,
) -> None:
    """Add documents, or replace those of the same name.

    A file is called by its name, one in a directory by its path below it. Exit code 1 if a file
    could not be added; the others are.

    Example: frontdesk knowledge add prices.md opening-hours.pdf manuals/
    """
    found = [pair for given in files for pair in _texts(given)]
    if not found:
        raise Invalid(f"there is no file to add; use {', '.join(SUFFIXES)}")

    async def action(app: "App", domain_id: "UUID") -> dict[str, list[Any]]:
        done: dict[str, list[Any]] = {"added": [], "unchanged": [], "failed": []}
        for name, path in progress(found, "Reading"):
            try:
                added = await app.assistants.add_document(domain_id, name, await _text(app, path))
                done["added" if added else "unchanged"].append(name)
            except FrontdeskError as error:
                exits.complain(f"{path}: {error.detail}")
                done["failed"].append({"name": name, "why": error.detail})
        return done

    done = act(data, domain, action)
    text = f"Added {len(done['added'])}, unchanged {len(done['unchanged'])}"
    say(json, done, text + (f", failed {len(done['failed'])}." if done["failed"] else "."))
    if done["failed"]:
        raise typer.Exit(exits.FAILED)


@app.command("list")
def list_(domain: Domain = "default", data: Data = None, json: Json = False) -> None:
    """List the documents.

    Example: frontdesk knowledge list
    """

    async def action(app: "App", domain_id: "UUID") -> list[Any]:
        return list(await app.assistants.documents(domain_id))

    columns = ("name", "size", "passages", "created_at")
    show(json, act(data, domain, action), columns, "The domain has no document.")


@app.command()
def remove(
    names: Annotated[list[str], typer.Argument(help="From: frontdesk knowledge list")],
    domain: Domain = "default",
    data: Data = None,
    json: Json = False,
) -> None:
    """Remove documents.

    Example: frontdesk knowledge remove prices.md
    """

    async def action(app: "App", domain_id: "UUID") -> None:
        for name in names:
            await app.assistants.remove_document(domain_id, name)

    act(data, domain, action)
    say(json, {"removed": names}, f"Removed {', '.join(names)}.")


def _texts(given: Path) -> list[tuple[str, Path]]:
    """The names and files that an argument stands for."""
    if given.is_dir():
        below = sorted(
            path
            for path in given.rglob("*")
            if path.suffix.lower() in SUFFIXES
            and path.is_file()
            and not any(part.startswith(".") for part in path.relative_to(given).parts)
        )
        return [(path.relative_to(given).as_posix(), path) for path in below]
    if not given.exists():
        raise Invalid(f"{given} does not exist")
    if given.suffix.lower() not in SUFFIXES:
        raise Invalid(f"{given} is not a document; use {', '.join(SUFFIXES)}")
    return [(given.name, given)]


async def _text(app: "App", path: Path) -> str:
    if path.suffix.lower() in TEXTS:
        return _read(path)
    return await app.files.extractor.text_of(path.name, _chunks(path))


async def _chunks(path: Path) -> "AsyncIterator[bytes]":
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk
    except OSError as error:
        raise Invalid(f"cannot be read: {error.strerror}") from error


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise Invalid(f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Invalid(f"is not UTF-8 text (byte {error.start})") from error
