"""The carrier's state and rules, without HTTP: who may write to whom, and what became of it."""

import asyncio
import base64
import secrets
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from frontdesk.kernel.clock import Clock, utc_now
from frontdesk.kernel.errors import FrontdeskError, Invalid
from frontdesk.sandbox.contents import Contents
from frontdesk.sandbox.faults import Faults
from frontdesk.sandbox.files import MediaFiles
from frontdesk.sandbox.journal import Journal
from frontdesk.sandbox.model import (
    RANK,
    WAMID,
    BusinessNumber,
    Delivery,
    GraphAccount,
    Media,
    Message,
    Outcome,
    SandboxConfig,
    Vendor,
    bare,
    channel_of,
)
from frontdesk.sandbox.text import START, STOP, is_address, is_sender

WINDOW = timedelta(hours=24)
REPEATED_FOR = timedelta(days=7)
"""How long Meta posts a webhook again that was not taken."""
BODY_LIMIT = 1600
MEDIA_LIMIT = 10
UNKNOWN = 30008

FAILURES = {
    11751: "Media Message - Media exceeds messaging provider size limit",
    12300: "Invalid Content-Type",
    21610: "Attempt to send to unsubscribed recipient",
    30003: "Unreachable destination handset",
    30008: "Unknown error",
    63016: (
        "Failed to send freeform message because you are outside the allowed window. "
        "If you are using WhatsApp, please use a Message Template."
    ),
    63019: "Media failed to download",
    63021: "Channel invalid content error",
    63041: "The template is paused due to its quality rating",
    63042: "The template is disabled due to its quality rating",
}


class CarrierError(FrontdeskError):
    """A refusal with the carrier's error code."""

    def __init__(
        self, code: int, detail: str, status: int = 400, retry_after: float | None = None
    ) -> None:
        super().__init__(detail, retry_after=retry_after)
        self.code = code
        self.status = status


def new_sid(prefix: str) -> str:
    return prefix + secrets.token_hex(16)


def new_wamid(customer: str) -> str:
    """Meta's id of a message; ids of ASCII text hold neither + nor / in base64."""
    number = bare(customer).lstrip("+")
    return WAMID + base64.b64encode(f"HBg{number}{secrets.token_hex(10)}".encode()).decode()


def new_number_id() -> str:
    """Meta's id of a file or a template."""
    return str(10**14 + secrets.randbelow(9 * 10**14))


Owned = Callable[[], Awaitable[Sequence[tuple[BusinessNumber, GraphAccount]]]]


