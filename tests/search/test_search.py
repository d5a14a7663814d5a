"""People find what was said, sent and by whom, in their own domain only, newest first."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from conversations.factory import arrival
from frontdesk.app.wiring import App
from frontdesk.kernel.ids import new_id
from frontdesk.search.model import Found, Where
from frontdesk.search.service import CANDIDATES, SearchService


@dataclass
class Archive:
    """A domain's conversations, to be searched."""

    app: App
    db: asyncpg.Connection
    domain_id: UUID
    channel_id: UUID
    number: int = field(default=0)

    async def said(self, text: str, name: str = "Ana", days_ago: float = 0) -> UUID:
        """A customer of that name wrote this; one name is one customer."""
        self.number += 1
        address = f"+1415555{sum(map(ord, name)):04}"
        one = arrival(
            self.domain_id,
            self.channel_id,
            address,
            f"SM{self.domain_id}{self.number}",
            text,
            profile_name=name,
        )
        await self.app.conversations.record([one], [])
        if days_ago:
            await self.db.execute(
                "UPDATE messages SET created_at = $2 WHERE message_id = $1",
                one.message_id,
                datetime.now(UTC) - timedelta(days=days_ago),
            )
        return one.message_id

    async def sent_file(self, name: str, text: str = "", transcript: str | None = None) -> UUID:
        """A customer sent a file of that name, with that in it."""
        message_id = await self.said("")
        media_id = new_id()
        await self.db.execute(
            "INSERT INTO files (domain_id, checksum, key, size, kind, content_type, understood_at,"
            " text, transcript) VALUES ($1, $2, $3, 1, 'document', 'text/plain', now(), $4, $5)",
            self.domain_id,
            media_id.bytes,
            str(media_id),
            text,
            transcript,
        )
        await self.db.execute(
            "INSERT INTO media (domain_id, media_id, conversation_id, message_id, state, kind,"
            " content_type, filename, path, checksum) SELECT $1, $2, conversation_id, $3, 'stored',"
            " 'document', 'text/plain', $4, $5, $6 FROM messages WHERE message_id = $3",
            self.domain_id,
            media_id,
            message_id,
            name,
            str(media_id),
            media_id.bytes,
        )
        return media_id

    async def find(self, typed: str, where: Where = "all", most: int = 20) -> Found:
        return await self.app.search.find(self.domain_id, typed, where=where, most=most)

    async def texts(self, typed: str) -> list[str]:
        found = await self.find(typed, "messages")
        return ["".join(part.text for part in hit.snippet) for hit in found.messages]

    async def names(self, typed: str) -> list[str]:
        return [hit.title for hit in (await self.find(typed, "contacts")).contacts]


@pytest.fixture
async def archive(app: App, dsn: str) -> AsyncGenerator[Archive]:
    db = await asyncpg.connect(dsn)
    row = await db.fetchrow("SELECT domain_id, channel_id FROM channels WHERE kind = 'wmsg'")
    assert row is not None
    yield Archive(app, db, row["domain_id"], row["channel_id"])
    await db.close()


@pytest.mark.parametrize(
    ("said", "typed"),
    [
        ("Where is my invoice?", "invoice"),
        ("Where is my invoice?", "INVOICE where"),
        ("La dirección está mal", "direccion"),
        ("La direccion esta mal", "dirección"),
        ("My order is ABC-1234.", "abc-1234"),
        ("My order is ABC-1234.", "1234"),
        ("Write to ana.maria@example.com", "example"),
        ("Write to ana.maria@example.com", "ana.maria@example.com"),
        ("Refunds, please", "refund"),
        ("我的订单在哪里", "订单"),
        ("don't call me", "don't"),
        ("the blue car of my aunt", '"blue car"'),
        ("tea for two", "coffee or tea"),
    ],
)
async def test_a_message_is_found_by_its_words(archive: Archive, said: str, typed: str) -> None:
    await archive.said("something else altogether")
    await archive.said(said)
    assert await archive.texts(typed) == [said]


@pytest.mark.parametrize(
    "typed", ["invoice refund", '"invoice my"', "nvoice", "...", "''", "&|!", "<->"]
)
async def test_what_lacks_a_word_is_not_found(archive: Archive, typed: str) -> None:
    await archive.said("Where is my invoice?")
    assert await archive.texts(typed) == []


async def test_of_equal_texts_the_newest_comes_first_however_old_the_others(
    archive: Archive,
) -> None:
    ages = (0, 1, 3, 40, 127, 128, 129, 900)
    ids = [await archive.said("your parcel", f"C{age}", days_ago=age) for age in reversed(ages)]
    found = await archive.find("parcel", "messages")
    assert [hit.message_id for hit in found.messages] == ids[::-1]
    assert not found.truncated


async def test_each_old_message_is_found_once(archive: Archive) -> None:
    ids = {
        await archive.said("your parcel", f"C{number}", days_ago=number * 4) for number in range(50)
    }
    found = await archive.find("parcel", "messages", most=50)
    assert len(found.messages) == 50
    assert {hit.message_id for hit in found.messages} == ids


async def test_a_word_that_stands_everywhere_gives_a_page_and_says_that_there_is_more(
    archive: Archive,
) -> None:
    for _ in range(CANDIDATES + 5):
        await archive.said("hello again")
    found = await archive.find("hello", "messages")
    assert len(found.messages) == 20
    assert found.truncated


