"""The SQL of looking contacts up: by how a name, number or e-mail begins, then by any part."""

from collections.abc import Sequence
from uuid import UUID

from frontdesk.contacts._store.cards import CONTACT
from frontdesk.contacts.model import Contact
from frontdesk.db.pool import Connection

AFTER = "\U0010ffff"
"""Greater than every text that begins as the one before it does, code point by code point."""

# Each part reads no more of its index than it returns. Who was merged is found by their own name
# and shown as the contact that stands for them.
BEGINNING = f"""
WITH found AS (
    (SELECT contact_id, merged_into, 1 AS place, address AS key FROM contacts
    WHERE domain_id = $1 AND address >= $2 AND address < $3 AND $2 <> ''
    ORDER BY address LIMIT $6)
    UNION ALL
    (SELECT contact_id, merged_into, 0, name_key FROM contacts
    WHERE domain_id = $1 AND name_key IS NOT NULL AND name_key >= $4 AND name_key < $5
    ORDER BY name_key LIMIT $6)
    UNION ALL
    (SELECT contact_id, merged_into, 2, email_key FROM contacts
    WHERE domain_id = $1 AND email_key IS NOT NULL AND email_key >= $4 AND email_key < $5
    ORDER BY email_key LIMIT $6)
), roots AS (
    SELECT coalesce(merged_into, contact_id) AS root_id, min((place, key)) AS rank FROM found
    GROUP BY 1
)
SELECT c.* FROM roots CROSS JOIN LATERAL (
    SELECT {CONTACT} FROM contacts c
    WHERE c.domain_id = $1 AND c.contact_id = roots.root_id LIMIT 1
) c ORDER BY roots.rank, c.contact_id LIMIT $6
"""

CONTAINING = f"""
SELECT c.* FROM search_contacts($2::text[], $3) AS found CROSS JOIN LATERAL (
    SELECT {CONTACT} FROM contacts c WHERE c.domain_id = $1
    AND c.contact_id = coalesce(found.merged_into, found.contact_id) LIMIT 1
) c
"""


async def beginning(
    connection: Connection, domain_id: UUID, text: str, number: str, most: int
) -> list[Contact]:
    """Whose name or e-mail begins with the text, or whose address with the number."""
    rows = await connection.fetch(
        BEGINNING, domain_id, number, number + AFTER, text, text + AFTER, most
    )
    return [Contact(**dict(row)) for row in rows]


async def containing(
    connection: Connection, domain_id: UUID, grams: Sequence[str], most: int, milliseconds: int
) -> list[Contact]:
    """Candidates whose name, number or e-mail may hold a text of these grams; in no order.

    Raises asyncpg.QueryCanceledError when the time is up.
    """
    await connection.execute(f"SET LOCAL statement_timeout = {int(milliseconds)}")
    rows = await connection.fetch(CONTAINING, domain_id, grams, most)
    return [Contact(**dict(row)) for row in {row["contact_id"]: row for row in rows}.values()]
