"""`frontdesk sandbox` and `frontdesk simulate`: a carrier to try things with, and a customer."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from frontdesk.cli import exits
from frontdesk.cli.output import Json, say

if TYPE_CHECKING:
    from frontdesk.sandbox.client import Location, Reply
    from frontdesk.sandbox.model import SandboxConfig

GRACE_SECONDS = 3


def sandbox(
    port: Annotated[int, typer.Option(help="The port.", min=1, max=65535)] = 1957,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    webhooks: Annotated[
        str,
        typer.Option(help="Where /whatsapp/webhook, /sms/webhook and /meta/webhook are."),
    ] = "http://127.0.0.1:1956",
    number: Annotated[
        list[str] | None,
        typer.Option(help="A business number, such as whatsapp:+14155238886. Repeatable."),
    ] = None,
    meta_number: Annotated[
        list[str] | None,
        typer.Option(help="A WhatsApp number at Meta, such as +16505551111. Repeatable."),
    ] = None,
    journal: Annotated[Path | None, typer.Option(help="A file that keeps the messages.")] = None,
    json: Json = False,
) -> None:
    """Play Twilio and Meta on this machine: their APIs, signed webhooks, a phone on the screen.

    For tests of any program that speaks to Twilio, or to Meta's Cloud API. Twilio's account is
    TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, or one made up and printed, as Meta's always is.
    Stop it with Ctrl-C.

    Example: frontdesk sandbox --port 1957 --number whatsapp:+14155238886

    Example: frontdesk sandbox --meta-number +16505551111
    """
    import asyncio
    import secrets

    from frontdesk.cli.serve import bound
    from frontdesk.sandbox.installed import (
        ACCOUNT,
        NUMBER,
        SMS_NUMBER,
        graph_account,
        graph_metadata,
        graph_numbers,
    )
    from frontdesk.sandbox.model import BusinessNumber, SandboxConfig

    bound(host, port).close()
    account = os.environ.get("TWILIO_ACCOUNT_SID") or ACCOUNT
    token = os.environ.get("TWILIO_AUTH_TOKEN") or secrets.token_hex(16)
    numbers = number or [f"whatsapp:{NUMBER}", SMS_NUMBER]
    own = f"http://{host}:{port}"
    at_meta = graph_account(token)
    numbers_at_meta = graph_numbers(_addresses(meta_number))
    config = SandboxConfig(
        public_url=own,
        accounts={account: token},
        graph_accounts=(at_meta,),
        webhooks=webhooks,
        numbers=(*(BusinessNumber(each) for each in numbers), *numbers_at_meta),
        journal=journal,
    )
    env = {
        "TWILIO_API_BASE_URL": own,
        "TWILIO_ACCOUNT_SID": account,
        "TWILIO_AUTH_TOKEN": token,
    }
    meta = [graph_metadata(at_meta, each, own) for each in numbers_at_meta]
    told = {"phone": f"{own}/sandbox/phone", "env": env, "numbers": numbers, "meta": meta}
    say(json, told, "\n".join(_greeting(f"{own}/sandbox/phone", env, meta)))
    sys.stdout.flush()
    raise typer.Exit(asyncio.run(_serve(config, host, port)))


def _greeting(phone: str, env: dict[str, str], meta: list[dict[str, str]]) -> list[str]:
    lines = [f"The phone: {phone}", "For the program that it plays Twilio for:"]
    lines += [f"  {name}={value}" for name, value in env.items()]
    for metadata in meta:
        lines += ["The metadata of a domain with the number at Meta:"]
        lines += [f"  {name}: {value}" for name, value in metadata.items()]
    return lines


def _addresses(given: list[str] | None) -> list[str]:
    from frontdesk.kernel.phone import parse_address

    return [parse_address(each) for each in given or ()]


def simulate(
    from_: Annotated[str, typer.Option("--from", help="The customer's number.")],
    text: Annotated[str, typer.Argument(help="What the customer writes.")] = "",
    media: Annotated[
        list[Path] | None, typer.Option(help="A file that the customer sends. Repeatable.")
    ] = None,
    location: Annotated[
        str | None, typer.Option(help="A place that the customer sends: LAT,LON[,LABEL].")
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(help="The business's number, at Twilio or Meta; else the sandbox's first."),
    ] = None,
    channel: Annotated[
        Literal["whatsapp", "sms"], typer.Option(help="How the customer writes.")
    ] = "whatsapp",
    url: Annotated[
        str | None, typer.Option(help="The sandbox; else that of `frontdesk up` on this machine.")
    ] = None,
    wait: Annotated[float, typer.Option(help="Seconds to wait for a first reply.", min=0.1)] = 60,
    json: Json = False,
) -> None:
    """Write to the business as a customer, and print the replies.

    Needs `frontdesk up` with its sandbox, or `frontdesk sandbox`. Exit code 1 when no reply came.
    A photo and a voice note are sent as WhatsApp sends them; a text goes with the first photo or
    video, else on its own.

    Example: frontdesk simulate --from +12345678901 "Hello"

    Example: frontdesk simulate --from +12345678901 --media broken.jpg "Can you mend this?"
    """
    from frontdesk.kernel.errors import Invalid
    from frontdesk.kernel.phone import parse_address
    from frontdesk.sandbox.client import parse_location
    from frontdesk.settings import running_port

    data = Path(os.environ.get("FRONTDESK_DATA") or "data")
    port = os.environ.get("FRONTDESK_PORT") or running_port(data)
    base = url or f"http://127.0.0.1:{port}/sandbox"
    business = None
    if to is not None:
        business = parse_address(to)
        business = f"whatsapp:{business}" if channel == "whatsapp" else business
    import asyncio

    if not (text.strip() or media or location):
        raise Invalid("give a text, --media FILE or --location LAT,LON")
    sent = _Sent(text, tuple(media or ()), parse_location(location) if location else None)
    heard = asyncio.run(_converse(base, parse_address(from_), sent, business, channel, wait, json))
    if json:
        say(True, {"replies": heard}, "")
    if not heard:
        exits.complain(f"no reply came within {wait:g} s")
    if not any(reply.error is None for reply in heard):
        raise typer.Exit(exits.FAILED)


@dataclass(frozen=True, slots=True)
class _Sent:
    text: str
    media: "tuple[Path, ...]"
    location: "Location | None"


async def _converse(
    base: str,
    from_: str,
    sent: "_Sent",
    to: str | None,
    channel: Literal["whatsapp", "sms"],
    wait: float,
    quiet: bool,
) -> "list[Reply]":
    from frontdesk.sandbox.client import converse

    heard: list[Reply] = []
    async for reply in converse(
        base,
        from_,
        sent.text,
        to=to,
        channel=channel,
        media=sent.media,
        location=sent.location,
        patience=wait,
    ):
        heard.append(reply)
        if quiet:
            continue
        if reply.error is not None:
            exits.complain(f"a reply did not arrive ({reply.status}): {reply.error}")
        else:
            typer.echo(reply.body)
            sys.stdout.flush()
    return heard


async def _serve(config: "SandboxConfig", host: str, port: int) -> int:
    from frontdesk.cli.http import Http
    from frontdesk.cli.serve import bound
    from frontdesk.cli.signals import stopping
    from frontdesk.sandbox.app import build, exchange_of

    app = build(config)
    with bound(host, port) as listening:
        async with stopping() as stop:
            http = Http(app, exchange_of(app).end_streams, GRACE_SECONDS)
            return await http.serve_until(stop, listening)
