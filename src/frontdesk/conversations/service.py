"""Use cases of the lanes: taking in, answering, statuses, dead letters; whose a conversation is."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from frontdesk.contacts import service as contacts
from frontdesk.contacts.model import ALL_CHANNELS
from frontdesk.conversations import desk
from frontdesk.conversations._store import (
    intake,
    lanes,
    letters,
    lists,
    reads,
    statuses,
    turns,
)
from frontdesk.conversations.model import (
    Arrival,
    Consent,
    Finished,
    Outcome,
    Report,
    Sender,
    Turn,
    Waiting,
    describe,
)
from frontdesk.db import queue
from frontdesk.db.pool import Connection
from frontdesk.db.tenancy import Database
from frontdesk.kernel.clock import utc_now
from frontdesk.kernel.errors import Conflict, NotFound
from frontdesk.kernel.ids import new_id
from frontdesk.media import service as media
from frontdesk.media.model import Media

INTAKE_TRIES = 8
UNPARK_BATCH = 500
PARKED_FOR = timedelta(days=7)
"""Long past the day in which a message is sent or given up."""
FORGET_BATCH = 50_000
RESCUE_AFTER = timedelta(seconds=60)
RESCUE_ACTIVE = timedelta(hours=2)
RESCUE_ALL = timedelta(hours=25)
"""Longer than a message is tried for: what a worker looks at when it starts."""


class IntakeRaced(RuntimeError):
    """Another node made a contact of this batch at the same moment; the batch runs again."""


RACES = (
    IntakeRaced,
    asyncpg.UniqueViolationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
)


@dataclass(frozen=True)
class Claim:
    """A turn that is ours, and the number its waiting messages come after."""

    turn: Turn
    after: int


@dataclass(frozen=True)
class Said:
    """A message of the conversation's past, in words."""

    sender: Sender
    text: str


def _decides_more(outcome: Outcome) -> bool:
    return bool(outcome.consents or outcome.needs_people)


async def _consented(connection: Connection, turn: Turn, consent: Consent) -> None:
    """Keeps what the customer said of getting messages, and logs it."""
    said_on, contact_id, word = turn.channel_id, turn.contact_id, consent.word
    place = (turn.domain_id, ALL_CHANNELS if consent.everywhere else said_on, contact_id)
    match consent.action:
        case "stopped":
            await contacts.opt_out(connection, *place, word)
        case "resumed":
            await contacts.opt_in(connection, *place, word, said_on=said_on)
        case "asked":
            await contacts.ask_to_opt_in(connection, turn.domain_id, said_on, contact_id, word)


