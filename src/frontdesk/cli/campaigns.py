"""`frontdesk campaign`: files to many recipients, from the command line."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO
from uuid import UUID

import typer

from frontdesk.cli import exits
from frontdesk.cli.acting import Data, Domain, act
from frontdesk.cli.output import Json, say, show
from frontdesk.kernel.errors import Conflict, Invalid

if TYPE_CHECKING:
    from frontdesk.app.wiring import App
    from frontdesk.outreach.campaign import Campaign
    from frontdesk.outreach.counting import Numbers

    Step = Callable[[int, int, str], None]

app = typer.Typer(help="Campaigns: one message to many.", no_args_is_help=True)

CHUNK = 1 << 20
LOOK_EVERY = 0.25
"""Seconds between two looks at a campaign that is watched."""
LISTED = 50
Id = Annotated[str, typer.Argument(help="From: frontdesk campaign list")]


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A CSV with a column phone_number.")],
    name: Annotated[str, typer.Option(help="Of the campaign; else the file's.")] = "",
    template: Annotated[
        str | None, typer.Option(help="Its name, name:language or template_id.")
    ] = None,
    instruction: Annotated[
        str | None, typer.Option(help="What the assistant writes each message from.")
    ] = None,
    channel: Annotated[str, typer.Option(help="wmsg (WhatsApp) or sms.")] = "wmsg",
    type_: Annotated[str, typer.Option("--type", help="What kind of message it is.")] = (
        "informational"
    ),
    start: Annotated[bool, typer.Option(help="Send as soon as it is imported.")] = False,
    confirm: Annotated[bool, typer.Option(help="Although the same file was sent before.")] = False,
    domain: Domain = "default",
    data: Data = None,
    json: Json = False,
) -> None:
    """Import a file of recipients. Bad rows are reported, and stop no others.

    Columns: phone_number, name, email, instruction, call_type, channel; any other is a variable of
    the template by its own name. Without --start, look at the result and go on with `campaign run`.
    Exit code 1 when the file or the balance does not do, or the same file was sent before.

    Example: frontdesk campaign import customers.csv --template spring_offer --start
    """

    async def action(app: "App", domain_id: UUID) -> dict[str, Any]:
        from frontdesk.outreach.campaign import Plan

        campaigns = app.campaigns
        plan = Plan(
            name,
            channel,  # pyright: ignore[reportArgumentType]  # checked by the service
            call_type=type_,
            instruction=instruction or None,
        )
        plan = await campaigns.campaigns.with_template(domain_id, plan, template)
        with _opened(file) as opened, _bar(json) as step:
            try:
                uploaded = await campaigns.uploads.upload(
                    domain_id, plan, file.name, _chunks(opened, step), None,
                    start=start, confirm=confirm, whole=True,
                )  # fmt: skip
            except Conflict as error:
                raise Conflict(error.detail.replace("confirm=true", "--confirm")) from error
            await _import(app, uploaded.campaign, step)
        return await _report(app, domain_id, uploaded.campaign.campaign_id)

    _tell(json, act(data, domain, action), ended=True)


@app.command()
def run(campaign: Id, domain: Domain = "default", data: Data = None, json: Json = False) -> None:
    """Start a campaign. Workers send it, as fast as its rate and the carrier allow.

    Exit code 1 when it lacks something, or the balance does not cover one message.

    Example: frontdesk campaign run 0198c0de-0000-7000-8000-000000000000
    """

    async def action(app: "App", domain_id: UUID) -> dict[str, Any]:
        await app.campaigns.campaigns.start(domain_id, _id(campaign), None, None)
        return await _report(app, domain_id, _id(campaign))

    _tell(json, act(data, domain, action))


@app.command()
def pause(campaign: Id, domain: Domain = "default", data: Data = None, json: Json = False) -> None:
    """Pause a campaign. What is with the carrier goes on.

    Example: frontdesk campaign pause 0198c0de-0000-7000-8000-000000000000
    """
    _change("pause", campaign, domain, data, json)


@app.command()
def resume(campaign: Id, domain: Domain = "default", data: Data = None, json: Json = False) -> None:
    """Go on with a campaign that is paused.

    Example: frontdesk campaign resume 0198c0de-0000-7000-8000-000000000000
    """
    _change("resume", campaign, domain, data, json)


@app.command()
def cancel(campaign: Id, domain: Domain = "default", data: Data = None, json: Json = False) -> None:
    """Cancel a campaign for good. Whoever waits gets nothing.

    Example: frontdesk campaign cancel 0198c0de-0000-7000-8000-000000000000
    """
    _change("cancel", campaign, domain, data, json)


@app.command()
def status(
    campaign: Id,
    watch: Annotated[bool, typer.Option(help="Until it has ended, with a bar.")] = False,
    domain: Domain = "default",
    data: Data = None,
    json: Json = False,
) -> None:
    """Show how far a campaign is, and why recipients got nothing.

    With --watch, exit code 1 when it has failed.

    Example: frontdesk campaign status 0198c0de-0000-7000-8000-000000000000 --watch
    """

    async def action(app: "App", domain_id: UUID) -> dict[str, Any]:
        found = await _state(app, domain_id, _id(campaign))
        with _bar(json or not watch) as step:
            while watch and found["status"] in ("importing", "scheduled", "running"):
                counts = found["counts"]
                done = counts["rows"] - counts["waiting"] - counts["writing"]
                step(done, counts["rows"], found["status"])
                await asyncio.sleep(LOOK_EVERY)
                found = await _state(app, domain_id, _id(campaign))
        return await _report(app, domain_id, _id(campaign))

    _tell(json, act(data, domain, action), ended=watch)


@app.command("list")
def list_(domain: Domain = "default", data: Data = None, json: Json = False) -> None:
    """List the latest campaigns.

    Example: frontdesk campaign list --json
    """

    async def action(app: "App", domain_id: UUID) -> list[dict[str, Any]]:
        found = await app.campaigns.campaigns.page(domain_id, None, None, LISTED)
        return [await _state(app, domain_id, each.campaign_id) for each in found]

    rows = act(data, domain, action)
    shown = rows if json else [{**row, **row["counts"]} for row in rows]
    columns = ("campaign_id", "name", "status", "channel", "rows", "sent", "skipped", "failed")
    show(json, shown, columns, "The domain has no campaign.")


def _change(what: str, campaign: str, domain: str, data: Path | None, json: bool) -> None:
    async def action(app: "App", domain_id: UUID) -> dict[str, Any]:
        services = app.campaigns.campaigns
        changes: dict[str, Callable[..., Awaitable[Campaign]]] = {
            "pause": services.pause,
            "resume": services.resume,
            "cancel": services.cancel,
        }
        await changes[what](domain_id, _id(campaign), None)
        return await _report(app, domain_id, _id(campaign))

    _tell(json, act(data, domain, action))


async def _import(app: "App", campaign: "Campaign", step: "Step") -> None:
    """Imports here what no worker has taken, and shows how far it is."""
    importing = asyncio.create_task(_work(app, campaign))
    try:
        while not importing.done():
            known = await app.campaigns.campaigns.get(campaign.domain_id, campaign.campaign_id)
            step(known.file_read, known.file_bytes or 0, f"Importing, line {known.lines_read}")
            await asyncio.wait([importing], timeout=LOOK_EVERY)
        await importing
    finally:
        importing.cancel()
        await asyncio.gather(importing, return_exceptions=True)


async def _work(app: "App", campaign: "Campaign") -> None:
    services = app.campaigns
    while True:
        claim = await services.imports.claim()
        if claim is not None:
            await services.imports.run(claim)
        known = await services.campaigns.get(campaign.domain_id, campaign.campaign_id)
        if known.status != "importing":
            return
        await asyncio.sleep(LOOK_EVERY)


async def _state(app: "App", domain_id: UUID, campaign_id: UUID) -> dict[str, Any]:
    found = await app.campaigns.campaigns.get(domain_id, campaign_id)
    return _shown(found, await app.campaigns.counting.of(found))


async def _report(app: "App", domain_id: UUID, campaign_id: UUID) -> dict[str, Any]:
    """The state, with why recipients got nothing."""
    counting = app.campaigns.counting
    found = await app.campaigns.campaigns.get(domain_id, campaign_id)
    numbers = await counting.of(found)
    lacking = any(numbers.counts[name] for name in ("skipped", "failed", "canceled"))
    reasons = await counting.reasons(found, numbers) if lacking else []
    return {**_shown(found, numbers), "reasons": [asdict(each) for each in reasons]}


def _shown(found: "Campaign", numbers: "Numbers") -> dict[str, Any]:
    return {
        "campaign_id": str(found.campaign_id),
        "name": found.name,
        "status": found.status,
        "status_reason": found.status_reason,
        "channel": found.channel,
        "counts": dict(numbers.counts),
        "cost": float(numbers.cost),
    }


def _tell(json: bool, report: dict[str, Any], *, ended: bool = False) -> None:
    """Prints it. `ended`: whoever waited for the end learns from the exit code how it was."""
    counts = ", ".join(f"{name} {number}" for name, number in report["counts"].items() if number)
    why = f" ({report['status_reason']})" if report["status_reason"] else ""
    state = f"{report['name']}: {report['status']}{why}; {counts or 'no rows'}"
    lines = [f"{report['campaign_id']} {state}"]
    lines += [
        f"  {each['count']} {each['status']}: {each['reason'] or each['code'] or 'no reason given'}"
        for each in report["reasons"]
    ]
    say(json, report, "\n".join(lines))
    if ended and report["status"] == "failed":
        raise typer.Exit(exits.FAILED)


def _opened(file: Path) -> BinaryIO:
    try:
        return file.open("rb")
    except OSError as error:
        raise Invalid(f"{file} cannot be read: {error.strerror}") from error


async def _chunks(opened: BinaryIO, step: "Step") -> AsyncIterator[bytes]:
    done, size = 0, os.fstat(opened.fileno()).st_size
    while chunk := await asyncio.to_thread(opened.read, CHUNK):
        done += len(chunk)
        step(done, size, "Uploading")
        yield chunk


@contextmanager
def _bar(quiet: bool) -> "Generator[Step]":
    """A bar on standard error where a person looks at it."""
    if quiet or not sys.stderr.isatty():
        yield lambda done, of, doing: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None)

        def step(done: int, of: int, doing: str) -> None:
            progress.update(task, completed=done, total=of or None, description=doing)

        yield step


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid(f"{text[:80]!r} is no campaign's id; see: frontdesk campaign list") from None
