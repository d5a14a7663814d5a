"""The SQL of contacts that are brought in by people, many at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from frontdesk.db.pool import Connection

# A contact that came meanwhile is locked and told, so that none is made twice.
INSERT = """
INSERT INTO contacts (
    domain_id, contact_id, address, display_name, email, language, attributes, named_by_people
)
SELECT $1, n.contact_id, n.address, n.name, n.email, n.language, n.attributes, n.name IS NOT NULL
FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::jsonb[])
    AS n (contact_id, address, name, email, language, attributes)
ORDER BY n.address
ON CONFLICT (address, domain_id) DO UPDATE SET address = EXCLUDED.address
RETURNING address, contact_id
"""

UPDATE = """
UPDATE contacts c SET display_name = n.name, email = n.email, language = n.language,
    attributes = n.attributes,
    named_by_people = c.named_by_people OR n.name IS DISTINCT FROM c.display_name
FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::jsonb[])
    AS n (contact_id, name, email, language, attributes)
WHERE c.domain_id = $1 AND c.contact_id = n.contact_id
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """What is known of a contact."""

    contact_id: UUID
    address: str
    name: str | None
    email: str | None
    language: str | None
    attributes: Mapping[str, str]


async def known(
    connection: Connection, domain_id: UUID, addresses: Sequence[str], *, lock: bool
) -> dict[str, Stored]:
    """The contacts of these addresses."""
    rows = await connection.fetch(
        "SELECT contact_id, address, display_name, email, language, attributes FROM contacts"
        " WHERE domain_id = $1 AND address = ANY($2::text[]) ORDER BY address"
        + (" FOR NO KEY UPDATE" if lock else ""),
        domain_id,
        addresses,
    )
    return {row["address"]: Stored(*row.values()) for row in rows}


async def insert(
    connection: Connection, domain_id: UUID, made: Sequence[Stored]
) -> dict[str, UUID]:
    """Which contact each address has now."""
    rows = await connection.fetch(
        INSERT,
        domain_id,
        [each.contact_id for each in made],
        [each.address for each in made],
        [each.name for each in made],
        [each.email for each in made],
        [each.language for each in made],
        [_json(each) for each in made],
    )
    return {row["address"]: row["contact_id"] for row in rows}


async def update(connection: Connection, domain_id: UUID, changed: Sequence[Stored]) -> None:
    await connection.execute(
        UPDATE,
        domain_id,
        [each.contact_id for each in changed],
        [each.name for each in changed],
        [each.email for each in changed],
        [each.language for each in changed],
        [_json(each) for each in changed],
    )


def _json(contact: Stored) -> dict[str, Any]:
    return dict(contact.attributes)
