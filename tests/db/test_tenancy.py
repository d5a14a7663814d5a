"""A tenant's transaction is blind to others, whatever its SQL forgets."""

from typing import Any
from uuid import UUID

import aiohttp
import asyncpg
import pytest

from frontdesk.app.wiring import App
from frontdesk.db.tenancy import TransactionLost
from frontdesk.kernel.ids import new_id
from pipeline.desk import Desk, another_domain

pytestmark = pytest.mark.timeout(60)

SKIPPED = {"schema_migrations"}


@pytest.fixture
async def filled(desk: Desk) -> tuple[Desk, UUID, UUID]:
    """Two domains: the first has a row in every tenant table, the second is a stranger."""
    other, _ = await another_domain(desk)
    await desk.write("Hello", profile_name="Ada")
    await desk.replies(1)
    mine = desk.domain.domain_id
    row = await desk.conversation()
    await desk.db.execute(
        "INSERT INTO opt_outs (domain_id, channel_id, contact_id, reason) VALUES ($1, $2, $3, 'x')",
        mine,
        row["channel_id"],
        row["contact_id"],
    )
    await desk.db.execute(
        "INSERT INTO parked_statuses"
        " (domain_id, channel_id, carrier_id, status, status_rank, at)"
        " VALUES ($1, $2, 'SM1', 'sent', 3, now())",
        mine,
        row["channel_id"],
    )
    await desk.app.conversations.dead_letter(mine, "turn", "test")
    await desk.app.domains.update(mine, display_name="Mine")
    form = aiohttp.FormData()
    form.add_field("file", b"Opening hours: 9 to 17", filename="hours.txt")
    chat = f"/upload/conversation-media?chat_id={row['conversation_id']}"
    assert (await desk.call("POST", chat, data=form)).status == 200
    await desk.db.execute("INSERT INTO media_garbage (domain_id, key) VALUES ($1, 'x')", mine)
    await desk.db.execute(
        "INSERT INTO retention_reports (domain_id, report_id) VALUES ($1, $2)", mine, new_id()
    )
    await fill_inbox(desk, mine, row)
    await fill_outreach(desk, mine)
    return desk, mine, other


async def fill_inbox(desk: Desk, mine: UUID, row: asyncpg.Record) -> None:
    """A row in each table of what people do with a conversation."""
    me = str(await desk.db.fetchval("SELECT person_id FROM people WHERE domain_id = $1", mine))
    chat = f"/api/v1/conversations/{row['conversation_id']}"

    async def post(path: str, body: dict[str, Any]) -> Any:
        answer = await desk.call("POST", path, json=body)
        assert answer.status < 300, answer.text
        return answer.json

    label = await post("/api/v1/labels", {"name": "refund"})
    await post("/api/v1/teams", {"name": "Sales", "member_ids": [me]})
    await post("/api/v1/canned-replies", {"shortcut": "hi", "title": "Hi", "content": "Hi"})
    await post("/api/v1/views", {"name": "Mine", "filters": {"assignee": "me"}, "shared": False})
    await post(f"/api/v1/contacts/{row['contact_id']}/notes", {"content": "Likes tea"})
    await post(f"{chat}/notes", {"content": "@me", "mentions": [me]})
    await post(f"{chat}/read", {})
    labelled = await desk.call("PATCH", chat, json={"labels": [label["label_id"]]})
    assert labelled.status == 200, labelled.text
    await desk.db.execute(
        "INSERT INTO reactions (domain_id, message_id, emoji)"
        " SELECT domain_id, message_id, '+' FROM messages WHERE domain_id = $1 LIMIT 1",
        mine,
    )


OUTREACH = """
INSERT INTO templates (domain_id, template_id, channel_id, name, language, category, status, body)
    VALUES ($1, $2, $2, 'hello', 'en', 'utility', 'approved', 'Hello');
INSERT INTO credit_accounts (domain_id, balance) VALUES ($1, 5);
INSERT INTO prices (domain_id, price_id, unit, price) VALUES ($1, $2, 'message', 3);
INSERT INTO ledger (domain_id, entry_id, charge_key, kind, amount)
    VALUES ($1, $2, 'k', 'top_up', 5);
INSERT INTO opt_out_log (domain_id, entry_id, contact_id, address, action, via)
    VALUES ($1, $2, $2, '+1', 'stopped', 'customer');
INSERT INTO segments (domain_id, segment_id, name, kind) VALUES ($1, $2, 'All', 'list');
INSERT INTO segment_members (domain_id, segment_id, contact_id)
    SELECT domain_id, $2, contact_id FROM contacts WHERE domain_id = $1;
INSERT INTO campaigns (domain_id, campaign_id, name, source, status, channel)
    VALUES ($1, $2, 'Spring', 'csv', 'ready', 'wmsg');
INSERT INTO outreach (domain_id, outreach_id, source, channel, address, call_type, status)
    VALUES ($1, $2, 'api', 'wmsg', '+1', 'reminder', 'canceled');
INSERT INTO follow_ups (domain_id, follow_up_id, conversation_id, after, due_at, status)
    VALUES ($1, $2, $2, now(), now(), 'canceled');
INSERT INTO repeats (domain_id, repeat_id, name, segment_id, plan, rule)
    VALUES ($1, $2, 'Weekly', $2, '{}', '{}');
INSERT INTO email_pull_configs (domain_id, config_id, name, host, port, security, username,
    password, default_channel) VALUES ($1, $2, 'Orders', 'mail', 993, 'tls', 'me', '', 'wmsg');
INSERT INTO pulled_emails (domain_id, email_id, config_id, message_key, status)
    VALUES ($1, $2, $2, 'm', 'done')
"""


