"""The ledger: what a domain has, spends, gets back and pays in.

The methods that take a connection run in their caller's transaction. They lock the account, so a
caller comes here last, just before its commit. A domain that never topped up is not billed: it has
no account, and what it does costs nothing.
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import asyncpg
import structlog

from frontdesk.billing._store import accounts, entries
from frontdesk.billing._store import prices as price_rows
from frontdesk.billing.model import (
    MOST_CREDITS,
    NOTHING,
    Account,
    Charge,
    Entry,
    EntryKind,
    EntryPage,
    Price,
    PriceList,
    exact,
    plain,
    short_of,
)
from frontdesk.db.pool import Connection
from frontdesk.db.tenancy import Database
from frontdesk.domains.model import Caller
from frontdesk.domains.service import DomainService
from frontdesk.kernel.clock import Clock, utc_now
from frontdesk.kernel.errors import Conflict, NotFound, PaymentRequired, Unprocessable
from frontdesk.kernel.ids import new_id
from frontdesk.web import metrics

log = structlog.get_logger()

STATEMENT_BATCH = 1_000
WHAT = "credits"
"""The word under which the application is told that an account or its prices changed."""


@dataclass(frozen=True)
class LedgerService:
    domains: DomainService
    clock: Clock = utc_now

    @property
    def db(self) -> Database:
        return self.domains.db

    # In the caller's transaction --------------------------------------------------------------

    async def prices_of(self, connection: Connection, domain_id: UUID) -> PriceList | None:
        """What things cost the domain; None: it is not billed."""
        rows = await price_rows.of_billed(connection, domain_id)
        return None if rows is None else PriceList([Price(*row.values()) for row in rows])

    async def affordable(self, connection: Connection, domain_id: UUID) -> Decimal | None:
        """The balance at this moment; None: the domain is not billed."""
        row = await accounts.one(connection, domain_id)
        return None if row is None else row["balance"]

    async def require(self, connection: Connection, domain_id: UUID, needed: Decimal) -> None:
        """Raises PaymentRequired when the balance does not cover it at this moment."""
        row = await accounts.one(connection, domain_id)
        if row is not None and row["balance"] < needed:
            raise PaymentRequired(short_of(row["balance"], needed, row["name"]))

    async def charge(
        self, connection: Connection, domain_id: UUID, charges: Sequence[Charge]
    ) -> bool:
        """Takes all of the charges, or none and says False when the balance is short.

        One whose key is in the ledger already costs nothing.
        """
        return await self._spend(connection, domain_id, "charge", charges)

    async def take(
        self,
        connection: Connection,
        domain_id: UUID,
        charges: Sequence[Charge],
        keep: Decimal = NOTHING,
    ) -> Decimal:
        """Takes what the balance covers of what has happened already; what it took.

        In their order, and never what is to be kept. What the balance does not cover is not owed:
        the entry says how much it was. One whose key is in the ledger already costs nothing.
        """
        wanted = _wanted(charges)
        if not wanted or await accounts.lock(connection, domain_id) is None:
            return NOTHING
        return await entries.take(connection, domain_id, wanted, keep)

    async def paid(self, connection: Connection, domain_id: UUID, keys: Sequence[str]) -> set[str]:
        """Those of the keys that were charged, and not given back."""
        return await entries.paid(connection, domain_id, keys) if keys else set()

    async def refund(
        self, connection: Connection, domain_id: UUID, key: str | Sequence[str], reason: str
    ) -> None:
        await refund(connection, domain_id, key, reason)

    async def hold(self, connection: Connection, domain_id: UUID, charge: Charge) -> bool:
        """Sets credits aside for what will cost about as much; False when the balance is short.

        `settle` with the same key ends it.
        """
        held = replace(charge, quantity=NOTHING)
        return await self._spend(connection, domain_id, "hold", [held])

    async def settle(
        self,
        connection: Connection,
        domain_id: UUID,
        key: str,
        amount: Decimal,
        *,
        quantity: Decimal = Decimal(1),
        reason: str = "",
    ) -> Decimal:
        """Turns what is held into what it came to, once; what was paid in all.

        What is left of the hold comes back. What the hold does not cover is taken from the
        balance, never below zero. Raises NotFound when nothing is held under the key.
        """
        _check(amount)
        balance = await accounts.lock(connection, domain_id)
        if balance is None:
            return NOTHING
        held = await entries.by_key(connection, domain_id, key)
        if held is None or held["kind"] != "hold":
            raise NotFound(f"nothing is held under {key!r}")
        own, set_aside = f"settle:{key}", -held["amount"]
        if (settled := await entries.by_key(connection, domain_id, own)) is not None:
            return set_aside - settled["amount"]
        paid, lacking = _covered(exact(amount), set_aside + balance)
        if lacking:
            reason = f"{reason}; {plain(lacking)} more were not covered".removeprefix("; ")
        entry = _like(held, own, set_aside - paid, quantity, reason)
        await entries.add(connection, domain_id, "settlement", entry)
        return paid

    async def _spend(
        self, connection: Connection, domain_id: UUID, kind: EntryKind, charges: Sequence[Charge]
    ) -> bool:
        wanted = _wanted(charges, free=kind == "hold")
        if not wanted or await accounts.lock(connection, domain_id) is None:
            return True
        return await entries.spend(connection, domain_id, kind, wanted)

    # Use cases --------------------------------------------------------------------------------

    async def account(self, domain_id: UUID) -> Account:
        async with self.db.tenant_tx(domain_id) as connection:
            return await account_of(connection, domain_id)

    async def top_up(
        self,
        domain_id: UUID,
        amount: Decimal,
        reason: str,
        *,
        by: Caller | None = None,
        key: str | None = None,
    ) -> tuple[Decimal, Entry]:
        """Pays in; the new balance and the entry. The first one makes the domain a billed one.

        A negative amount corrects an earlier one, down to zero and no further. Under one `key` it
        is done once.
        """
        if not amount or abs(amount) > MOST_CREDITS or amount != exact(amount):
            raise Unprocessable(
                f"amount is {amount}; use credits other than 0 with up to 4 decimals, "
                f"{MOST_CREDITS:,} at most"
            )
        kind: EntryKind = "top_up" if amount > 0 else "adjustment"
        own = f"top_up:{new_id() if key is None else key}"
        async with self.db.tenant_tx(domain_id) as connection:
            if amount > 0:
                await accounts.make(connection, domain_id)
            balance = await accounts.lock(connection, domain_id)
            known = await entries.by_key(connection, domain_id, own)
            if known is not None and balance is not None:
                return balance, _repeated(known, amount, reason)
            if balance is None or balance + amount < 0:
                raise Conflict(
                    f"amount is {plain(amount)}, and the balance is {plain(balance or NOTHING)}: "
                    "it cannot go below 0"
                )
            charge = Charge(own, amount, reason=reason)
            row = await entries.add(
                connection, domain_id, kind, charge, by.person_id if by else None
            )
            detail = {"amount": plain(amount), "reason": reason}
            await self.domains.record(connection, domain_id, by, f"credits.{kind}", "", **detail)
        self.db.changes.tell_settings(domain_id, WHAT)
        *values, balance = row.values()
        return balance, Entry(*values, balance_after=balance)

    async def set_low_balance(
        self, domain_id: UUID, low_balance: Decimal | None, by: Caller | None = None
    ) -> Account:
        """Below which balance people are told; None: never. Raises Conflict when not billed."""
        async with self.db.tenant_tx(domain_id) as connection:
            if not await accounts.set_low_balance(connection, domain_id, low_balance):
                raise Conflict("the domain is not billed yet; top up first")
            shown = None if low_balance is None else plain(low_balance)
            await self.domains.record(
                connection, domain_id, by, "credits.low_balance", "", low_balance=shown
            )
            account = await account_of(connection, domain_id)
        self.db.changes.tell_settings(domain_id, WHAT)
        return account

    async def tell_low(self) -> int:
        """Says which domains' balances fell below what they wanted to be told of; how many.

        Each crossing is told once, by whichever worker looks first.
        """
        async with self.db.system_tx(durable=False) as connection:
            rows = await accounts.crossings(connection)
        for row in rows:
            domain_id, balance, limit = row["domain_id"], row["balance"], row["low_balance"]
            if row["is_low"]:
                metrics.low_balances.inc()
                log.warning(
                    "low balance",
                    domain_id=str(domain_id),
                    balance=plain(balance),
                    below=str(limit),
                )
            self.db.changes.tell_settings(domain_id, WHAT)
        return sum(row["is_low"] for row in rows)

    # Reading ----------------------------------------------------------------------------------

    async def entries(
        self,
        domain_id: UUID,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        kind: EntryKind | None = None,
        before: tuple[datetime, UUID, Decimal | None] | None = None,
        limit: int = 50,
    ) -> EntryPage:
        """The newest entries before one; with the balance after each, unless some are left out."""
        place = before and before[:2]
        async with self.db.tenant_tx(domain_id) as connection:
            account = await account_of(connection, domain_id)
            rows = await entries.page(connection, domain_id, since, until, kind, place, limit + 1)
        whole = until is None and kind is None
        found: list[Entry] = []
        running = before[2] if before else (rows[0]["balance"] if rows and whole else None)
        for row in rows[:limit]:
            *values, _ = row.values()
            found.append(Entry(*values, balance_after=running))
            running = None if running is None else running - found[-1].amount
        last = (found[-1].at, found[-1].entry_id, running) if len(rows) > limit else None
        return EntryPage(account, found, last)

    async def statement(
        self, domain_id: UUID, since: datetime, until: datetime | None
    ) -> AsyncGenerator[list[Entry]]:
        """All entries of a time, oldest first, in batches, with the balance after each.

        Each batch is a transaction of its own: a reader may take long.
        """
        async with self.db.tenant_tx(domain_id) as connection:
            running = await entries.balance_at(connection, domain_id, since)
        after: tuple[datetime, UUID] | None = None
        while True:
            async with self.db.tenant_tx(domain_id) as connection:
                rows = await entries.statement(
                    connection, domain_id, since, until, after, STATEMENT_BATCH
                )
            batch: list[Entry] = []
            for row in rows:
                running += row["amount"]
                batch.append(Entry(*row.values(), balance_after=running))
            if batch:
                yield batch
                after = (batch[-1].at, batch[-1].entry_id)
            if len(batch) < STATEMENT_BATCH:
                return


async def refund(
    connection: Connection, domain_id: UUID, key: str | Sequence[str], reason: str
) -> None:
    """Gives back what was charged under a key, once however often it is asked; nothing where
    nothing was charged."""
    keys = [key] if isinstance(key, str) else key
    if keys and await accounts.lock(connection, domain_id) is not None:
        await entries.refund(connection, domain_id, keys, reason)


async def account_of(connection: Connection, domain_id: UUID) -> Account:
    """In the caller's transaction."""
    row = await accounts.one(connection, domain_id)
    return Account() if row is None else Account(row["balance"], row["low_balance"], billed=True)


