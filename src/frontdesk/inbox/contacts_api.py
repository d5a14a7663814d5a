"""Contacts over HTTP: the list, and the card with everything that is known of one."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from frontdesk.channels.service import ChannelService
from frontdesk.contacts.cards import MOST_FOUND, ContactService
from frontdesk.contacts.model import ALL_CHANNELS, Card, Contact, Note
from frontdesk.conversations.reading import ReadingService
from frontdesk.conversations.shapes import (
    ConversationOut,
    Page,
    PersonRefOut,
    conversation_out,
)
from frontdesk.domains.auth import CallerDep
from frontdesk.domains.model import Caller
from frontdesk.kernel.clock import iso
from frontdesk.kernel.errors import Unprocessable
from frontdesk.kernel.phone import country_of
from frontdesk.ports import Carrier, ChannelKind
from frontdesk.web.typed import Typed

router = APIRouter(prefix="/api/v1/contacts", tags=["contacts"])

MOST_LISTED = 100
EXAMPLE = "0197f3a2-7c3e-7d7a-9a51-3f6f1c2b4d5e"
CURSOR = re.compile(r"(?:after:([0-9a-f-]{36})|skip:([0-9]{1,4}))")

DomainName = Annotated[str | None, Query(alias="domain", examples=["default"])]


class ContactRowOut(BaseModel):
    contact_id: str
    display_name: str = Field(description="The number where no name is known", examples=["Ana"])
    address: str = Field(examples=["+1234567890"])
    email: str | None = Field(examples=["ana@example.com"])
    blocked: bool
    created_at: str

    @classmethod
    def of(cls, contact: Contact) -> "ContactRowOut":
        return cls(
            contact_id=str(contact.contact_id),
            display_name=contact.name,
            address=contact.address,
            email=contact.email,
            blocked=contact.blocked_at is not None,
            created_at=iso(contact.created_at) or "",
        )


class AddressOut(BaseModel):
    address: str = Field(examples=["+34600000000"])
    contact_id: str = Field(description="Whose it was before contacts were merged")
    country: str | None = Field(description="ISO 3166, by the number", examples=["ES"])


class OptOutOut(BaseModel):
    channel_id: str | None = Field(description="Null: all of the domain's channels")
    channel: ChannelKind | None = Field(examples=["wmsg"])
    channel_address: str | None = Field(examples=["+14155238886"])
    reason: str = Field(description="The word or the carrier's code", examples=["STOP"])
    at: str


class ContactNoteOut(BaseModel):
    note_id: str
    content: str = Field(examples=["Prefers to be called in the morning"])
    person: PersonRefOut | None
    created_at: str

    @classmethod
    def of(cls, note: Note) -> "ContactNoteOut":
        person = None
        if note.person_id is not None and note.person_email is not None:
            person = PersonRefOut(
                person_id=str(note.person_id), name=note.person_name or "", email=note.person_email
            )
        return cls(
            note_id=str(note.note_id),
            content=note.content,
            person=person,
            created_at=iso(note.created_at) or "",
        )


class MergedOut(BaseModel):
    contact_id: str
    display_name: str = Field(examples=["Ana"])
    address: str = Field(examples=["+1234567890"])

    @classmethod
    def of(cls, contact: Contact) -> "MergedOut":
        return cls(
            contact_id=str(contact.contact_id), display_name=contact.name, address=contact.address
        )


class ContactOut(BaseModel):
    contact_id: str
    display_name: str = Field(description="The number where no name is known", examples=["Ana"])
    addresses: list[AddressOut] = Field(description="The contact's own, then those merged into it")
    email: str | None = Field(examples=["ana@example.com"])
    language: str | None = Field(examples=["es"])
    attributes: dict[str, str] = Field(examples=[{"Customer number": "4711"}])
    blocked_at: str | None
    opt_outs: list[OptOutOut]
    notes: list[ContactNoteOut] = Field(description="The latest first")
    conversations: list[ConversationOut] = Field(description="The latest active first, up to 50")
    merged: list[MergedOut]
    created_at: str


class ContactChange(BaseModel):
    """What is given is changed; null removes it, and of a name brings back the carrier's."""

    display_name: str | None = Field(None, max_length=400, examples=["Ana Gómez"])
    email: str | None = Field(None, max_length=254, examples=["ana@example.com"])
    language: str | None = Field(None, max_length=40, examples=["es"])
    attributes: dict[str, str] | None = Field(
        None, description="All of them", examples=[{"Customer number": "4711"}]
    )


