"""The schema keeps tenants apart, and would distribute by domain as it stands."""

import itertools
import re
from collections.abc import AsyncGenerator

import asyncpg
import pytest

from frontdesk.conversations._store import deliveries, intake, statuses, turns
from frontdesk.db.pool import PLANNING
from frontdesk.outreach._store import places

NO_TENANT = {"schema_migrations"}
"""Tables of the installation itself. The queue's stand in a schema of their own."""
WITHOUT_DOMAIN = {
    "domains_pkey": "the table of domains itself",
    "domains_name_key": "a domain's name is the installation's",
    "channels_by_address": "who owns an address is a question across domains",
    "channels_by_carrier_address": "the same, by the carrier's own id of it",
}
"""Unique keys without domain_id, each with its reason."""


@pytest.fixture
async def db(dsn: str) -> AsyncGenerator[asyncpg.Connection]:
    connection = await asyncpg.connect(dsn)
    yield connection
    await connection.close()


async def tables(db: asyncpg.Connection) -> list[str]:
    rows = await db.fetch(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p')"
        " AND relnamespace = 'public'::regnamespace ORDER BY 1"
    )
    return [row["relname"] for row in rows if row["relname"] not in NO_TENANT]


async def test_every_unique_key_holds_the_domain(db: asyncpg.Connection) -> None:
    rows = await db.fetch(
        "SELECT i.indrelid::regclass::text AS table, c.relname AS index,"
        " ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = i.indrelid"
        "  AND a.attnum = ANY(i.indkey)) AS columns"
        " FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        " WHERE i.indisunique AND c.relnamespace = 'public'::regnamespace"
    )
    wrong = {
        row["index"]
        for row in rows
        if "domain_id" not in row["columns"] and row["table"] not in NO_TENANT
    }
    assert wrong <= set(WITHOUT_DOMAIN), wrong - set(WITHOUT_DOMAIN)
    assert {row["index"] for row in rows} >= set(WITHOUT_DOMAIN), "an exception is not needed"


HOT = {
    "take in": intake.RECORD,
    "apply statuses": statuses.APPLY,
    "claim a turn": turns.CLAIM,
    "finish a turn": turns.FINISH,
    "claim deliveries": deliveries.CLAIM,
    "the next messages": deliveries.NEXT,
    "mark as sending": deliveries.SENDING,
    "record as sent": deliveries.SENT,
    "whom outreach means": places.FOUND,
}


@pytest.mark.parametrize("statement", HOT.values(), ids=HOT.keys())
async def test_a_plan_made_on_empty_tables_reads_no_whole_domain(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn, server_settings=PLANNING)
    numbers = max(int(number) for number in re.findall(r"\$(\d+)", statement))
    await connection.execute(f"PREPARE hot AS {statement}")
    values = ", ".join(["NULL"] * numbers)
    rows = await connection.fetch(f"EXPLAIN (FORMAT TEXT, COSTS OFF) EXECUTE hot ({values})")
    await connection.close()
    lines = [row[0].strip() for row in rows]
    for line, condition in itertools.pairwise(lines):
        if re.search(r"Scan.* on (messages|conversations|contacts)\b", line):
            assert "Seq Scan" not in line
            assert condition.count(" = ") >= 2, f"{line}: {condition}"


async def test_every_table_has_a_primary_key_that_begins_with_the_domain(
    db: asyncpg.Connection,
) -> None:
    for table in await tables(db):
        columns = await db.fetchval(
            "SELECT array_agg(a.attname ORDER BY k.ord) FROM pg_index i,"
            " unnest(i.indkey) WITH ORDINALITY AS k(attnum, ord)"
            " JOIN pg_attribute a ON a.attnum = k.attnum"
            " WHERE i.indisprimary AND i.indrelid = $1::regclass AND a.attrelid = i.indrelid",
            table,
        )
        assert columns is not None, f"{table} has no primary key"
        assert columns[0] == "domain_id", f"{table} is keyed by {columns}"


async def test_foreign_keys_stay_inside_a_domain(db: asyncpg.Connection) -> None:
    rows = await db.fetch(
        "SELECT conname, conrelid::regclass::text AS table, a.attname AS first"
        " FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid"
        " AND a.attnum = c.conkey[1]"
        " WHERE contype = 'f' AND connamespace = 'public'::regnamespace"
    )
    assert rows
    assert [row["conname"] for row in rows if row["first"] != "domain_id"] == []


async def test_every_table_has_row_security_for_the_tenants_role(db: asyncpg.Connection) -> None:
    for table in await tables(db):
        enabled = await db.fetchval(
            "SELECT relrowsecurity FROM pg_class WHERE oid = $1::regclass", table
        )
        policies = await db.fetch(
            "SELECT cmd, qual, with_check FROM pg_policies"
            " WHERE tablename = $1 AND 'frontdesk_tenant' = ANY(roles)",
            table,
        )
        assert enabled, f"{table} has no row-level security"
        assert [policy["cmd"] for policy in policies] == ["ALL"], table
        assert "frontdesk.domain_id" in policies[0]["qual"], table


async def test_the_tenants_role_can_do_nothing_beyond_rows(db: asyncpg.Connection) -> None:
    role = await db.fetchrow("SELECT * FROM pg_roles WHERE rolname = 'frontdesk_tenant'")
    assert role is not None
    for power in ("rolsuper", "rolcreaterole", "rolcreatedb", "rolcanlogin", "rolbypassrls"):
        assert role[power] is False, power
    owned = await db.fetchval(
        "SELECT count(*) FROM pg_class WHERE relowner = 'frontdesk_tenant'::regrole"
    )
    assert owned == 0
    reachable = await db.fetchval(
        "SELECT has_schema_privilege('frontdesk_tenant', 'queue', 'USAGE')"
    )
    assert not reachable, "jobs of all domains must not be readable"