def _check(amount: Decimal) -> None:
    if amount < 0 or amount != exact(amount):
        raise ValueError(f"a charge of {amount}: use 0 or more, with up to 4 decimals")


def _wanted(charges: Sequence[Charge], *, free: bool = False) -> list[Charge]:
    """Each key once; what costs nothing leaves no line, unless those are wanted too."""
    for each in charges:
        _check(each.amount)
    return list({each.key: each for each in charges if each.amount or free}.values())


def _covered(amount: Decimal, balance: Decimal) -> tuple[Decimal, Decimal]:
    """What the balance covers of an amount, and what it lacks."""
    paid = min(amount, balance)
    return paid, amount - paid


def _like(row: asyncpg.Record, key: str, amount: Decimal, quantity: Decimal, reason: str) -> Charge:
    """An entry about the same thing as another one."""
    return Charge(
        key,
        amount,
        row["channel"],
        row["direction"],
        row["call_type"],
        row["category"],
        row["country"],
        row["message_id"],
        row["conversation_id"],
        row["outreach_id"],
        row["campaign_id"],
        reason,
        quantity,
    )


def _repeated(row: asyncpg.Record, amount: Decimal, reason: str) -> Entry:
    """What was paid in under this key before. Raises Conflict when that was something else."""
    if (row["amount"], row["reason"]) != (amount, reason):
        raise Conflict(
            f"the Idempotency-Key was used for {plain(row['amount'])} credits with the reason "
            f"{row['reason'][:80]!r}; use another one for {plain(amount)} with {reason[:80]!r}"
        )
    return Entry(*row.values())
