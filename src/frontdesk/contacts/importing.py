"""Contacts that people bring in: made where they are not known, else filled in.

These functions run inside their caller's transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from frontdesk.contacts._store import importing
from frontdesk.contacts._store.importing import Stored
from frontdesk.contacts.model import MOST_ATTRIBUTES
from frontdesk.db.pool import Connection
from frontdesk.kernel.ids import new_id
from frontdesk.kernel.phone import variants


@dataclass(frozen=True, slots=True)
class Given:
    """A contact as somebody has it. What is None or missing changes nothing."""

    address: str
    name: str | None = None
    email: str | None = None
    language: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(slots=True)
class Imported:
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    contact_ids: list[UUID] = field(default_factory=list[UUID])
    """Of all of them; empty when nothing was to be written."""


async def bring_in(
    connection: Connection, domain_id: UUID, given: Sequence[Given], *, dry_run: bool = False
) -> Imported:
    """Each address once: the exact one is looked for, then its other spellings.

    With `dry_run` nothing is written, and what would be is counted.
    """
    spellings = {each.address: (each.address, *variants(each.address)) for each in given}
    asked = sorted({spelling for each in spellings.values() for spelling in each})
    known = await importing.known(connection, domain_id, asked, lock=not dry_run)
    done = Imported()
    added: dict[str, Stored] = {}
    changed: dict[UUID, Stored] = {}
    for each in given:
        stored = next((known[at] for at in spellings[each.address] if at in known), None)
        if stored is None:
            made = Stored(new_id(), each.address, None, None, None, {})
            added[each.address] = _with(made, each)
            continue
        done.contact_ids.append(stored.contact_id)
        if (filled := _with(stored, each)) == stored:
            done.unchanged += 1
        else:
            changed[stored.contact_id] = filled
    done.added, done.changed = len(added), len(changed)
    if dry_run:
        done.contact_ids.clear()
        return done
    if changed:
        await importing.update(connection, domain_id, list(changed.values()))
    if added:
        ids = await importing.insert(connection, domain_id, list(added.values()))
        done.contact_ids.extend(ids.values())
    return done


def _with(stored: Stored, given: Given) -> Stored:
    attributes = {**stored.attributes, **given.attributes}
    return replace(
        stored,
        name=given.name or stored.name,
        email=given.email or stored.email,
        language=given.language or stored.language,
        attributes=dict(list(attributes.items())[:MOST_ATTRIBUTES]),
    )
