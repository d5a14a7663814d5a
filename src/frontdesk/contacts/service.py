"""Contacts: which one a number or user id belongs to, and who must not be written to.

These functions run inside their caller's transaction: they are steps of taking in a message.
"""

from uuid import UUID

from frontdesk.contacts._store import identity, opt_outs
from frontdesk.contacts.model import Identity
from frontdesk.db.pool import Connection
from frontdesk.kernel.phone import variants

opt_in = opt_outs.opt_in
opt_out = opt_outs.opt_out
ask_to_opt_in = opt_outs.ask
asked_at = opt_outs.asked_at


def needs_look_up(address: str, external_user_id: str | None) -> bool:
    """Whether the address may be stored under another spelling or a user id."""
    return external_user_id is not None or bool(variants(address))


async def identify(
    connection: Connection, domain_id: UUID, address: str, external_user_id: str | None
) -> Identity:
    """Finds the contact that is meant; two contacts are never merged here.

    The exact address wins, then its other spelling, then the user id. A user id that already
    belongs to a contact stays with that contact.
    """
    spellings = (address, *variants(address))
    known = await identity.known_as(connection, domain_id, spellings, external_user_id)
    by_address = {row[0]: row[1] for row in known}
    for spelling in spellings:
        if spelling in by_address:
            taken = any(user == external_user_id for key, user in known if key != spelling)
            return Identity(spelling, None if taken else external_user_id)
    for stored, user in known:
        if user is not None and user == external_user_id:
            return Identity(stored, user)
    return Identity(address, external_user_id)