async def fill_outreach(desk: Desk, mine: UUID) -> None:
    some_id = new_id()
    for statement in OUTREACH.split(";"):
        await desk.db.execute(statement, mine, *([some_id] if "$2" in statement else []))


async def tenant_tables(db: asyncpg.Connection) -> list[str]:
    rows = await db.fetch(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
    )
    return [row["tablename"] for row in rows if row["tablename"] not in SKIPPED]


async def test_another_domain_sees_and_changes_nothing_in_any_table(
    filled: tuple[Desk, UUID, UUID],
) -> None:
    desk, mine, other = filled
    for table in await tenant_tables(desk.db):
        before = await desk.db.fetchval(f"SELECT count(*) FROM {table} WHERE domain_id = $1", mine)
        assert before, f"{table} has no row to protect"
        async with desk.app.database.tenant_tx(other) as connection:
            seen = await connection.fetchval(
                f"SELECT count(*) FROM {table} WHERE domain_id <> $1", other
            )
            assert seen == 0, f"{table} shows another domain"
            changed = await connection.execute(
                f"UPDATE {table} SET domain_id = domain_id WHERE domain_id = $1", mine
            )
            assert changed == "UPDATE 0", table
        async with desk.app.database.tenant_tx(other) as connection:
            # A forgotten WHERE; what it may remove is its own only.
            deleted = await connection.execute(f"DELETE FROM {table} WHERE domain_id = $1", mine)
            assert deleted == "DELETE 0", table
        after = await desk.db.fetchval(f"SELECT count(*) FROM {table} WHERE domain_id = $1", mine)
        assert after == before, table


async def test_no_row_can_be_given_to_another_domain(filled: tuple[Desk, UUID, UUID]) -> None:
    desk, mine, other = filled
    for table in await tenant_tables(desk.db):
        columns = await desk.db.fetchval(
            "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute"
            " WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped"
            " AND attgenerated = ''",
            table,
        )
        copied = f"SELECT {columns} FROM jsonb_populate_record(NULL::{table}, $1)"
        row = await desk.db.fetchval(
            f"SELECT to_jsonb(t) FROM {table} t WHERE domain_id = $1 LIMIT 1", mine
        )
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with desk.app.database.tenant_tx(other) as connection:
                await connection.execute(f"INSERT INTO {table} ({columns}) {copied}", row)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with desk.app.database.tenant_tx(mine) as connection:
                await connection.execute(f"UPDATE {table} SET domain_id = $1", other)


async def test_a_tenants_transaction_cannot_read_anybodys_jobs(app: App) -> None:
    domain = await app.domains.by_name("default")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with app.database.tenant_tx(domain.domain_id) as connection:
            await connection.fetch("SELECT * FROM queue.pgqueuer")


async def test_the_tenant_is_forgotten_when_the_transaction_ends(app: App) -> None:
    domain = await app.domains.by_name("default")
    async with app.database.pool.acquire() as connection:
        user = await connection.fetchval("SELECT current_user")
    async with app.database.tenant_tx(domain.domain_id) as connection:
        assert await connection.fetchval("SELECT current_user") == "frontdesk_tenant"
    with pytest.raises(RuntimeError, match="no"):
        async with app.database.tenant_tx(domain.domain_id):
            raise RuntimeError("no")
    async with app.database.pool.acquire() as connection:
        assert await connection.fetchval("SELECT current_user") == user
        assert not await connection.fetchval("SELECT current_setting('frontdesk.domain_id', true)")


async def test_an_error_inside_a_transaction_undoes_all_of_it(app: App) -> None:
    domain = await app.domains.by_name("default")
    with pytest.raises(RuntimeError):  # noqa: PT012  the transaction is what is tested
        async with app.database.tenant_tx(domain.domain_id) as connection:
            await connection.execute("UPDATE domains SET display_name = 'half'")
            raise RuntimeError
    assert (await app.domains.by_name("default")).display_name != "half"


async def test_a_swallowed_error_does_not_look_like_a_commit(app: App) -> None:
    domain = await app.domains.by_name("default")
    with pytest.raises(TransactionLost):  # noqa: PT012  the transaction is what is tested
        async with app.database.tenant_tx(domain.domain_id) as connection:
            await connection.execute("UPDATE domains SET display_name = 'half'")
            with pytest.raises(asyncpg.PostgresError):
                await connection.execute("SELECT 1 / 0")
    assert (await app.domains.by_name("default")).display_name != "half"


async def test_a_domain_id_that_is_no_uuid_never_reaches_the_server(app: App) -> None:
    with pytest.raises(ValueError):
        async with app.database.tenant_tx("'; RESET ROLE; --"):  # pyright: ignore[reportArgumentType]  # the point
            pass


async def test_an_unknown_domain_sees_nothing(app: App) -> None:
    async with app.database.tenant_tx(new_id()) as connection:
        assert await connection.fetchval("SELECT count(*) FROM domains") == 0
