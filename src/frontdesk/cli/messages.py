"""`frontdesk send` and `frontdesk replay`: messages that a person sends, or sends on their way."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from frontdesk.cli import exits
from frontdesk.cli.acting import Data, Domain, act
from frontdesk.cli.output import Json, progress, say, show
from frontdesk.kernel.errors import FrontdeskError, Invalid, NotFound

if TYPE_CHECKING:
    from frontdesk.app.wiring import App

MOST_LETTERS = 10_000
CHUNK = 256 * 1024
OPERATOR = UUID(int=0)
"""Who acts from the command line is no person of the domain."""


def send(
    text: Annotated[str, typer.Argument(help="What to say, in Markdown or plain.")] = "",
    *,
    to: Annotated[str, typer.Option(help="The customer's number.")],
    media: Annotated[
        list[Path] | None, typer.Option(help="A file to send along; again for more.")
    ] = None,
    channel: Annotated[str, typer.Option(help="wmsg (WhatsApp) or sms.")] = "wmsg",
    domain: Domain = "default",
    data: Data = None,
    json: Json = False,
) -> None:
    """Send a message into an existing conversation, as a person.

    It goes through the same queue, limits and retries as an assistant's answer; a worker must be
    running. The conversation is people's from then on. Exit code 1 when the customer never wrote
    on that channel, or when it takes no such message now.

    Example: frontdesk send --to +12345678901 --media invoice.pdf "Your order is ready."
    """
    from frontdesk.kernel.phone import parse_address

    address = parse_address(to)

    async def action(app: "App", domain_id: UUID) -> list[UUID]:
        rows = await app.conversations.sessions([domain_id], address, 20)
        found = [row["conversation_id"] for row in rows if row["channel"] == channel]
        if not found:
            raise NotFound(
                f"{address} has no {channel} conversation in {domain}; "
                "a customer must have written first"
            )
        media_ids = [await _stored(app, domain_id, found[0], path) for path in media or ()]
        return await app.manual.send(domain_id, found[0], text, media_ids)

    ids = act(data, domain, action)
    say(json, {"message_ids": ids}, f"Queued as {', '.join(str(each) for each in ids)}.")


async def _stored(app: "App", domain_id: UUID, conversation_id: UUID, path: Path) -> UUID:
    """A file of this machine, put into the store for the conversation."""
    from frontdesk.media.incoming import Destination

    row = await app.conversations.get(domain_id, conversation_id)
    limits = app.carriers[row["carrier"]].capabilities[row["channel"]].media

    async def chunks() -> AsyncIterator[bytes]:
        with path.open("rb") as file:
            while chunk := await asyncio.to_thread(file.read, CHUNK):
                yield chunk

    try:
        uploaded = await app.files.incoming.upload(
            Destination(domain_id, conversation_id, OPERATOR, "command"),
            path.name,
            chunks(),
            limits,
            fit=True,
        )
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}") from error
    return uploaded.media.media_id


def replay(
    letter: Annotated[UUID | None, typer.Option(help="Replay this one.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Replay all, oldest first.")] = False,
    list_: Annotated[bool, typer.Option("--list", help="List them, newest first.")] = False,
    domain: Domain = "default",
    data: Data = None,
    json: Json = False,
) -> None:
    """Give dead letters another try: what could not be taken in, answered or sent.

    Mend the reason first. A letter that fails again is kept as a new one, and the exit code is 1.

    Example: frontdesk replay --list, then: frontdesk replay --all
    """
    if [letter is not None, all_, list_].count(True) != 1:
        raise typer.BadParameter("use one of --letter ID, --all, --list")
    if list_:

        async def listed(app: "App", domain_id: UUID) -> list[Any]:
            return list(await app.conversations.dead_letters(domain_id, MOST_LETTERS))

        columns = ("letter_id", "stage", "at", "reason")
        show(json, act(data, domain, listed), columns, "There is no dead letter.")
        return

    async def action(app: "App", domain_id: UUID) -> list[dict[str, Any]]:
        if letter is not None:
            return [await _replay(app, domain_id, letter)]
        rows = await app.conversations.dead_letters(domain_id, MOST_LETTERS)
        ids = [row["letter_id"] for row in reversed(rows)]
        return [await _replay(app, domain_id, each) for each in progress(ids, "Replaying")]

    done = act(data, domain, action)
    lines = [f"{each['letter_id']}  {each['outcome']}" for each in done]
    say(json, {"items": done}, "\n".join(lines) or "There is no dead letter.")
    if not all(each["ok"] for each in done):
        raise typer.Exit(exits.FAILED)


async def _replay(app: "App", domain_id: UUID, letter_id: UUID) -> dict[str, Any]:
    from frontdesk.pipeline.replay import Replay

    replaying = Replay(app.conversations, app.channels, app.carriers)
    try:
        outcome, ok = await replaying.letter(domain_id, letter_id), True
    except FrontdeskError as error:
        outcome, ok = f"failed: {error.detail}", False
    return {"letter_id": letter_id, "ok": ok, "outcome": outcome}
