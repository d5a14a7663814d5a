"""What the tests of outreach have in common: an approved template, a call of /start, its end."""

from typing import Any
from uuid import UUID

import asyncpg

from frontdesk.kernel.ids import new_id
from pipeline.desk import Answer, Desk, until

ANA = "+14155550199"
REMINDER = "reminder_of_the_tests"
TEXT = "Hello {{1}}, you are expected at {{2}}."
COMPARED = "SELECT EXISTS (SELECT FROM templates WHERE synced_at IS NOT NULL)"
ENDED = ("sent", "skipped", "failed", "canceled")


async def channel_of(desk: Desk, kind: str = "wmsg") -> UUID:
    found = await desk.db.fetchval("SELECT channel_id FROM channels WHERE kind = $1", kind)
    assert found is not None
    return found


async def template(
    desk: Desk,
    *,
    kind: str = "wmsg",
    name: str = REMINDER,
    body: str = TEXT,
    language: str = "en",
    carrier_id: str | None = None,
    category: str = "utility",
) -> UUID:
    """Adds an approved template without variables of its own checks: straight into the table."""
    template_id = new_id()
    if kind == "wmsg" and desk.worker is not None:

        async def compared() -> bool:
            return bool(await desk.db.fetchval(COMPARED))

        # Its first comparison with the carrier would take away what the carrier does not list.
        await until(compared)
    variables = [{"name": each, "sample": "x"} for each in ("1", "2") if f"{{{{{each}}}}}" in body]
    await desk.db.execute(
        "INSERT INTO templates (domain_id, template_id, channel_id, carrier_id, name, language,"
        " category, status, body, variables)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, 'approved', $8, $9)",
        desk.domain.domain_id,
        template_id,
        await channel_of(desk, kind),
        carrier_id,
        name,
        language,
        category,
        body,
        variables,
    )
    return template_id


def request(**more: Any) -> dict[str, Any]:
    """The body of a /start over SMS, which has no window."""
    return {
        "phone_number": ANA,
        "channel": "sms",
        "type": "reminder",
        "instruction": "Your table is ready.",
        "domain_name": "default",
        **more,
    }


async def start(desk: Desk, key: str | None = None, **more: Any) -> Answer:
    headers = {"Idempotency-Key": key} if key else {}
    return await desk.call("POST", "/start", json=request(**more), headers=headers)


async def started(desk: Desk, **more: Any) -> UUID:
    answer = await start(desk, **more)
    assert answer.status == 202, answer.text
    return UUID(answer.json["call_id"])


async def row_of(desk: Desk, call_id: UUID) -> asyncpg.Record:
    row = await desk.db.fetchrow("SELECT * FROM outreach WHERE outreach_id = $1", call_id)
    assert row is not None
    return row


async def ended(desk: Desk, call_id: UUID) -> asyncpg.Record:
    """The row, once something came of it."""

    async def over() -> asyncpg.Record | None:
        row = await row_of(desk, call_id)
        return row if row["status"] in ENDED else None

    row = await until(over)
    assert row is not None
    return row


async def bodies(desk: Desk, to: str = ANA) -> list[str]:
    await desk.settled()
    return [message["body"] for message in await desk.sent(to)]
