"""Reports: what a month and the last days came to, in the domain's time zone."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import asyncpg

from frontdesk.billing._store import accounts, reports
from frontdesk.billing.calendar import Calendar
from frontdesk.billing.ledger import LedgerService, account_of
from frontdesk.billing.model import NOTHING, DailyReport, Day, MonthReport, Total


async def month(ledger: LedgerService, domain_id: UUID, month: str) -> MonthReport:
    """What a month (`2026-11`, in the domain's time zone) came to. Raises Unprocessable."""
    async with ledger.db.tenant_tx(domain_id) as connection:
        calendar = Calendar.of(await accounts.settings(connection, domain_id))
        first, begins = calendar.month(month)
        rows = await reports.totals(connection, domain_id, begins)
        paid_in = await reports.paid_in(connection, domain_id, begins[0], begins[-1])
    totals = [
        Total(first + timedelta(days=number - 1), *values)
        for number, *values in (row.values() for row in rows)
    ]
    return MonthReport(
        month,
        calendar.name,
        totals,
        paid_in,
        sum((each.amount for each in totals), NOTHING),
        sum(each.messages for each in totals),
    )


async def daily(ledger: LedgerService, domain_id: UUID, days: int) -> DailyReport:
    """The last days in the domain's time zone, oldest first, today included."""
    async with ledger.db.tenant_tx(domain_id) as connection:
        calendar = Calendar.of(await accounts.settings(connection, domain_id))
        first = calendar.day(ledger.clock()) - timedelta(days=days - 1)
        account = await account_of(connection, domain_id)
        rows = await reports.daily(connection, domain_id, calendar.begins(first, days))
    return DailyReport(calendar.name, _days(first, days, account.balance, rows))


def _days(first: date, days: int, balance: Decimal, rows: Sequence[asyncpg.Record]) -> list[Day]:
    """Backwards from today's balance, which came with the rows where there are any."""
    known = {row["day"]: row for row in rows}
    running = rows[0]["balance"] if rows else balance
    found: list[Day] = []
    for number in range(days, 0, -1):
        row = known.get(number)
        spent, topped_up = (row["spent"], row["topped_up"]) if row else (NOTHING, NOTHING)
        found.append(Day(first + timedelta(days=number - 1), spent, topped_up, running))
        running += spent - topped_up
    return found[::-1]
