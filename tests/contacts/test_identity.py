"""Which contact a number or a user id belongs to: looked up in its spellings, never rewritten."""

import asyncio
from collections.abc import Callable

import pytest

from conversations.conftest import Line
from conversations.factory import arrival
from frontdesk.app.wiring import running
from frontdesk.settings import Settings

SPELLINGS = [
    ("+5511987654321", "+551187654321"),
    ("+551187654321", "+5511987654321"),
    ("+5215512345678", "+525512345678"),
    ("+525512345678", "+5215512345678"),
    ("+5491123456789", "+541123456789"),
    ("+541123456789", "+5491123456789"),
]
USER_ID = "US.1349120865530274"


async def contacts(line: Line) -> list[tuple[str, str | None]]:
    rows = await line.db.fetch("SELECT address, external_user_id FROM contacts ORDER BY created_at")
    return [tuple(row) for row in rows]


@pytest.mark.parametrize(("first", "then"), SPELLINGS)
async def test_another_spelling_of_a_number_is_the_same_contact(
    line: Line, first: str, then: str
) -> None:
    await line.take_in(first, "SM1")
    await line.take_in(then, "SM2")
    assert await contacts(line) == [(first, None)], "the stored number stays as it is"
    [row] = await line.db.fetch("SELECT address, last_seq FROM conversations")
    assert row["last_seq"] == 2
    assert row["address"] == then, "the carrier is answered under the spelling that it used last"


async def test_numbers_that_only_look_alike_are_two_contacts(line: Line) -> None:
    await line.take_in("+5511987654321", "SM1")
    await line.take_in("+5511987654322", "SM2")
    await line.take_in("+15551234567", "SM3")
    assert len(await contacts(line)) == 3


async def test_a_user_id_alone_is_a_contact(line: Line) -> None:
    await line.take_in(USER_ID, "SM1", external_user_id=USER_ID)
    await line.take_in(USER_ID, "SM2", external_user_id=USER_ID)
    assert await contacts(line) == [(USER_ID, USER_ID)]


async def test_a_user_id_is_learnt_and_found_again_without_the_number(line: Line) -> None:
    await line.take_in("+14155550123", "SM1")
    await line.take_in("+14155550123", "SM2", external_user_id=USER_ID)
    await line.take_in(USER_ID, "SM3", external_user_id=USER_ID)
    assert await contacts(line) == [("+14155550123", USER_ID)]
    assert await line.db.fetchval("SELECT count(*) FROM conversations") == 1


async def test_contacts_that_conflict_are_never_merged(line: Line) -> None:
    await line.take_in("+14155550123", "SM1")
    await line.take_in(USER_ID, "SM2", external_user_id=USER_ID)
    # One message names both: the number decides, and the id stays where it is.
    await line.take_in("+14155550123", "SM3", external_user_id=USER_ID)
    assert await contacts(line) == [("+14155550123", None), (USER_ID, USER_ID)]


async def test_a_contact_is_known_by_its_latest_profile_name(line: Line) -> None:
    await line.take_in("+14155550123", "SM1", profile_name="Ada")
    await line.take_in("+14155550123", "SM2", profile_name=None)
    assert await line.db.fetchval("SELECT display_name FROM contacts") == "Ada"
    await line.take_in("+14155550123", "SM3", profile_name="Ada Lovelace")
    assert await line.db.fetchval("SELECT display_name FROM contacts") == "Ada Lovelace"


async def test_first_messages_at_two_nodes_make_one_contact(
    line: Line, dsn: str, settings: Callable[..., Settings]
) -> None:
    async with running(settings(), dsn) as second:
        nodes = (line.app.conversations, second.conversations)
        await asyncio.gather(
            *(
                nodes[number % 2].record(
                    [arrival(line.domain_id, line.channel_id, "+14155550123", f"SM{number}")], []
                )
                for number in range(16)
            )
        )
    assert len(await contacts(line)) == 1
    assert await line.db.fetchval("SELECT last_seq FROM conversations") == 16


async def test_a_user_id_that_comes_with_two_numbers_at_once_loses_no_message(
    line: Line, dsn: str, settings: Callable[..., Settings]
) -> None:
    async with running(settings(), dsn) as second:
        nodes = (line.app.ingestor, second.ingestor)
        await asyncio.gather(
            *(
                nodes[number % 2].submit(
                    [
                        arrival(
                            line.domain_id,
                            line.channel_id,
                            f"+1415555012{number % 2}",
                            f"SM{number}",
                            external_user_id=USER_ID,
                        )
                    ],
                    [],
                )
                for number in range(12)
            )
        )
    assert await line.db.fetchval("SELECT count(*) FROM messages") == 12
    assert await line.db.fetchval("SELECT count(*) FROM dead_letters") == 0
