"""Mailboxes that are read, over HTTP."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from frontdesk.conversations.shapes import Page
from frontdesk.domains.auth import CallerDep
from frontdesk.kernel.clock import iso
from frontdesk.kernel.errors import Unprocessable
from frontdesk.outreach.email.configs import EmailPullService
from frontdesk.outreach.email.model import PullConfig, PulledEmail
from frontdesk.web.paging import MOST

router = APIRouter(prefix="/api/v1/email-pulls", tags=["email-pulls"])

DomainName = Annotated[str | None, Query(alias="domain", examples=["default"])]
Security = Literal["tls", "starttls", "none"]
Kind = Literal["wmsg", "sms", "phone", "wvoice"]
PullState = Literal["active", "stopped"]
EmailStatus = Literal["waiting", "done", "ignored", "failed"]


class _Settings(BaseModel):
    """What a mailbox is set to; what is left out has its default, or stays."""

    port: int = Field(993, ge=1, le=65_535, examples=[993])
    security: Security = Field("tls", description="none: for hosts that the server trusts only")
    folder: str = Field("INBOX", max_length=255, examples=["INBOX"])
    search: str = Field(
        "UNSEEN", max_length=500, description="IMAP's search keys", examples=["UNSEEN"]
    )
    channel_id: UUID | None = Field(None, description="null: the domain's first of the kind")
    type: str = Field("informational", max_length=60, examples=["informational"])
    instruction: str | None = Field(
        None, max_length=4_000, examples=["Answer the enquiry and offer an appointment"]
    )
    template_id: UUID | None = None
    variables: dict[str, Any] = Field(
        default_factory=dict[str, Any],
        description="Template variable → a text, {value: text}, or {column: subject | name | "
        "email | phone_number}",
        examples=[{}],
    )
    assistant_id: str | None = Field(None, max_length=64)
    phone_rules: list[str] = Field(
        default_factory=list[str],
        description="Regular expressions with a group (?P<phone>…), tried on the text, the "
        "subject and each header as a line Name: value",
        examples=[["Callback number: (?P<phone>[+0-9 ]+)"]],
    )
    ask_assistant: bool = Field(False, description="For the number, where no rule finds it")
    mark_seen: bool = Field(True, description="Whether what was taken over is marked as read")
    every_minutes: int = Field(5, ge=1, le=10_080, examples=[5])
    state: PullState = "active"


class EmailPullCreate(_Settings):
    name: str = Field(max_length=100, examples=["Enquiries"])
    host: str = Field(max_length=253, examples=["imap.example.com"])
    username: str = Field(max_length=254, examples=["enquiries@example.com"])
    # Any: an error about a wrong type would repeat the value.
    password: Any = Field(description="Kept encrypted, never shown", examples=["app-password"])
    default_channel: Kind = Field(examples=["wmsg"])


class EmailPullChange(_Settings):
    name: str = Field("", max_length=100, examples=["Enquiries"])
    host: str = Field("", max_length=253, examples=["imap.example.com"])
    username: str = Field("", max_length=254, examples=["enquiries@example.com"])
    password: Any = Field(None, description="Left out: it stays", examples=["app-password"])
    default_channel: Kind = Field("wmsg", examples=["wmsg"])


class EmailPullTest(EmailPullChange):
    config_id: UUID | None = Field(None, description="What is left out comes from this mailbox")


class EmailPullOut(BaseModel):
    config_id: str
    name: str = Field(examples=["Enquiries"])
    host: str = Field(examples=["imap.example.com"])
    port: int
    security: Security
    username: str
    folder: str
    search: str
    default_channel: Kind
    channel_id: str | None
    type: str
    instruction: str | None
    template_id: str | None
    variables: dict[str, Any]
    assistant_id: str | None
    phone_rules: list[str]
    ask_assistant: bool
    mark_seen: bool
    every_minutes: int
    state: PullState
    next_at: str | None
    pulled_at: str | None = Field(description="When the mailbox was last read to its end")
    error: str | None = Field(description="Why it could not be read the last time")

    @classmethod
    def of(cls, config: PullConfig) -> "EmailPullOut":
        names = cls.model_fields.keys() & PullConfig.__dataclass_fields__.keys()
        values = {name: getattr(config, name) for name in names}
        return cls.model_validate(
            {
                **values,
                "config_id": str(config.config_id),
                "type": config.call_type,
                "channel_id": config.channel_id and str(config.channel_id),
                "template_id": config.template_id and str(config.template_id),
                "next_at": iso(config.next_at) if config.state == "active" else None,
                "pulled_at": iso(config.pulled_at),
            }
        )


class MailboxTestOut(BaseModel):
    ok: bool = Field(examples=[True])
    folders: list[str] = Field(examples=[["INBOX", "Archive"]])
    matching: int | None = Field(description="Messages that the search finds", examples=[12])
    problem: str | None


class PulledEmailOut(BaseModel):
    email_id: str
    sender: str = Field(examples=["Ana <ana@example.com>"])
    subject: str = Field(examples=["An appointment"])
    status: EmailStatus
    reason: str | None
    call_id: str | None = Field(description="The outreach that it became")
    sent_at: str | None
    at: str

    @classmethod
    def of(cls, email: PulledEmail) -> "PulledEmailOut":
        return cls(
            email_id=str(email.email_id),
            sender=email.sender,
            subject=email.subject,
            status=email.status,
            reason=email.reason,
            call_id=email.outreach_id and str(email.outreach_id),
            sent_at=iso(email.sent_at),
            at=iso(email.at) or "",
        )


def service(request: Request) -> EmailPullService:
    return request.app.state.email_pulls


def _values(body: BaseModel, *, given_only: bool) -> dict[str, Any]:
    names = body.model_fields_set if given_only else set(type(body).model_fields)
    values = {name: getattr(body, name) for name in names if name != "config_id"}
    if "type" in values:
        values["call_type"] = values.pop("type")
    return values


@router.get("")
async def list_email_pulls(
    request: Request, caller: CallerDep, domain: DomainName = None
) -> Page[EmailPullOut]:
    found = await service(request).all_of(caller.domain(domain).domain_id)
    return Page[EmailPullOut](items=[EmailPullOut.of(each) for each in found])


@router.post("", status_code=201)
async def create_email_pull(
    request: Request, caller: CallerDep, body: EmailPullCreate, domain: DomainName = None
) -> EmailPullOut:
    """Reads a mailbox from now on: each message that is found becomes outreach, once."""
    domain_id = caller.domain(domain, "admin").domain_id
    values = _values(body, given_only=False)
    return EmailPullOut.of(await service(request).create(domain_id, values, caller))


@router.post("/test")
async def try_email_pull(
    request: Request, caller: CallerDep, body: EmailPullTest, domain: DomainName = None
) -> MailboxTestOut:
    """Signs in and counts what the search finds; changes nothing in the mailbox."""
    if body.config_id is not None and domain is None:
        domain_id = await service(request).domain_of(caller.domain_ids, body.config_id)
        caller.member_of(domain_id, "admin")
    else:
        domain_id = caller.domain(domain, "admin").domain_id
    values = _values(body, given_only=True)
    trial = await service(request).try_out(domain_id, body.config_id, values)
    return MailboxTestOut(
        ok=trial.ok, folders=list(trial.folders), matching=trial.matching, problem=trial.problem
    )


@router.patch("/{config_id}")
async def change_email_pull(
    request: Request, caller: CallerDep, config_id: UUID, body: EmailPullChange
) -> EmailPullOut:
    """Changes what is given. A change of host, port or security needs the password again."""
    domain_id = await _domain(request, caller, config_id)
    values = _values(body, given_only=True)
    return EmailPullOut.of(await service(request).change(domain_id, config_id, values, caller))


@router.delete("/{config_id}", status_code=204)
async def delete_email_pull(request: Request, caller: CallerDep, config_id: UUID) -> None:
    """The mailbox is read no more; what it began goes on."""
    domain_id = await _domain(request, caller, config_id)
    await service(request).delete(domain_id, config_id, caller)


@router.post("/{config_id}/pull", status_code=202)
async def pull_now(request: Request, caller: CallerDep, config_id: UUID) -> EmailPullOut:
    """Has the mailbox read at once. 409 when it is stopped."""
    domain_id = await _domain(request, caller, config_id)
    return EmailPullOut.of(await service(request).pull_soon(domain_id, config_id))


@router.get("/{config_id}/emails")
async def list_pulled_emails(
    request: Request,
    caller: CallerDep,
    config_id: UUID,
    status: EmailStatus | None = None,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
) -> Page[PulledEmailOut]:
    """What was read, the latest first, with what became of it."""
    domain_id = await service(request).domain_of(caller.domain_ids, config_id)
    before = _cursor(cursor)
    found = await service(request).emails(domain_id, config_id, status, before, limit + 1)
    following = str(found[limit - 1].email_id) if len(found) > limit else None
    items = [PulledEmailOut.of(each) for each in found[:limit]]
    return Page[PulledEmailOut](items=items, next=following)


@router.post("/{config_id}/emails/{email_id}/retry", status_code=202)
async def retry_email(request: Request, caller: CallerDep, config_id: UUID, email_id: UUID) -> None:
    """Has a message that failed read once more. 409 for one that is done."""
    domain_id = await _domain(request, caller, config_id)
    await service(request).retry(domain_id, config_id, email_id)


async def _domain(request: Request, caller: CallerDep, config_id: UUID) -> UUID:
    domain_id = await service(request).domain_of(caller.domain_ids, config_id)
    caller.member_of(domain_id, "admin")
    return domain_id


def _cursor(cursor: str | None) -> UUID | None:
    try:
        return UUID(cursor) if cursor else None
    except ValueError:
        raise Unprocessable(
            f"cursor {(cursor or '')[:80]!r} is not one that a page gave as next"
        ) from None
