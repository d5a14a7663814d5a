"""Puts openings into their threads: contacts, conversations, messages, lanes. Set by set."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from frontdesk.conversations.composing import pointers
from frontdesk.db.pool import Connection
from frontdesk.kernel.ids import new_id
from frontdesk.kernel.phone import variants
from frontdesk.media import service as media
from frontdesk.outreach._store import places
from frontdesk.outreach._store.places import Newcomer, Part
from frontdesk.outreach.composing import Opening


@dataclass(frozen=True, slots=True)
class Placed:
    contact_id: UUID
    conversation_id: UUID
    message_ids: list[UUID]


def spellings(address: str) -> tuple[str, ...]:
    """The address, then how the same line may be known, too."""
    return (address, *variants(address))


async def put(
    connection: Connection, domain_id: UUID, openings: Sequence[Opening]
) -> dict[UUID, Placed]:
    """Where each opening is now, by its key. Locks contacts first, then conversations."""
    contacts = await _contacts(connection, domain_id, openings)
    parts = [part for opening in openings for part in _parts(opening, contacts[opening.key])]
    conversations = await places.append(connection, domain_id, new_id(), parts)
    await media.adopt(
        connection,
        domain_id,
        {
            message_id: (conversations[message_id], [each.media_id for each in files])
            for opening in openings
            for message_id, files in zip(opening.message_ids, opening.content.files, strict=False)
        },
    )
    return {
        opening.key: Placed(
            contacts[opening.key], conversations[opening.message_id], opening.message_ids
        )
        for opening in openings
    }


async def _contacts(
    connection: Connection, domain_id: UUID, openings: Sequence[Opening]
) -> dict[UUID, UUID]:
    """Whose each opening is, by its key; who is not known yet becomes a contact."""
    newcomers: dict[str, Newcomer] = {}
    known_as: dict[str, str] = {}
    for opening in (each for each in openings if each.place.contact_id is None):
        all_spellings = spellings(opening.address)
        same = next((known_as[each] for each in all_spellings if each in known_as), None)
        if same is None:
            newcomers[opening.address] = Newcomer(
                new_id(), opening.address, opening.name, opening.email
            )
            same = opening.address
        known_as.update(dict.fromkeys(all_spellings, same))
    added = await places.add_contacts(connection, domain_id, list(newcomers.values()))
    lacking = [
        (opening.place.contact_id, opening.name, opening.email)
        for opening in openings
        if opening.place.contact_id is not None
        and (
            (opening.name and not opening.place.named)
            or (opening.email and not opening.place.has_email)
        )
    ]
    await places.describe_contacts(connection, domain_id, lacking)
    return {
        opening.key: opening.place.contact_id or added[known_as[opening.address]]
        for opening in openings
    }


def _parts(opening: Opening, contact_id: UUID) -> Iterable[Part]:
    conversation_id = opening.place.conversation_id or new_id()
    content = opening.content
    for number, text in enumerate(content.texts):
        files = content.files[number] if content.files else ()
        structured = {**((number == 0 and content.structured) or {}), **(pointers(files) or {})}
        yield Part(
            contact_id=contact_id,
            channel_id=opening.channel.channel_id,
            conversation_id=conversation_id,
            address=opening.place.conversation_address or opening.address,
            assistant_id=opening.assistant_id,
            state=opening.begun_as,
            message_id=opening.message_ids[number],
            kind=files[0].kind if files else content.kind if number == 0 else "text",
            source=opening.source,
            content=text,
            structured=structured or None,
            part=number,
            trace_id=opening.message_id,
        )