@pytest.mark.parametrize("counted", [False, True], ids=["no statistics", "with statistics"])
@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("order saffron", [2, 7, 12]),
        ("saffron order of", [2, 7, 12]),
        ('"of saffron"', [2, 7, 12]),
        ("saffron or pepper", [2, 3, 7, 12]),
        ("order of pepper", [3]),
        ("pepper saffron", []),
        ("order", [*range(20)]),
    ],
)
async def test_rare_words_are_found_beside_those_that_are_everywhere(
    archive: Archive, typed: str, found: list[int], counted: bool
) -> None:
    spices = {2: "saffron", 3: "pepper", 7: "saffron", 12: "saffron"}
    for number in range(20):
        text = f"Order of {spices.get(number, 'tea')}"
        await archive.said(text, f"C{number}", days_ago=number * 30)
    if counted:
        await archive.db.execute("ANALYZE messages")
    hits = (await archive.find(typed, "messages")).messages
    assert [hit.title for hit in hits] == [f"C{number}" for number in found]


async def test_a_hit_says_whose_message_it_is_and_marks_the_word(archive: Archive) -> None:
    message_id = await archive.said("Where is my invoice?", "Zoë Świątek")
    hit = (await archive.find("INVOICE", "messages")).messages[0]
    assert (hit.title, hit.message_id, hit.channel) == ("Zoë Świątek", message_id, "wmsg")
    assert [part.text for part in hit.snippet if part.match] == ["invoice"]


async def test_one_conversation_is_searched_alone(archive: Archive) -> None:
    await archive.said("my invoice", "Ana")
    wanted = await archive.said("my invoice", "Ben")
    conversation_id = await archive.db.fetchval(
        "SELECT conversation_id FROM messages WHERE message_id = $1", wanted
    )
    found = await archive.app.search.find(
        archive.domain_id, "invo", conversation_id=conversation_id
    )
    assert [hit.message_id for hit in found.messages] == [wanted]


@pytest.mark.parametrize(
    "typed", ["Johnson", "johns", "nson", "Jonson", "Johnsen", "ada johnson", "1415555", "JO"]
)
async def test_a_contact_is_found_by_a_part_of_the_name_also_mistyped(
    archive: Archive, typed: str
) -> None:
    await archive.said("hi", "Ada Johnson")
    assert await archive.names(typed) == ["Ada Johnson"]


async def test_a_whole_name_comes_before_one_that_only_begins_so(archive: Archive) -> None:
    await archive.said("hi", "Annabel Lee")
    await archive.said("hi", "Joanna Kim")
    await archive.said("hi", "Anna Berg")
    assert await archive.names("anna") == ["Anna Berg", "Annabel Lee", "Joanna Kim"]


async def test_a_file_is_found_by_its_name_and_by_what_is_in_it(archive: Archive) -> None:
    contract = await archive.sent_file("Contract-2026.pdf", "The tenant pays the deposit.")
    voice = await archive.sent_file("voice.ogg", transcript="Could you call me tomorrow?")
    for typed, media_id in (("contract", contract), ("ontra", contract), ("deposit", contract)):
        assert [hit.media_id for hit in (await archive.find(typed, "files")).files] == [media_id]
    assert [hit.media_id for hit in (await archive.find("tomorrow", "files")).files] == [voice]


async def test_another_domain_finds_nothing(archive: Archive) -> None:
    await archive.said("Where is my invoice?", "Ada Johnson")
    await archive.sent_file("invoice.pdf", "invoice")
    other = await archive.app.domains.create("other", "", None)
    for typed in ("invoice", "johnson", "jonson"):
        found = await archive.app.search.find(other.domain_id, typed)
        assert not found.contacts
        assert not found.messages
        assert not found.files


async def test_the_database_itself_keeps_domains_apart(archive: Archive) -> None:
    """The functions read past the policies, so each must name the domain."""
    await archive.said("Where is my invoice?", "Ada Johnson")
    await archive.sent_file("invoice.pdf", "invoice")
    other = await archive.app.domains.create("other", "", None)
    calls = {
        "search_messages(search_query('invoice', false), 9)": 1,
        "search_messages_beginning(search_query('invo', true), 9)": 1,
        "search_files(search_query('invoice', false), '{inv}', 9)": 1,
        "search_contacts('{joh}', 9)": 1,
        "search_conversations('invoice', '{joh}', 9)": 2,
    }
    for call, expected in calls.items():
        for domain_id, count in ((archive.domain_id, expected), (other.domain_id, 0)):
            async with archive.app.database.tenant_tx(domain_id) as connection:
                found = await connection.fetchval(f"SELECT count(*) FROM {call}")
            assert found == count, (call, domain_id)


async def test_drafts_are_not_found(archive: Archive) -> None:
    message_id = await archive.said("Where is my invoice?")
    await archive.db.execute(
        "UPDATE messages SET status = 'draft' WHERE message_id = $1", message_id
    )
    assert await archive.texts("invoice") == []


async def test_tidying_changes_nothing_that_is_found(archive: Archive) -> None:
    await archive.said("Where is my invoice?")
    await SearchService(archive.app.database).tidy()
    assert await archive.texts("invoice") == ["Where is my invoice?"]
