"""A billed domain, whose credit tests spend."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

import asyncpg

from frontdesk.app.wiring import App
from frontdesk.billing.model import Charge


@dataclass
class Purse:
    """A billed domain, and what is done with its credit; each in a transaction of its own."""

    app: App
    domain_id: UUID

    async def charge(self, key: str, amount: Decimal) -> bool:
        async with self.app.database.tenant_tx(self.domain_id) as connection:
            return await self.app.ledger.charge(connection, self.domain_id, [Charge(key, amount)])

    async def charge_all(self, keys: list[str], amount: Decimal) -> bool:
        charges = [Charge(key, amount) for key in keys]
        async with self.app.database.tenant_tx(self.domain_id) as connection:
            return await self.app.ledger.charge(connection, self.domain_id, charges)

    async def take(self, *keys: str, amount: Decimal, keep: Decimal = Decimal(0)) -> Decimal:
        charges = [Charge(key, amount) for key in keys]
        async with self.app.database.tenant_tx(self.domain_id) as connection:
            return await self.app.ledger.take(connection, self.domain_id, charges, keep)

    async def refund(self, key: str) -> None:
        async with self.app.database.tenant_tx(self.domain_id) as connection:
            await self.app.ledger.refund(connection, self.domain_id, key, "failed")

    async def hold(self, key: str, amount: Decimal) -> bool:
        async with self.app.database.tenant_tx(self.domain_id) as connection:
            return await self.app.ledger.hold(connection, self.domain_id, Charge(key, amount))

    async def settle(self, key: str, amount: Decimal) -> Decimal:
        async with self.app.database.tenant_tx(self.domain_id) as connection:
            return await self.app.ledger.settle(connection, self.domain_id, key, amount)

    async def top_up(self, amount: Decimal, key: str | None = None) -> Decimal:
        balance, _ = await self.app.ledger.top_up(self.domain_id, amount, "test", key=key)
        return balance

    async def balance(self) -> Decimal:
        return (await self.app.ledger.account(self.domain_id)).balance

    async def entries(self) -> list[asyncpg.Record]:
        async with self.app.database.tenant_tx(self.domain_id) as connection:
            return await connection.fetch("SELECT * FROM ledger ORDER BY at, entry_id")

    async def check(self) -> None:
        """What holds whatever was done before."""
        entries, balance = await self.entries(), await self.balance()
        running = Decimal(0)
        for entry in entries:
            running += entry["amount"]
            assert running >= 0, "the entries' order is the one in which the balance changed"
        assert running == balance
        by_key = {entry["charge_key"]: entry for entry in entries}
        assert len(by_key) == len(entries)
        for key, entry in by_key.items():
            if entry["kind"] == "refund":
                assert entry["amount"] == -by_key[key.removeprefix("refund:")]["amount"]
            elif entry["kind"] == "settlement":
                held = -by_key[key.removeprefix("settle:")]["amount"]
                assert entry["amount"] <= held, "no more comes back than was held"
            else:
                assert (entry["amount"] > 0) == (entry["kind"] == "top_up"), dict(entry)
