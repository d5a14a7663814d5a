"""What is noted after a commit is told to every process, once, whatever happens in between."""

import asyncio
from collections.abc import AsyncGenerator
from uuid import UUID

import asyncpg
import pytest

from frontdesk.db.changes import (
    CHANNEL,
    IDS_IN_PAYLOAD,
    MOST_PENDING,
    AccessChanged,
    Change,
    Changes,
    ConversationChanged,
    PresenceChanged,
    ReadChanged,
    Reset,
    SettingsChanged,
    parse,
    payload_of,
)
from frontdesk.db.embedded import Server
from frontdesk.db.pool import connect
from frontdesk.kernel.ids import new_id

pytestmark = pytest.mark.timeout(60)

DOMAIN, CONVERSATION, PERSON = new_id(), new_id(), new_id()


class Listener:
    """Hears what other processes would hear."""

    def __init__(self) -> None:
        self.payloads: asyncio.Queue[str] = asyncio.Queue()

    def hear(self, *told: object) -> None:
        self.payloads.put_nowait(str(told[-1]))

    async def next(self) -> Change:
        payload = await asyncio.wait_for(self.payloads.get(), 15)
        change = parse(payload)
        assert change is not None
        return change


@pytest.fixture
async def listener(empty_dsn: str) -> AsyncGenerator[Listener]:
    connection = await asyncpg.connect(empty_dsn)
    found = Listener()
    await connection.add_listener(CHANNEL, found.hear)
    yield found
    connection.terminate()


@pytest.fixture
async def changes(empty_dsn: str) -> AsyncGenerator[Changes]:
    pool = await connect(empty_dsn, size=2)
    made = Changes(pool)
    yield made
    await made.close()
    await pool.close()


@pytest.mark.parametrize(
    "change",
    [
        ConversationChanged(DOMAIN, CONVERSATION, (PERSON,), (new_id(),)),
        SettingsChanged(DOMAIN, "labels", str(new_id())),
        SettingsChanged(DOMAIN, "domain"),
        PresenceChanged(DOMAIN, CONVERSATION, PERSON, "Åsa", "a@x.example", True, False),
        ReadChanged(DOMAIN, CONVERSATION, PERSON, 3),
        AccessChanged(DOMAIN, PERSON),
        Reset(DOMAIN),
    ],
)
def test_every_kind_of_change_arrives_as_it_was_told(change: Change) -> None:
    assert parse(payload_of(change)) == change


@pytest.mark.parametrize("payload", ["", "{", "[]", '["c", 1]', '["new kind", "x"]', '["x", "y"]'])
def test_a_notification_of_another_version_is_left_alone(payload: str) -> None:
    assert parse(payload) is None


async def test_changes_of_one_moment_are_told_once_each(
    changes: Changes, listener: Listener
) -> None:
    first, second = new_id(), new_id()
    for _ in range(3):
        changes.tell(DOMAIN, CONVERSATION, first)
        changes.tell(DOMAIN, CONVERSATION, second)
        changes.tell_settings(DOMAIN, "labels", first)
    assert await listener.next() == ConversationChanged(DOMAIN, CONVERSATION, (first, second))
    assert await listener.next() == SettingsChanged(DOMAIN, "labels", str(first))
    changes.tell_reset(DOMAIN)
    assert await listener.next() == Reset(DOMAIN)


async def test_the_last_presence_is_the_one_that_is_told(
    changes: Changes, listener: Listener
) -> None:
    for typing in (True, False):
        changes.tell_presence(
            DOMAIN, CONVERSATION, PERSON, name="A" * 999, email="", viewing=True, typing=typing
        )
    told = await listener.next()
    assert isinstance(told, PresenceChanged)
    assert (told.viewing, told.typing, len(told.name)) == (True, False, 200)


async def test_a_message_that_was_removed_is_not_told_as_changed(
    changes: Changes, listener: Listener
) -> None:
    message_id = new_id()
    changes.tell(DOMAIN, CONVERSATION, message_id)
    changes.tell_removed(DOMAIN, CONVERSATION, message_id)
    assert await listener.next() == ConversationChanged(DOMAIN, CONVERSATION)
    told = await listener.next()
    assert told == ConversationChanged(DOMAIN, CONVERSATION, (), (message_id,))


async def test_many_messages_are_told_in_payloads_that_postgresql_takes(
    changes: Changes, listener: Listener
) -> None:
    message_ids = [new_id() for _ in range(2 * IDS_IN_PAYLOAD + 1)]
    changes.tell(DOMAIN, CONVERSATION, *message_ids)
    heard: list[UUID] = []
    while len(heard) < len(message_ids):
        told = await listener.next()
        assert isinstance(told, ConversationChanged)
        heard.extend(told.message_ids)
    assert heard == message_ids


async def test_too_much_at_once_becomes_a_reset_of_its_domain(
    changes: Changes, listener: Listener
) -> None:
    changes.tell(DOMAIN, CONVERSATION, *(new_id() for _ in range(MOST_PENDING + 1)))
    assert await listener.next() == Reset(DOMAIN)


def test_what_is_noted_outside_a_loop_is_told_when_the_command_ends(empty_dsn: str) -> None:
    async def command() -> Change:
        hearing = await asyncpg.connect(empty_dsn)
        listener = Listener()
        await hearing.add_listener(CHANNEL, listener.hear)
        pool = await connect(empty_dsn)
        changes = Changes(pool)
        await asyncio.to_thread(changes.tell, DOMAIN, CONVERSATION)
        await changes.close()
        await pool.close()
        told = await listener.next()
        hearing.terminate()
        return told

    assert asyncio.run(command()) == ConversationChanged(DOMAIN, CONVERSATION)


async def test_a_database_that_was_away_is_told_when_it_is_back(
    changes: Changes, empty_dsn: str, postgres: Server
) -> None:
    admin = await asyncpg.connect(postgres.dsn)
    name = empty_dsn.rpartition("/")[2].partition("?")[0]
    await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    await admin.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name
    )
    changes.tell(DOMAIN, CONVERSATION)
    try:
        # The driver's own error is what it says when it is cut off in the middle of a state.
        away = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
        with pytest.raises(away):
            await changes.flush()
    finally:
        await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        await admin.close()
    hearing = await asyncpg.connect(empty_dsn)
    listener = Listener()
    await hearing.add_listener(CHANNEL, listener.hear)
    changes.tell_settings(DOMAIN, "domain")
    assert await listener.next() == ConversationChanged(DOMAIN, CONVERSATION)
    assert await listener.next() == SettingsChanged(DOMAIN, "domain")
    hearing.terminate()