class Exchange:
    """All messages in the order of acceptance, and the rules for accepting one."""

    def __init__(self, config: SandboxConfig, clock: Clock = utc_now) -> None:
        self.config = config
        self.clock = clock
        self.accounts = dict(config.accounts)
        self.graph_accounts = {account.id: account for account in config.graph_accounts}
        self.numbers = {number.address: number for number in config.numbers}
        self.owned: Owned | None = None
        """How the host process tells which numbers at Meta it has besides; see `refresh`."""
        self._told: set[str] = set()
        self.faults = Faults(clock)
        self.contents = Contents(config, clock)
        self.epoch = secrets.token_hex(4)
        """Names this run; revisions of an earlier run mean nothing to a live stream."""
        self.calls: dict[str, int] = {}
        self.revision = 0
        self.closing = False
        self._messages: dict[str, Message] = {}
        self._by_address: dict[str, list[Message]] = {}
        self._by_media: dict[str, Message] = {}
        self._stopped: set[tuple[str, str]] = set()
        self._last_inbound: dict[tuple[str, str], datetime] = {}
        self._sequence = 0
        self._changed = asyncio.Event()
        self.files = MediaFiles(config.journal)
        self._journal = Journal(config.journal, self.files) if config.journal else None

    def open(self) -> list[Message]:
        """Reads the journal. Answers the outbound messages whose delivery was under way."""
        if self._journal is None:
            return []
        self.contents.open()
        for message in self._journal.load():
            self._index(message)
        self._journal.open(self._messages.values())
        return [m for m in self._messages.values() if m.direction != "inbound" and m.status in RANK]

    def end_streams(self) -> None:
        """Ends the live streams, which a server that stops would wait for."""
        self.closing = True
        self._wake()

    def close(self) -> None:
        self.end_streams()
        if self._journal is not None:
            self._journal.close()
        self.files.close()

    # Reading

    def get(self, sid: str) -> Message | None:
        return self._messages.get(sid)

    def file(self, sid: str) -> tuple[Message, Media] | None:
        """One of a customer's files, and the message that it came with."""
        message = self._by_media.get(sid)
        for item in message.media if message is not None else ():
            if item.sid == sid and message is not None:
                return message, item
        return None

    def untold(self) -> list[Message]:
        """Customers' messages that the business has not taken and that Meta posts again."""
        return [
            message
            for message in self._messages.values()
            if message.direction == "inbound"
            and message.vendor == "meta"
            and message.webhook in ("pending", "refused", "unreachable")
            and self.clock() - message.created < REPEATED_FOR
        ]

    def all(self) -> Iterable[Message]:
        return self._messages.values()

    def between(self, *addresses: str) -> Iterator[Message]:
        """Messages that involve all the addresses, newest first; all when none is given."""
        if not addresses:
            yield from reversed(self._messages.values())
            return
        lists = [self._by_address.get(address, []) for address in addresses]
        for message in reversed(min(lists, key=len)):
            if all(address in (message.from_, message.to) for address in addresses):
                yield message

    def stopped(self, business: str, customer: str) -> bool:
        return (business, customer) in self._stopped

    def window_open(self, business: str, customer: str) -> bool:
        last = self._last_inbound.get((business, customer))
        if last is None:
            return self.config.strangers_may_be_written_to
        return self.clock() - last < WINDOW

    def wrote(self, business: str, customer: str, moment: datetime) -> None:
        """Says when a customer wrote last, which opens the window or closes it."""
        self._last_inbound[(business, customer)] = moment

    async def changed(self) -> None:
        """Returns after the next change of any message."""
        await self._changed.wait()

    # Accepting

    def check_outbound(self, to: str, from_: str) -> None:
        """Twilio's synchronous refusals about the two addresses, in Twilio's order."""
        if not is_address(to):
            raise CarrierError(21211, f"The 'To' number {to} is not a valid phone number.")
        if from_.startswith("whatsapp:") and not self._known(from_):
            raise CarrierError(
                63007, "Twilio could not find a Channel with the specified From address"
            )
        if not is_sender(from_):
            raise CarrierError(
                21212,
                f"The 'From' number {from_} is not a valid phone number, shortcode, "
                "or alphanumeric sender ID.",
            )
        if not self._known(from_):
            raise CarrierError(
                21606,
                f"The 'From' phone number provided ({from_}) is not a valid message-capable "
                "Twilio phone number for this destination.",
            )
        if channel_of(to) != channel_of(from_):
            raise CarrierError(
                21910,
                "Invalid From and To pair. From and To should be of the same channel",
            )
        if self.stopped(from_, to):
            raise CarrierError(21610, FAILURES[21610])

    def _known(self, address: str) -> bool:
        return not self.numbers or address in self.numbers

    def accept_outbound(self, message: Message) -> Message:
        self._index(message)
        self.keep(message)
        return message

    def accept_inbound(
        self,
        from_: str,
        to: str,
        body: str,
        *,
        media: list[Media] | None = None,
        fields: dict[str, str] | None = None,
    ) -> Message:
        """A customer writes to a business number, on WhatsApp or by SMS as the addresses say."""
        for name, address in (("from", from_), ("to", to)):
            if not is_address(address):
                raise Invalid(
                    f"{name} {address!r} is no number: write + and 7 to 15 digits, "
                    "with `whatsapp:` before it on WhatsApp"
                )
        if channel_of(from_) != channel_of(to):
            raise Invalid(f"{from_} and {to} are on different channels")
        if not self._known(to):
            raise Invalid(f"no business has {to}; known are {sorted(self.numbers)}")
        now = self.clock()
        by_meta = self.vendor_of(to) == "meta"
        sid = new_wamid(from_) if by_meta else new_sid("MM" if media else "SM")
        message = Message(
            sid, self.account_of(to), from_, to, body, "inbound", "received", now, now, now,
            media=media or [], fields=fields or {}, webhook="pending",
        )  # fmt: skip
        self._index(message)
        self.keep(message)
        return message

    def new_media_sid(self, business: str) -> str:
        return new_sid("ME") if self.vendor_of(business) == "twilio" else new_number_id()

    def account_of(self, address: str) -> str:
        number = self.numbers.get(address)
        accounts = self.accounts if self.vendor_of(address) == "twilio" else self.graph_accounts
        return (number and number.account_sid) or next(iter(accounts))

    def vendor_of(self, address: str) -> Vendor:
        number = self.numbers.get(address)
        return "twilio" if number is None else number.vendor

    def graph_number(self, phone_number_id: str) -> BusinessNumber | None:
        for number in self.numbers.values():
            if number.phone_number_id == phone_number_id:
                return number
        return None

    async def refresh(self) -> None:
        """Connects the numbers that the host process has now, and forgets those it had."""
        if self.owned is None:
            return
        told = await self.owned()
        for address in self._told - {number.address for number, _ in told}:
            self.numbers.pop(address, None)
        self._told = {number.address for number, _ in told}
        for number, account in told:
            self.connect_graph(number, account)

    def connect_graph(self, number: BusinessNumber, account: GraphAccount | None) -> None:
        if account is not None:
            self.graph_accounts[account.id] = account
        self.numbers[number.address] = number

    def connect(self, number: BusinessNumber, auth_token: str | None = None) -> None:
        """Adds or replaces a business number while running."""
        if auth_token and number.account_sid:
            self.accounts[number.account_sid] = auth_token
        self.numbers[number.address] = number

    # Changing

    def advance(
        self, message: Message, status: str, code: int | None = None, text: str | None = None
    ) -> bool:
        """Moves a status forward; False when it was there or further already."""
        if RANK.get(status, 9) <= RANK.get(message.status, 9):
            return False
        message.status = status
        message.updated = self.clock()
        if status == "sent" and message.sent is None:
            message.sent = message.updated
        if code is not None:
            message.error_code = code
            message.error_message = text or FAILURES.get(code)
        self.keep(message)
        return True

    def record(self, message: Message, delivery: Delivery) -> None:
        message.deliveries.append(delivery)
        self.keep(message)

    def settle(self, message: Message, outcome: Outcome) -> None:
        message.webhook = outcome
        self.keep(message)

    def redact(self, message: Message) -> None:
        message.body = ""
        message.updated = self.clock()
        self.keep(message)

    def drop_media(self, message: Message, media_sid: str) -> None:
        message.media = [item for item in message.media if item.sid != media_sid]
        self.files.drop(media_sid)
        self.keep(message)

    def delete(self, message: Message) -> None:
        del self._messages[message.sid]
        for address in {message.from_, message.to}:
            self._by_address[address].remove(message)
        for item in message.media:
            self.files.drop(item.sid)
        if self._journal is not None:
            self._journal.delete(message.sid)

    def count(self, operation: str, status: int | str) -> None:
        key = f"{operation} {status}"
        self.calls[key] = self.calls.get(key, 0) + 1

    def _index(self, message: Message) -> None:
        self._sequence += 1
        message.sequence = self._sequence
        self.revision += 1
        message.revision = self.revision
        self._messages[message.sid] = message
        for address in {message.from_, message.to}:
            self._by_address.setdefault(address, []).append(message)
        if message.direction != "inbound":
            return
        for item in message.media:
            self._by_media[item.sid] = message
        pair = (message.to, message.from_)
        self._last_inbound[pair] = message.created
        word = message.body.strip().upper()
        if word in STOP:
            self._stopped.add(pair)
        elif word in START:
            self._stopped.discard(pair)

    def keep(self, message: Message) -> None:
        """Tells the journal and the live streams of a change."""
        # A message deleted while its webhook was under way must not come back.
        if message.sid not in self._messages:
            return
        self.revision += 1
        message.revision = self.revision
        if self._journal is not None:
            self._journal.put(message)
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def involves(message: Message, number: str) -> bool:
    """Whether the number, bare or with its channel, is the message's customer."""
    return number in (message.customer, bare(message.customer))
