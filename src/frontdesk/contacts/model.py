"""Contacts: what identifies a customer."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Identity:
    """The key a contact is stored under, and the user id that may be recorded with it."""

    address: str
    external_user_id: str | None