class NoteCreate(BaseModel):
    content: str = Field(max_length=10_000, examples=["Prefers to be called in the morning"])


class Merge(BaseModel):
    into: UUID = Field(description="The contact that stays", examples=[EXAMPLE])


class OnChannel(BaseModel):
    channel_id: UUID | None = Field(
        None, description="Null: all of the domain's channels", examples=[EXAMPLE]
    )


def service(request: Request) -> ContactService:
    return request.app.state.contacts


async def _domain(request: Request, caller: Caller, contact_id: UUID) -> UUID:
    """The domain of a contact that the caller may change."""
    domain_id = await service(request).domain_of(caller.domain_ids, contact_id)
    caller.member_of(domain_id, "agent")
    return domain_id


async def _out(request: Request, caller: Caller, domain_id: UUID, card: Card) -> ContactOut:
    reading: ReadingService = request.app.state.reading
    carriers: Mapping[str, Carrier] = request.app.state.carriers
    rows = await reading.of_contacts(domain_id, card.contact_ids, caller.person_id)
    contact = card.contact
    return ContactOut(
        contact_id=str(contact.contact_id),
        display_name=contact.name,
        addresses=[
            AddressOut(
                address=each.address,
                contact_id=str(each.contact_id),
                country=country_of(each.address),
            )
            for each in (contact, *card.merged)
        ],
        email=contact.email,
        language=contact.language,
        attributes=contact.attributes,
        blocked_at=iso(contact.blocked_at),
        opt_outs=[
            OptOutOut(
                channel_id=None if each.channel_id == ALL_CHANNELS else str(each.channel_id),
                channel=each.channel,
                channel_address=each.channel_address,
                reason=each.reason,
                at=iso(each.at) or "",
            )
            for each in card.opt_outs
        ],
        notes=[ContactNoteOut.of(note) for note in card.notes],
        conversations=[conversation_out(row, carriers) for row in rows],
        merged=[MergedOut.of(each) for each in card.merged],
        created_at=iso(contact.created_at) or "",
    )


@router.get("")
async def list_contacts(
    request: Request,
    caller: CallerDep,
    domain: DomainName = None,
    q: Annotated[
        Typed | None, Query(max_length=200, description="In names, numbers and e-mails")
    ] = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_LISTED)] = 50,
) -> Page[ContactRowOut]:
    """Who came last first; with `q` first those whose name, number or e-mail begins so."""
    domain_id = caller.domain(domain).domain_id
    after, skip = _read_cursor(cursor)
    text = (q or "").strip()
    if text:
        found = await service(request).find(domain_id, text, skip, limit + 1)
        following = f"skip:{skip + limit}" if skip + limit < MOST_FOUND else None
    else:
        found = await service(request).latest(domain_id, after, limit + 1)
        following = f"after:{found[limit - 1].contact_id}" if len(found) > limit else None
    more = following is not None and len(found) > limit
    return Page[ContactRowOut](
        items=[ContactRowOut.of(contact) for contact in found[:limit]],
        next=_written(following) if more and following else None,
    )


def _written(cursor: str) -> str:
    return urlsafe_b64encode(cursor.encode()).decode().rstrip("=")


def _read_cursor(cursor: str | None) -> tuple[UUID | None, int]:
    """After whom the page begins, or how many it leaves out. Raises Unprocessable."""
    if not cursor:
        return None, 0
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        match = CURSOR.fullmatch(text)
        if match is not None:
            return (UUID(match[1]), 0) if match[1] else (None, int(match[2]))
    except ValueError:
        pass
    raise Unprocessable(f"cursor {cursor[:80]!r} is not one that a page gave as next")


