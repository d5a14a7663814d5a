"""`frontdesk start`: a conversation that the business begins."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from frontdesk.cli.acting import Data, Domain, act
from frontdesk.cli.output import Json, say

if TYPE_CHECKING:
    from frontdesk.app.wiring import App
    from frontdesk.outreach.model import Outreach


def start(
    phone: Annotated[str, typer.Argument(help="The customer's number, beginning with +.")],
    *,
    channel: Annotated[str, typer.Option(help="wmsg (WhatsApp) or sms.")] = "wmsg",
    instruction: Annotated[
        str | None, typer.Option(help="What the assistant writes the first message from.")
    ] = None,
    template: Annotated[
        str | None, typer.Option(help="A template's name, name:language or id.")
    ] = None,
    var: Annotated[
        list[str] | None, typer.Option(help="A variable as NAME=VALUE; again for more.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="The customer's name.")] = None,
    email: Annotated[str | None, typer.Option(help="The customer's e-mail address.")] = None,
    type_: Annotated[
        str, typer.Option("--type", help="What kind of message it is.")
    ] = "informational",
    assistant: Annotated[str | None, typer.Option(help="Who answers; else the default.")] = None,
    send_at: Annotated[
        str | None, typer.Option(help="Not before, as 2026-02-03T12:00:00Z.")
    ] = None,
    domain: Domain = "default",
    data: Data = None,
    json: Json = False,
) -> None:
    """Begin a conversation with a customer.

    Outside WhatsApp's 24-hour window it takes an approved template. It goes through the same
    limits and rules as everything else; a worker must be running. Exit code 1 when the customer
    opted out or is blocked.

    Example: frontdesk start +12345678901 --template appointment_reminder --var 1=Ana --var 2=9:00
    """
    variables = dict(_pair(each) for each in var or ())
    moment = None if send_at is None else _moment(send_at)

    async def action(app: "App", domain_id: UUID) -> "Outreach":
        from frontdesk.outreach.start import StartRequest, StartService

        request = StartRequest(
            phone_number=phone,
            channel=channel,
            type=type_,
            instruction=instruction,
            name=name,
            email=email,
            assistant_id=assistant,
            template=template,
            variables=variables,
            send_at=moment,
        )
        found = await app.domains.get(domain_id)
        return await StartService(app.assistants, app.dispatcher).start(found, request)

    row = act(data, domain, action)
    shown: dict[str, Any] = {
        "call_id": row.outreach_id,
        "channel": row.channel,
        "status": "queued",
    }
    say(json, shown, f"Queued as {row.outreach_id}.")


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise typer.BadParameter(f"--var is {text[:80]!r}; use NAME=VALUE")
    return name.strip(), value


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"--send-at is {text[:80]!r}; use a time as 2026-02-03T12:00:00Z"
        ) from None
