"""Use cases of search: one text, looked for in messages, files and contacts."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from frontdesk.db.pool import Connection
from frontdesk.db.tenancy import Database
from frontdesk.kernel import searching
from frontdesk.kernel.clock import Clock, utc_now
from frontdesk.kernel.searching import Part
from frontdesk.search import _store
from frontdesk.search.model import Found, Hit, Where, score

CANDIDATES = 200
"""Texts that are looked at to find the best."""
IN_ONE_CONVERSATION = 20_000
"""Messages of one conversation that are looked through."""
MILLISECONDS = 40
"""How long words that only begin so are looked for: a beginning of very many is given up."""


@dataclass(frozen=True)
class SearchService:
    db: Database
    clock: Clock = utc_now

    async def find(
        self,
        domain_id: UUID,
        typed: str,
        *,
        where: Where = "all",
        conversation_id: UUID | None = None,
        most: int = 20,
    ) -> Found:
        """What has all the words of `typed`, the best and newest first."""
        if not searching.words(typed):
            return Found()
        if conversation_id is not None:
            hits = await self._in_conversation(domain_id, conversation_id, typed, most)
            return Found(messages=hits)
        contacts, (messages, cut_messages), (files, cut_files) = await asyncio.gather(
            self._contacts(domain_id, typed, most if where in ("all", "contacts") else 0),
            self._messages(domain_id, typed, most if where in ("all", "messages") else 0),
            self._files(domain_id, typed, most if where in ("all", "files") else 0),
        )
        return Found(contacts, messages, files, truncated=cut_messages or cut_files)

    async def tidy(self) -> None:
        """Upkeep: what came lately is found without reading a list from end to end."""
        async with self.db.system_tx(durable=False) as connection:
            await _store.tidy(connection)

    # Messages -------------------------------------------------------------------------------

    async def _messages(self, domain_id: UUID, typed: str, most: int) -> tuple[Sequence[Hit], bool]:
        async with self.db.tenant_tx(domain_id, durable=False) as connection:
            rows = list(await _store.messages(connection, typed, CANDIDATES))
        truncated = len(rows) == CANDIDATES
        if len(rows) < most and _may_go_on(typed):
            begun, cut = await self._beginning(domain_id, typed)
            known = {row["message_id"] for row in rows}
            rows += [row for row in begun if row["message_id"] not in known]
            truncated = truncated or cut
        best = self._best(rows)[:most]
        return await self._hits(domain_id, best, typed), truncated

    async def _beginning(
        self, domain_id: UUID, typed: str
    ) -> tuple[Sequence[asyncpg.Record], bool]:
        try:
            async with self.db.tenant_tx(domain_id, durable=False) as connection:
                await _store.limit_time(connection, MILLISECONDS)
                rows = await _store.messages(connection, typed, CANDIDATES, beginning=True)
        except asyncpg.QueryCanceledError:
            return [], True
        return rows, len(rows) == CANDIDATES

    async def _in_conversation(
        self, domain_id: UUID, conversation_id: UUID, typed: str, most: int
    ) -> Sequence[Hit]:
        async with self.db.tenant_tx(domain_id, durable=False) as connection:
            rows = await _store.messages_of(
                connection, domain_id, conversation_id, typed, IN_ONE_CONVERSATION, most
            )
        return await self._hits(domain_id, rows, typed)

    def _best(self, rows: Sequence[asyncpg.Record]) -> list[asyncpg.Record]:
        now = self.clock()
        return sorted(
            rows, key=lambda row: score(row["rank"], row["created_at"], now), reverse=True
        )

    async def _hits(
        self, domain_id: UUID, rows: Sequence[asyncpg.Record], typed: str
    ) -> Sequence[Hit]:
        ids = list({row["conversation_id"] for row in rows})
        async with self.db.tenant_tx(domain_id, durable=False) as connection:
            named = await _store.conversations(connection, domain_id, ids) if ids else {}
        return [
            Hit(
                "message",
                _title(named[row["conversation_id"]]),
                searching.snippet(row["content"], typed),
                conversation_id=row["conversation_id"],
                message_id=row["message_id"],
                channel=named[row["conversation_id"]]["channel"],
                at=row["created_at"],
            )
            for row in rows
            if row["conversation_id"] in named
        ]

    # Files ----------------------------------------------------------------------------------

    async def _files(self, domain_id: UUID, typed: str, most: int) -> tuple[Sequence[Hit], bool]:
        if not most:
            return (), False
        grams = searching.grams(typed)
        try:
            async with self.db.tenant_tx(domain_id, durable=False) as connection:
                await _store.limit_time(connection, MILLISECONDS)
                rows = await _store.files(connection, typed, grams, CANDIDATES)
        except asyncpg.QueryCanceledError:
            return [], True
        hits = [
            Hit(
                "file",
                row["filename"],
                searching.snippet(row["content"] or row["filename"], typed),
                conversation_id=row["conversation_id"],
                message_id=row["message_id"],
                media_id=row["media_id"],
                at=row["created_at"],
            )
            for row in self._best(rows)[:most]
        ]
        return hits, len(rows) >= CANDIDATES

    # Contacts -------------------------------------------------------------------------------

    async def _contacts(self, domain_id: UUID, typed: str, most: int) -> Sequence[Hit]:
        """Whole words first, then beginnings, then parts; with none of these, what is alike."""
        found: dict[UUID, asyncpg.Record] = {}
        if not most:
            return ()
        async with self.db.tenant_tx(domain_id, durable=False) as connection:
            exact = (
                searching.whole_words(typed),
                searching.beginnings(typed),
                searching.grams(typed),
            )
            for grams in exact:
                if len(found) < most:
                    rows = await _store.contacts(connection, grams, most)
                    found |= {
                        row["contact_id"]: row for row in rows if row["contact_id"] not in found
                    }
            if not found:
                found = await self._alike(connection, typed, most)
            kept = list(found.values())[:most]
            ids = [row["contact_id"] for row in kept]
            active = await _store.latest_of_contacts(connection, domain_id, ids) if ids else {}
        return [_contact_hit(row, active.get(row["contact_id"]), typed) for row in kept]

    async def _alike(
        self, connection: Connection, typed: str, most: int
    ) -> dict[UUID, asyncpg.Record]:
        found: dict[UUID, asyncpg.Record] = {}
        for grams in searching.halves(typed):
            for row in await _store.contacts(connection, grams, CANDIDATES):
                found[row["contact_id"]] = row
        alike = sorted(
            found.values(),
            key=lambda row: searching.likeness(typed, row["display_name"] or row["address"]),
            reverse=True,
        )
        return {row["contact_id"]: row for row in alike[:most]}


def _may_go_on(typed: str) -> bool:
    return min(map(len, searching.words(typed))) >= searching.LEAST_PREFIX


def _title(row: asyncpg.Record) -> str:
    return row["display_name"] or row["address"]


def _contact_hit(row: asyncpg.Record, active: asyncpg.Record | None, typed: str) -> Hit:
    facts = " · ".join(fact for fact in (row["display_name"], row["address"], row["email"]) if fact)
    snippet: Sequence[Part] = searching.snippet(facts, typed)
    return Hit(
        "contact",
        row["display_name"] or row["address"],
        snippet,
        conversation_id=active["conversation_id"] if active else None,
        contact_id=row["merged_into"] or row["contact_id"],
        channel=active["channel"] if active else None,
        at=active["last_active"] if active else row["created_at"],
    )
