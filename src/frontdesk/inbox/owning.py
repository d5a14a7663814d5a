"""Which of a caller's domains has a thing that is named by its id alone."""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from frontdesk.db.pool import Connection
from frontdesk.db.tenancy import Database
from frontdesk.kernel.errors import NotFound


async def domain_having(
    db: Database,
    domain_ids: Sequence[UUID],
    what: str,
    thing_id: UUID,
    read: Callable[[Connection, UUID, UUID], Awaitable[object]],
) -> UUID:
    """Raises NotFound, in the same words whether nobody has it or somebody else."""
    for domain_id in domain_ids:
        async with db.tenant_tx(domain_id) as connection:
            if await read(connection, domain_id, thing_id) is not None:
                return domain_id
    raise unknown(what, thing_id)


def unknown(what: str, thing_id: UUID) -> NotFound:
    return NotFound(f"{what} {thing_id} does not exist")