@router.get("/{contact_id}")
async def get_contact(request: Request, caller: CallerDep, contact_id: UUID) -> ContactOut:
    """The card; of a contact that was merged into another one, the other one's."""
    domain_id = await service(request).domain_of(caller.domain_ids, contact_id)
    card = await service(request).card(domain_id, contact_id)
    return await _out(request, caller, domain_id, card)


@router.patch("/{contact_id}")
async def change_contact(
    request: Request, caller: CallerDep, contact_id: UUID, body: ContactChange
) -> ContactOut:
    domain_id = await _domain(request, caller, contact_id)
    values: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
    card = await service(request).change(domain_id, contact_id, values, caller)
    return await _out(request, caller, domain_id, card)


@router.post("/{contact_id}/notes", status_code=201)
async def add_note(
    request: Request, caller: CallerDep, contact_id: UUID, body: NoteCreate
) -> ContactNoteOut:
    """A note for the business's people; the customer never sees it."""
    domain_id = await _domain(request, caller, contact_id)
    note = await service(request).add_note(domain_id, contact_id, body.content, caller)
    return ContactNoteOut.of(note)


@router.delete("/{contact_id}/notes/{note_id}", status_code=204)
async def delete_note(request: Request, caller: CallerDep, contact_id: UUID, note_id: UUID) -> None:
    """One's own note; admins delete anybody's."""
    domain_id = await _domain(request, caller, contact_id)
    await service(request).delete_note(domain_id, contact_id, note_id, caller)


@router.post("/{contact_id}/block")
async def block(request: Request, caller: CallerDep, contact_id: UUID) -> ContactOut:
    """The contact's messages are kept out of the way: no answer, no place in lists."""
    domain_id = await _domain(request, caller, contact_id)
    card = await service(request).set_blocked(domain_id, contact_id, caller, blocked=True)
    return await _out(request, caller, domain_id, card)


@router.post("/{contact_id}/unblock")
async def unblock(request: Request, caller: CallerDep, contact_id: UUID) -> ContactOut:
    domain_id = await _domain(request, caller, contact_id)
    card = await service(request).set_blocked(domain_id, contact_id, caller, blocked=False)
    return await _out(request, caller, domain_id, card)


@router.post("/{contact_id}/merge")
async def merge(request: Request, caller: CallerDep, contact_id: UUID, body: Merge) -> ContactOut:
    """Makes the contact a part of another one, whose card is returned. `unmerge` undoes it."""
    domain_id = await _domain(request, caller, contact_id)
    card = await service(request).merge(domain_id, contact_id, body.into, caller)
    return await _out(request, caller, domain_id, card)


@router.post("/{contact_id}/unmerge")
async def unmerge(request: Request, caller: CallerDep, contact_id: UUID) -> ContactOut:
    """Takes a contact out of the one that it was merged into; its own card is returned."""
    domain_id = await _domain(request, caller, contact_id)
    card = await service(request).unmerge(domain_id, contact_id, caller)
    return await _out(request, caller, domain_id, card)


@router.post("/{contact_id}/opt-out")
async def opt_out(
    request: Request, caller: CallerDep, contact_id: UUID, body: OnChannel
) -> ContactOut:
    """Nothing is sent to the customer on the channel any more, or on any."""
    return await _opted(request, caller, contact_id, body, out=True)


@router.post("/{contact_id}/opt-in")
async def opt_in(
    request: Request, caller: CallerDep, contact_id: UUID, body: OnChannel
) -> ContactOut:
    """The customer agreed to be written to again. Who agreed to what is in the audit log."""
    return await _opted(request, caller, contact_id, body, out=False)


async def _opted(
    request: Request, caller: Caller, contact_id: UUID, body: OnChannel, *, out: bool
) -> ContactOut:
    domain_id = await _domain(request, caller, contact_id)
    if body.channel_id is not None:
        channels: ChannelService = request.app.state.channels
        await channels.of_caller([domain_id], body.channel_id)
    card = await service(request).set_opted_out(
        domain_id, contact_id, body.channel_id, caller, out=out
    )
    return await _out(request, caller, domain_id, card)