@dataclass(frozen=True)
class ConversationService:
    db: Database

    # Taking in ------------------------------------------------------------------------------

    async def record(self, arrivals: Sequence[Arrival], reports: Sequence[Report]) -> int:
        """Stores new messages and statuses in one transaction; returns how many were new."""
        for attempt in range(INTAKE_TRIES):
            try:
                return await self._record(arrivals, reports)
            except RACES:
                if attempt == INTAKE_TRIES - 1:
                    raise
                # Batches that collided must not come back together.
                pause = 0.005 * 2**attempt
                await asyncio.sleep(random.uniform(0, pause))  # noqa: S311  nothing to guess
        raise AssertionError("unreachable")

    async def wake(self, *, with_files: bool = False) -> None:
        """Tells workers of the messages that `record` stored: after its commit, so that nobody
        waits for the notification's lock through a flush to disk."""
        async with self.db.pool.acquire() as connection:
            await queue.wake(connection, "turn")
            if with_files:
                await queue.wake(connection, "media")

    async def _record(self, arrivals: Sequence[Arrival], reports: Sequence[Report]) -> int:
        taken = 0
        changed: list[statuses.Place] = []
        async with self.db.system_tx() as connection:
            # Messages before conversations: the order in which a delivery locks its rows.
            if reports:
                changed += await statuses.apply(connection, reports)
            if arrivals:
                for arrival in arrivals:
                    if contacts.needs_look_up(arrival.contact_address, arrival.external_user_id):
                        await self._identify(connection, arrival)
                result = await intake.record(connection, new_id(), arrivals)
                if result.taken != result.stored:
                    raise IntakeRaced
                if files := [file for arrival in arrivals for file in arrival.files]:
                    await media.expect(connection, files)
                taken = result.taken
                changed += [
                    (
                        arrival.domain_id,
                        result.conversations[arrival.message_id],
                        arrival.message_id,
                    )
                    for arrival in arrivals
                    if arrival.message_id in result.conversations
                ]
        for place in changed:
            self.db.changes.tell(*place)
        self._tell_stopped(reports)
        return taken

    async def _identify(self, connection: Connection, arrival: Arrival) -> None:
        identity = await contacts.identify(
            connection, arrival.domain_id, arrival.contact_address, arrival.external_user_id
        )
        arrival.contact_address = identity.address
        arrival.external_user_id = identity.external_user_id

    async def known(self, domain_id: UUID, channel_id: UUID, carrier_ids: list[str]) -> set[str]:
        """Which of a carrier's message ids are here already."""
        async with self.db.tenant_tx(domain_id) as connection:
            return await intake.known(connection, domain_id, channel_id, carrier_ids)

    # Turns ----------------------------------------------------------------------------------

    async def claim_turn(
        self,
        connection: Connection,
        domain_id: UUID,
        conversation_id: UUID,
        job: int,
        now: datetime,
    ) -> Claim | None:
        """Takes the turn; None when it is not this job's to take."""
        claimed = await turns.claim(connection, domain_id, conversation_id, job, now)
        return claimed and Claim(*claimed)

    async def waiting(self, claim: Claim) -> list[Waiting]:
        """The messages that wait now: more may have come since the turn was claimed."""
        turn = claim.turn
        async with self.db.tenant_tx(turn.domain_id) as connection:
            return await turns.waiting(
                connection, turn.domain_id, turn.conversation_id, claim.after
            )

    async def finish_turn(self, claim: Claim, upto: int, outcome: Outcome) -> Finished | None:
        """Stores what the turn decided. None when the turn was taken from us meanwhile.

        Not durable: if the server's machine dies now, the turn runs again; the delivery that
        follows commits durably, and with it everything before.
        """
        turn, handed_over = claim.turn, list[UUID]()
        if not _decides_more(outcome):
            async with self.db.autocommit() as connection:
                done = await turns.finish(connection, turn, outcome, after=claim.after, upto=upto)
        else:
            async with self.db.system_tx() as connection:
                done = await turns.finish(connection, turn, outcome, after=claim.after, upto=upto)
                if done is not None:
                    handed_over = await self._decided(connection, turn, outcome, done)
        if done:
            said = (reply.message_id for reply in outcome.replies)
            self.db.changes.tell(turn.domain_id, turn.conversation_id, *said, *handed_over)
            if outcome.consents:
                self.db.changes.tell_settings(turn.domain_id, "opt_outs", turn.contact_id)
        return done

    async def _decided(
        self, connection: Connection, turn: Turn, outcome: Outcome, done: Finished
    ) -> list[UUID]:
        """What few turns decide, with the turn's end; the messages that this added."""
        for consent in outcome.consents:
            await _consented(connection, turn, consent)
        if not done.handed_over or outcome.needs_people is None:
            return []
        return await desk.handed_over(
            connection, turn.domain_id, turn.conversation_id, outcome.needs_people
        )

    async def asked_at(self, turn: Turn) -> datetime | None:
        """When the customer was asked whether messages are wanted again, if that is open."""
        ids = (turn.domain_id, turn.channel_id, turn.contact_id)
        async with self.db.tenant_tx(turn.domain_id) as connection:
            return await contacts.asked_at(connection, *ids)

    async def turn_again(self, turn: Turn, delay: timedelta) -> None:
        async with self.db.tenant_tx(turn.domain_id) as connection:
            await turns.again(connection, turn, delay)

    async def wait_for_files(self, turn: Turn, message_ids: Sequence[UUID], most: float) -> bool:
        """Gives the turn back until the messages' files are understood, or `most` seconds passed.

        False when there is nothing to wait for. The row is locked while that is looked up:
        whoever understands the last file sees either that the turn waits, or that it did not.
        """
        async with self.db.tenant_tx(turn.domain_id) as connection:
            if not await turns.lock(connection, turn):
                return False
            if not await media.unsettled(connection, turn.domain_id, message_ids):
                return False
            await turns.postpone(connection, turn, timedelta(seconds=most))
        return True

    async def files_settled(self, domain_id: UUID, conversation_id: UUID) -> None:
        """A file was understood, or given up: a turn that waits for it goes on at once."""
        async with self.db.tenant_tx(domain_id) as connection:
            if await turns.waits(connection, domain_id, conversation_id):
                await queue.enqueue(connection, "turn", domain_id, conversation_id)

    async def attachments(
        self, domain_id: UUID, message_ids: Sequence[UUID]
    ) -> Mapping[UUID, Sequence[Media]]:
        async with self.db.tenant_tx(domain_id) as connection:
            return await media.of_messages(connection, domain_id, message_ids)

    async def history(self, turn: Turn, before: int, most: int) -> list[Said]:
        """What was said since the last /reset, oldest first."""
        async with self.db.tenant_tx(turn.domain_id) as connection:
            rows = await turns.history(
                connection, turn.domain_id, turn.conversation_id, turn.context_seq, before, most
            )
            with_files = [row["message_id"] for row in rows if "media" in (row["structured"] or ())]
            files = await media.of_messages(connection, turn.domain_id, with_files)
        return [
            Said(
                row["sender"],
                describe(
                    row["kind"],
                    row["content"],
                    row["structured"],
                    files.get(row["message_id"], ()),
                ),
            )
            for row in rows
        ]

    # Statuses and upkeep --------------------------------------------------------------------

    async def unpark(self) -> int:
        """Applies parked statuses whose message is known by now."""
        async with self.db.system_tx() as connection:
            reports = await statuses.unpark(connection, UNPARK_BATCH)
            changed = await statuses.apply(connection, reports) if reports else []
        for place in changed:
            self.db.changes.tell(*place)
        self._tell_stopped(reports)
        return len(reports)

    async def forget_parked(self) -> int:
        """Drops the statuses of messages that are still not known: another program that sends
        from the same number has them, and we are told of them for as long as it does."""
        async with self.db.system_tx() as connection:
            return await statuses.forget(connection, utc_now() - PARKED_FOR, FORGET_BATCH)

    def _tell_stopped(self, reports: Sequence[Report]) -> None:
        for domain_id in {report.domain_id for report in reports if report.stops_contact}:
            self.db.changes.tell_settings(domain_id, "opt_outs")

    async def rescue_lanes(
        self, older_than: timedelta = RESCUE_AFTER, active_within: timedelta = RESCUE_ACTIVE
    ) -> int:
        """Gives lanes that lost their job a new one."""
        async with self.db.system_tx() as connection:
            return await lanes.rescue(connection, older_than, active_within)

    # Dead letters ---------------------------------------------------------------------------

    async def dead_letter(
        self,
        domain_id: UUID,
        stage: str,
        reason: str,
        *,
        channel_id: UUID | None = None,
        conversation_id: UUID | None = None,
        message_id: UUID | None = None,
        payload: dict[str, Any] | None = None,
    ) -> None:
        async with self.db.tenant_tx(domain_id) as connection:
            await letters.write(
                connection,
                domain_id,
                stage,
                reason,
                channel_id=channel_id,
                conversation_id=conversation_id,
                message_id=message_id,
                payload=payload,
            )

    async def dead_letters(self, domain_id: UUID, most: int) -> Sequence[asyncpg.Record]:
        async with self.db.tenant_tx(domain_id) as connection:
            return await letters.unread(connection, domain_id, most)

    async def take_letter(self, domain_id: UUID, letter_id: UUID) -> asyncpg.Record:
        """Takes a letter to replay it. Raises NotFound, also when it was replayed before."""
        async with self.db.tenant_tx(domain_id) as connection:
            letter = await letters.take(connection, domain_id, letter_id)
        if letter is None:
            raise NotFound(f"dead letter {letter_id} does not exist or was replayed already")
        return letter

    async def resend(self, domain_id: UUID, message_id: UUID) -> None:
        """Sends a failed message once more."""
        async with self.db.tenant_tx(domain_id) as connection:
            conversation_id = await letters.resend(connection, domain_id, message_id)
            if conversation_id is not None:
                await queue.enqueue(connection, "deliver", domain_id, conversation_id)

    async def fetch_again(self, domain_id: UUID, message_id: UUID) -> None:
        """Asks the carrier once more for the message's files that could not be had."""
        async with self.db.tenant_tx(domain_id) as connection:
            if not await media.try_again(connection, domain_id, message_id):
                raise Conflict("the message has no file that could not be had")

    async def answer_again(self, domain_id: UUID, message_id: UUID) -> None:
        """Has the assistant answer from this inbound message on once more."""
        async with self.db.tenant_tx(domain_id) as connection:
            conversation_id = await letters.answer_again(connection, domain_id, message_id)
            if conversation_id is None:
                raise Conflict("the conversation is being answered at this moment; try again")
            await queue.enqueue(connection, "turn", domain_id, conversation_id)

    # Reading --------------------------------------------------------------------------------

    async def domain_of(self, domain_ids: Sequence[UUID], conversation_id: UUID) -> UUID:
        """Which of a caller's domains has the conversation. Raises NotFound."""
        async with self.db.pool.acquire() as connection:
            owner = await reads.owner(connection, domain_ids, conversation_id)
        if owner is None:
            raise NotFound(f"conversation {conversation_id} does not exist")
        return owner

    async def domain_of_message(self, domain_ids: Sequence[UUID], message_id: UUID) -> UUID:
        async with self.db.pool.acquire() as connection:
            owner = await reads.owner_of_message(connection, domain_ids, message_id)
        if owner is None:
            raise NotFound(f"message {message_id} does not exist")
        return owner

    async def get(self, domain_id: UUID, conversation_id: UUID) -> asyncpg.Record:
        async with self.db.tenant_tx(domain_id) as connection:
            rows = await lists.by_id(connection, domain_id, [conversation_id], None)
        if not rows:
            raise NotFound(f"conversation {conversation_id} does not exist")
        return rows[0]

    async def sessions(
        self, domain_ids: Sequence[UUID], address: str | None, most: int
    ) -> Sequence[asyncpg.Record]:
        async with self.db.pool.acquire() as connection:
            return await reads.sessions(connection, domain_ids, address, most)

    async def timeline(self, domain_id: UUID, message_id: UUID) -> asyncpg.Record:
        async with self.db.tenant_tx(domain_id) as connection:
            row = await reads.timeline(connection, domain_id, message_id)
        if row is None:
            raise NotFound(f"message {message_id} does not exist")
        return row
