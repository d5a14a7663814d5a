"""`frontdesk channels`: the addresses at which customers write."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from frontdesk.cli.acting import Data, Domain, act
from frontdesk.cli.output import Json, say, show
from frontdesk.kernel.errors import NotFound

if TYPE_CHECKING:
    from uuid import UUID

    from frontdesk.app.wiring import App

app = typer.Typer(
    help="Channels. They are made by a domain's metadata: frontdesk domains metadata put.",
    no_args_is_help=True,
)


@app.command("list")
def list_(domain: Domain = "default", data: Data = None, json: Json = False) -> None:
    """List a domain's channels, and why one that is stopped was stopped.

    Example: frontdesk channels list
    """

    async def action(app: "App", domain_id: "UUID") -> list[Any]:
        return list(await app.channels.of_domain(domain_id))

    columns = ("kind", "address", "carrier", "state", "state_reason", "caught_up_to")
    show(json, act(data, domain, action), columns, "The domain has no channel.")


@app.command()
def resume(
    address: Annotated[str, typer.Argument(help="The channel's number, or its id.")],
    kind: Annotated[str | None, typer.Option(help="wmsg or sms, if both have it.")] = None,
    domain: Domain = "default",
    data: Data = None,
    json: Json = False,
) -> None:
    """Send again on a channel that was stopped, after you mended what stopped it.

    Example: frontdesk channels resume +14155238886
    """

    async def action(app: "App", domain_id: "UUID") -> list[str]:
        rows = [
            row
            for row in await app.channels.of_domain(domain_id)
            if address in (row.address, str(row.channel_id)) and kind in (None, row.kind)
        ]
        if not rows:
            raise NotFound(f"{address} is no channel of {domain}; see: frontdesk channels list")
        for row in rows:
            await app.channels.resume(domain_id, row.channel_id)
        return [row.address for row in rows]

    resumed = act(data, domain, action)
    say(json, {"resumed": resumed}, f"{', '.join(resumed)} sends again.")
