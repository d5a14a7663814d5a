"""What people do with contacts: find, describe, block, and merge those who are one person."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from frontdesk.contacts import model
from frontdesk.contacts._store import cards, finding, opt_outs
from frontdesk.contacts.model import Card, Contact
from frontdesk.db.pool import Connection
from frontdesk.db.tenancy import Database
from frontdesk.domains.model import Caller, check_email
from frontdesk.domains.service import DomainService
from frontdesk.kernel import searching
from frontdesk.kernel.errors import Conflict, Forbidden, NotFound, Unprocessable
from frontdesk.kernel.ids import new_id

CANDIDATES = 400
"""Contacts that are looked at for a part of a name or number."""
MILLISECONDS = 100
"""How long parts are looked for. What begins so is found before, and needs no limit."""
MOST_FOUND = 1_000
"""How far down the list of those found can be paged."""
NUMBER = re.compile(r"\+?[\d\s()./-]+")


@dataclass(frozen=True)
class ContactService:
    domains: DomainService

    @property
    def db(self) -> Database:
        return self.domains.db

    # Reading ----------------------------------------------------------------------------------

    async def domain_of(self, domain_ids: Sequence[UUID], contact_id: UUID) -> UUID:
        """Which of the caller's domains has the contact. Raises NotFound."""
        for domain_id in domain_ids:
            async with self.db.tenant_tx(domain_id) as connection:
                if await cards.one(connection, domain_id, contact_id) is not None:
                    return domain_id
        raise NotFound(f"contact {contact_id} does not exist")

    async def latest(self, domain_id: UUID, before: UUID | None, most: int) -> list[Contact]:
        """Those who came last, first."""
        async with self.db.tenant_tx(domain_id) as connection:
            return await cards.latest(connection, domain_id, before, most)

    async def find(self, domain_id: UUID, text: str, skip: int, most: int) -> list[Contact]:
        """Whose name, number or e-mail begins so; when these are too few, also holds it."""
        typed, wanted = text.strip(), min(skip + most, MOST_FOUND)
        number = _number(typed)
        async with self.db.tenant_tx(domain_id) as connection:
            found = await finding.beginning(
                connection, domain_id, typed.lower(), _address(typed, number), wanted
            )
        if len(found) < wanted:
            known = {each.contact_id for each in found}
            parts = await self._containing(domain_id, number or typed)
            found += [each for each in parts if each.contact_id not in known]
        return found[skip:wanted]

    async def _containing(self, domain_id: UUID, text: str) -> list[Contact]:
        grams = searching.grams(text)
        if not any(len(gram.strip(" =")) >= searching.LEAST_PREFIX for gram in grams):
            return []  # too little to look for: it stands in every second name
        try:
            async with self.db.tenant_tx(domain_id) as connection:
                found = await finding.containing(
                    connection, domain_id, grams, CANDIDATES, MILLISECONDS
                )
        except asyncpg.QueryCanceledError:
            return []
        return sorted(found, key=lambda each: (each.name.lower(), each.contact_id))

    async def card(self, domain_id: UUID, contact_id: UUID) -> Card:
        """The card of the contact, or of the one that it was merged into."""
        async with self.db.tenant_tx(domain_id) as connection:
            return await self._card(connection, domain_id, contact_id)

    # Changing ---------------------------------------------------------------------------------

    async def change(
        self, domain_id: UUID, contact_id: UUID, values: Mapping[str, Any], by: Caller
    ) -> Card:
        """Changes what is given: display_name, email, language (None removes), attributes."""
        checked = _checked(values)
        async with self.db.tenant_tx(domain_id) as connection:
            root = await self._root(connection, domain_id, contact_id, lock=True)
            if checked:
                await cards.update(connection, domain_id, root.contact_id, checked)
                fields = sorted(checked)
                await self._record(connection, domain_id, by, "change", root, fields=fields)
            card = await self._card(connection, domain_id, root.contact_id)
            shown = await cards.conversations(connection, domain_id, card.contact_ids)
        self._tell(domain_id, card, shown)
        return card

    async def set_blocked(
        self, domain_id: UUID, contact_id: UUID, by: Caller, *, blocked: bool
    ) -> Card:
        """Blocks or unblocks the contact with all of its addresses."""
        async with self.db.tenant_tx(domain_id) as connection:
            await cards.lock(connection, domain_id, [contact_id])
            root = await self._root(connection, domain_id, contact_id, lock=True)
            before = await self._card(connection, domain_id, root.contact_id)
            await cards.set_blocked(connection, domain_id, before.contact_ids, blocked=blocked)
            if (root.blocked_at is not None) != blocked:
                action = "block" if blocked else "unblock"
                await self._record(connection, domain_id, by, action, root)
            card = await self._card(connection, domain_id, root.contact_id)
            shown = await cards.conversations(connection, domain_id, card.contact_ids)
        self._tell(domain_id, card, shown)
        return card

    async def set_opted_out(
        self, domain_id: UUID, contact_id: UUID, channel_id: UUID | None, by: Caller, *, out: bool
    ) -> Card:
        """Notes what the customer told a person: not to be written to on a channel, or again.

        Without a channel on all of them: those that the domain will have, too.
        """
        on, reason = channel_id or model.ALL_CHANNELS, f"by {by.name or by.email}"[:200]
        change = opt_outs.opt_out if out else opt_outs.opt_in
        async with self.db.tenant_tx(domain_id) as connection:
            card = await self._card(connection, domain_id, contact_id)
            for each in card.contact_ids:
                await change(connection, domain_id, on, each, reason, "person", by.person_id)
            action = "opt_out" if out else "opt_in"
            where = str(channel_id) if channel_id else None
            await self._record(connection, domain_id, by, action, card.contact, channel_id=where)
            card = await self._card(connection, domain_id, contact_id)
            shown = await cards.conversations(connection, domain_id, card.contact_ids)
        self._tell(domain_id, card, shown)
        self.db.changes.tell_settings(domain_id, "opt_outs", card.contact.contact_id)
        return card

    # Merging ----------------------------------------------------------------------------------

    async def merge(self, domain_id: UUID, contact_id: UUID, into: UUID, by: Caller) -> Card:
        """Makes the contact, with all that were merged into it, a part of another one.

        Nothing of either is changed or lost: `unmerge` takes a contact out again.
        """
        if contact_id == into:
            raise Conflict("a contact cannot be merged into itself; name another one")
        async with self.db.tenant_tx(domain_id) as connection:
            await cards.lock(connection, domain_id, [contact_id, into])
            gone = await self._one(connection, domain_id, contact_id)
            kept = await self._root(connection, domain_id, into, lock=True)
            if gone.merged_into is not None:
                raise Conflict(f"{gone.name} is merged into another contact; take it out first")
            if kept.contact_id == gone.contact_id:
                raise Conflict("the other contact is merged into this one; take it out first")
            if (gone.blocked_at is None) != (kept.blocked_at is None):
                raise Conflict("one of the two is blocked; block or unblock both first")
            group = [gone, *await cards.merged_into(connection, domain_id, gone.contact_id)]
            there = await cards.merged_into(connection, domain_id, kept.contact_id)
            if len(there) + len(group) > model.MOST_MERGED:
                raise Conflict(f"a contact stands for {model.MOST_MERGED} others at most")
            moved = [each.contact_id for each in group]
            await cards.set_merged(connection, domain_id, moved, kept.contact_id)
            await self._record(connection, domain_id, by, "merge", gone, into=str(kept.contact_id))
            card = await self._card(connection, domain_id, kept.contact_id)
            shown = await cards.conversations(connection, domain_id, card.contact_ids)
        self._tell(domain_id, card, shown)
        return card

    async def unmerge(self, domain_id: UUID, contact_id: UUID, by: Caller) -> Card:
        """Takes a contact out of the one that it was merged into."""
        async with self.db.tenant_tx(domain_id) as connection:
            await cards.lock(connection, domain_id, [contact_id])
            contact = await self._one(connection, domain_id, contact_id)
            if contact.merged_into is None:
                raise Conflict(f"{contact.name} is not merged into another contact")
            await cards.set_merged(connection, domain_id, [contact_id], None)
            from_ = str(contact.merged_into)
            await self._record(connection, domain_id, by, "unmerge", contact, out_of=from_)
            card = await self._card(connection, domain_id, contact_id)
            shown = await cards.conversations(connection, domain_id, card.contact_ids)
        self._tell(domain_id, card, shown)
        self.db.changes.tell_settings(domain_id, "contacts", contact.merged_into)
        return card

    # Notes ------------------------------------------------------------------------------------

    async def add_note(
        self, domain_id: UUID, contact_id: UUID, content: str, by: Caller
    ) -> model.Note:
        text, note_id = model.check_note(content), new_id()
        async with self.db.tenant_tx(domain_id) as connection:
            root = await self._root(connection, domain_id, contact_id, lock=True)
            if await cards.count_notes(connection, domain_id, root.contact_id) >= model.MOST_NOTES:
                raise Conflict(f"{root.name} has {model.MOST_NOTES} notes already, the most")
            await cards.insert_note(
                connection, domain_id, note_id, root.contact_id, by.person_id, text
            )
            await self._record(connection, domain_id, by, "note", root)
            note = await cards.note(connection, domain_id, [root.contact_id], note_id)
            assert note is not None
        self.db.changes.tell_settings(domain_id, "contacts", root.contact_id)
        return note

    async def delete_note(
        self, domain_id: UUID, contact_id: UUID, note_id: UUID, by: Caller
    ) -> None:
        """One's own; admins delete anybody's."""
        async with self.db.tenant_tx(domain_id) as connection:
            card = await self._card(connection, domain_id, contact_id)
            note = await cards.note(connection, domain_id, card.contact_ids, note_id)
            if note is None:
                raise NotFound(f"note {note_id} does not exist")
            admin = by.member_of(domain_id).at_least("admin")
            if note.person_id != by.person_id and not admin:
                raise Forbidden("the note is somebody else's; its writer or an admin deletes it")
            await cards.delete_note(connection, domain_id, note_id)
            await self._record(connection, domain_id, by, "note_delete", card.contact)
        self.db.changes.tell_settings(domain_id, "contacts", card.contact.contact_id)

    # Parts ------------------------------------------------------------------------------------

    async def _one(self, connection: Connection, domain_id: UUID, contact_id: UUID) -> Contact:
        contact = await cards.one(connection, domain_id, contact_id)
        if contact is None:
            raise NotFound(f"contact {contact_id} does not exist")
        return contact

    async def _root(
        self, connection: Connection, domain_id: UUID, contact_id: UUID, *, lock: bool = False
    ) -> Contact:
        """The contact itself, or the one that stands for it."""
        contact = await self._one(connection, domain_id, contact_id)
        root_id = contact.merged_into or contact_id
        root = await cards.one(connection, domain_id, root_id, lock=lock)
        if root is None or root.merged_into is not None:
            raise Conflict("the contact was merged at this moment; try again")
        return root

    async def _card(self, connection: Connection, domain_id: UUID, contact_id: UUID) -> Card:
        root = await self._root(connection, domain_id, contact_id)
        merged = await cards.merged_into(connection, domain_id, root.contact_id)
        ids = [root.contact_id, *(each.contact_id for each in merged)]
        return Card(
            root,
            merged,
            await opt_outs.of_contacts(connection, domain_id, ids),
            await cards.notes(connection, domain_id, ids),
        )

    async def _record(
        self,
        connection: Connection,
        domain_id: UUID,
        by: Caller,
        what: str,
        contact: Contact,
        **detail: Any,
    ) -> None:
        await self.domains.record(
            connection, domain_id, by, f"contact.{what}", str(contact.contact_id), **detail
        )

    def _tell(self, domain_id: UUID, card: Card, conversation_ids: Sequence[UUID]) -> None:
        for contact_id in card.contact_ids:
            self.db.changes.tell_settings(domain_id, "contacts", contact_id)
        for conversation_id in conversation_ids:
            self.db.changes.tell(domain_id, conversation_id)


def _number(typed: str) -> str:
    """The digits of what looks like a phone number, or a part of one."""
    if not NUMBER.fullmatch(typed):
        return ""
    return "".join(char for char in typed if char.isdecimal())


def _address(typed: str, number: str) -> str:
    """How an address begins that is meant."""
    if number:
        return f"+{number}"
    return typed if "." in typed else ""  # a WhatsApp user id


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Raises Unprocessable naming the first value that is wrong."""
    checked: dict[str, Any] = {}
    for name, value in values.items():
        if name == "attributes":
            checked[name] = model.check_attributes(value or {})
        elif value is None or not value.strip():
            checked[name] = None
        elif name == "display_name":
            checked[name] = model.check_line(name, value, model.LONGEST_NAME)
        elif name == "email":
            checked[name] = check_email(value)
        elif name == "language":
            checked[name] = model.check_language(value.strip())
        else:
            raise Unprocessable(f"{name[:40]!r} cannot be changed")
    return checked
