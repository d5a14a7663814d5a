"""The schema keeps tenants apart, and would distribute by domain as it stands."""

from collections.abc import AsyncGenerator

import asyncpg
import pytest

NO_TENANT = {"schema_migrations"}
"""Tables of the installation itself. The queue's stand in a schema of their own."""
WITHOUT_DOMAIN = {
    "domains_pkey": "the table of domains itself",
    "domains_name_key": "a domain's name is the installation's",
    "channels_by_address": "who owns an address is a question across domains",
}
"""Unique keys that do not begin with domain_id, each with its reason."""


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


async def test_every_unique_key_begins_with_the_domain(db: asyncpg.Connection) -> None:
    rows = await db.fetch(
        "SELECT i.indrelid::regclass::text AS table, c.relname AS index, a.attname AS first"
        " FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        " LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]"
        " WHERE i.indisunique AND c.relnamespace = 'public'::regnamespace"
    )
    wrong = {
        row["index"]
        for row in rows
        if row["first"] != "domain_id" and row["table"] not in NO_TENANT
    }
    assert wrong <= set(WITHOUT_DOMAIN), wrong - set(WITHOUT_DOMAIN)
    assert {row["index"] for row in rows} >= set(WITHOUT_DOMAIN), "an exception is not needed"


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
