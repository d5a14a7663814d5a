"""What domains have left. The row is locked before its ledger is added to: entries have one order,
and what is read after the lock holds until the commit."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg

from frontdesk.db.pool import Connection


async def make(connection: Connection, domain_id: UUID) -> None:
    """The domain is billed from now on."""
    await connection.execute(
        "INSERT INTO credit_accounts (domain_id) VALUES ($1) ON CONFLICT DO NOTHING", domain_id
    )


async def lock(connection: Connection, domain_id: UUID) -> Decimal | None:
    """The balance; None: the domain is not billed."""
    return await connection.fetchval(
        "SELECT balance FROM credit_accounts WHERE domain_id = $1 FOR UPDATE", domain_id
    )


async def one(connection: Connection, domain_id: UUID) -> asyncpg.Record | None:
    """With the domain's name."""
    return await connection.fetchrow(
        "SELECT a.balance, a.low_balance, d.name FROM credit_accounts a"
        " JOIN domains d ON d.domain_id = a.domain_id WHERE a.domain_id = $1",
        domain_id,
    )


async def settings(connection: Connection, domain_id: UUID) -> Mapping[str, Any]:
    """The domain's."""
    found: Any = await connection.fetchval(
        "SELECT settings FROM domains WHERE domain_id = $1", domain_id
    )
    return found or {}


async def set_low_balance(
    connection: Connection, domain_id: UUID, low_balance: Decimal | None
) -> bool:
    """False: the domain is not billed."""
    done = await connection.execute(
        "UPDATE credit_accounts SET low_balance = $2, low_told_at = NULL WHERE domain_id = $1",
        domain_id,
        low_balance,
    )
    return done == "UPDATE 1"


async def crossings(connection: Connection) -> list[asyncpg.Record]:
    """Accounts, of any domain, that fell below their low balance or rose above it again since the
    last look; each is noted, so that the next look leaves it out."""
    return await connection.fetch(
        "UPDATE credit_accounts a"
        " SET low_told_at = CASE WHEN a.balance < a.low_balance THEN now() END"
        " WHERE coalesce(a.balance < a.low_balance, false) <> (a.low_told_at IS NOT NULL)"
        " RETURNING a.domain_id, a.balance, a.low_balance, a.low_told_at IS NOT NULL AS is_low"
    )
