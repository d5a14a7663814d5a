"""Tenancy: every query runs on a connection that is given out here.

`tenant_tx` takes a role that owns nothing and sees one domain's rows, whatever the SQL says.
`system_tx` and `autocommit` see everything; the places that may use them are listed in
tests/architecture.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from uuid import UUID

from frontdesk.db.changes import Changes
from frontdesk.db.pool import Connection, Pool

BEGIN_TENANT = (
    "BEGIN; SET LOCAL ROLE frontdesk_tenant; SET LOCAL frontdesk.domain_id = '{domain_id}'"
)
COMMIT = {
    True: "; SET LOCAL synchronous_commit = on",
    False: "; SET LOCAL synchronous_commit = off",
}


class TransactionLost(RuntimeError):
    """The transaction ended in a rollback although its block ended well."""


@dataclass(frozen=True)
class Database:
    """Transactions over a pool. An exception inside one rolls it back."""

    pool: Pool
    changes: Changes = field(init=False, repr=False, compare=False)
    """Where a use case says, after its commit, what people will see changed."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "changes", Changes(self.pool))

    @asynccontextmanager
    async def tenant_tx(
        self, domain_id: UUID, *, durable: bool = True
    ) -> AsyncGenerator[Connection]:
        """A transaction that can see and change one domain's rows only.

        `durable=False` commits without waiting for the disk: for work that would be done again
        after a crash of the server, never for what was acknowledged to somebody.
        """
        begin = BEGIN_TENANT.format(domain_id=UUID(str(domain_id)))
        async with self._transaction(begin + COMMIT[durable]) as connection:
            yield connection

    @asynccontextmanager
    async def system_tx(self, *, durable: bool = True) -> AsyncGenerator[Connection]:
        """A transaction that sees every domain."""
        async with self._transaction("BEGIN" + COMMIT[durable]) as connection:
            yield connection

    @asynccontextmanager
    async def autocommit(self) -> AsyncGenerator[Connection]:
        """A connection on which each statement commits by itself: one round trip, not four.

        For the lanes' statements alone: they name the domain and the conversation in every table,
        and what is lost of them with the server's machine is done again.
        """
        async with self.pool.acquire() as connection:
            yield connection

    @asynccontextmanager
    async def _transaction(self, begin: str) -> AsyncGenerator[Connection]:
        # One round trip opens it, where asyncpg's own transaction() and two SETs would take three.
        async with self.pool.acquire() as connection:
            await connection.execute(begin)
            try:
                yield connection
            except BaseException:
                # Where this fails, the pool does it, and logs an error of asyncio's.
                with suppress(Exception):
                    await connection.execute("ROLLBACK")
                raise
            if await connection.execute("COMMIT") != "COMMIT":
                raise TransactionLost("a statement failed inside the transaction and was ignored")
