"""`frontdesk people` and `frontdesk tokens`: who may do what, and with which token."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from frontdesk.cli.acting import Data, Domain, act
from frontdesk.cli.output import Json, say, show

if TYPE_CHECKING:
    from frontdesk.app.wiring import App

people = typer.Typer(help="The people of a domain and their roles.", no_args_is_help=True)
tokens = typer.Typer(help="API tokens of a domain's people.", no_args_is_help=True)

Role = Annotated[str, typer.Option(help="owner, admin, agent or viewer.")]


@people.command("list")
def list_people(domain: Domain = "default", data: Data = None, json: Json = False) -> None:
    """List a domain's people.

    Example: frontdesk people list --domain bakery
    """

    async def action(app: "App", domain_id: UUID) -> list[Any]:
        return list(await app.domains.people(domain_id))

    columns = ("email", "name", "role", "created_at")
    show(json, act(data, domain, action), columns, "The domain has nobody.")


@people.command("add")
def add_person(
    email: str,
    role: Role = "agent",
    name: Annotated[str, typer.Option(help="As colleagues read it.")] = "",
    domain: Domain = "default",
    data: Data = None,
    json: Json = False,
) -> None:
    """Add a person.

    Example: frontdesk people add ana@example.com --role admin --name Ana
    """

    async def action(app: "App", domain_id: UUID) -> Any:
        return await app.domains.add_person(domain_id, email, name, role)

    say(json, act(data, domain, action), f"{email} is {role} of {domain}.")


@people.command("role")
def change_role(
    email: str, role: str, domain: Domain = "default", data: Data = None, json: Json = False
) -> None:
    """Change a person's role: owner, admin, agent or viewer.

    Example: frontdesk people role ana@example.com owner
    """

    async def action(app: "App", domain_id: UUID) -> Any:
        return await app.domains.change_role(domain_id, email, role)

    say(json, act(data, domain, action), f"{email} is {role} of {domain}.")


@people.command("remove")
def remove_person(
    email: str, domain: Domain = "default", data: Data = None, json: Json = False
) -> None:
    """Remove a person, and with them their tokens.

    Example: frontdesk people remove ana@example.com
    """

    async def action(app: "App", domain_id: UUID) -> None:
        await app.domains.remove_person(domain_id, email)

    act(data, domain, action)
    say(json, {"removed": email}, f"{email} is no longer of {domain}.")


@people.command("sign-in")
def sign_in(
    email: Annotated[
        str, typer.Argument(help="Who signs in; the domain's first owner by default.")
    ] = "",
    port: Annotated[
        int | None, typer.Option(help="Of the web process; else FRONTDESK_PORT, else 1956.")
    ] = None,
    domain: Domain = "default",
    data: Data = None,
    json: Json = False,
) -> None:
    """Print a link that signs a person in: once, within 15 minutes.

    Who forgot their password may set a new one in the 10 minutes after it.

    Hand it over as you would a password. It begins with FRONTDESK_PUBLIC_URL.

    Example: frontdesk people sign-in ana@example.com
    """

    async def action(app: "App", domain_id: UUID) -> str:
        return await app.domains.sign_in_link(domain_id, email, app.settings.public_url)

    link = act(data, domain, action, port)
    say(json, {"sign_in": link, "domain": domain}, link)


@tokens.command("list")
def list_tokens(domain: Domain = "default", data: Data = None, json: Json = False) -> None:
    """List the tokens by name; the tokens themselves are not kept.

    Example: frontdesk tokens list
    """

    async def action(app: "App", domain_id: UUID) -> list[Any]:
        return list(await app.domains.tokens(domain_id))

    columns = ("token_id", "email", "name", "expires_at", "last_used_at")
    show(json, act(data, domain, action), columns, "The domain has no token.")


@tokens.command("add")
def add_token(
    email: Annotated[str, typer.Argument(help="Whose token; the first owner's by default.")] = "",
    name: Annotated[str, typer.Option(help="What it is for.")] = "",
    days: Annotated[int | None, typer.Option(help="Valid for so many days.", min=1)] = None,
    domain: Domain = "default",
    data: Data = None,
    json: Json = False,
) -> None:
    """Make a token for a person and print it, this once.

    Example: frontdesk tokens add ana@example.com --name reports --days 90
    """
    from frontdesk.domains.service import OWNER_EMAIL

    whose = email or OWNER_EMAIL
    expires_at = None if days is None else datetime.now(UTC) + timedelta(days=days)

    async def action(app: "App", domain_id: UUID) -> str:
        return await app.domains.issue_token(domain_id, whose, name, expires_at)

    token = act(data, domain, action)
    say(json, {"token": token, "email": whose, "name": name, "expires_at": expires_at}, token)


@tokens.command("revoke")
def revoke_token(
    token_id: Annotated[UUID, typer.Argument(help="From: frontdesk tokens list")],
    domain: Domain = "default",
    data: Data = None,
    json: Json = False,
) -> None:
    """Revoke a token; whoever uses it is refused at once.

    Example: frontdesk tokens revoke 0198c0de-0000-7000-8000-000000000000
    """

    async def action(app: "App", domain_id: UUID) -> None:
        await app.domains.revoke_token(domain_id, token_id)

    act(data, domain, action)
    say(json, {"revoked": token_id}, "Revoked.")
