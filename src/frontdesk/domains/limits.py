"""How often somebody may try to sign in, counted by all web processes together."""

import hashlib
import hmac
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, ip_address

from frontdesk.db.tenancy import Database
from frontdesk.domains._store import sessions as rows
from frontdesk.kernel.errors import Forbidden, TooMany, Unauthorized

WRONG = (Unauthorized, Forbidden)
"""What a wrong attempt ends in; every other one is given back."""


@dataclass(frozen=True)
class Window:
    """`most` attempts in any time of this length."""

    most: int
    lasts: timedelta

    @property
    def step(self) -> timedelta:
        return self.lasts / self.most


PER_EMAIL = Window(10, timedelta(minutes=15))
PER_ADDRESS = Window(30, timedelta(minutes=1))
"""Behind a proxy all visitors share the proxy's address, which is why only wrong ones count."""


@dataclass(frozen=True)
class SignInLimits:
    """A guess is paid for before it is made, so that guesses at the same time count too."""

    db: Database
    key: bytes
    per_email: Window = PER_EMAIL
    per_address: Window = PER_ADDRESS

    @asynccontextmanager
    async def attempt(self, address: str, email: str | None = None) -> AsyncGenerator[None]:
        """Around what may be wrong. Raises TooMany when there were too many wrong ones."""
        asked = [(self._hashed("address", _network(address)), self.per_address)]
        if email is not None:
            asked.append((self._hashed("email", email), self.per_email))
        # Always in the same order, so that no two wait for each other's rows.
        asked.sort(key=lambda each: each[0])
        await self._take(asked)
        try:
            yield
        except WRONG:
            raise
        except BaseException:
            await self._give_back(asked)
            raise
        await self._give_back(asked)

    async def _take(self, asked: Sequence[tuple[bytes, Window]]) -> None:
        async with self.db.system_tx(durable=False) as connection:
            await rows.forget_attempts(connection)
            for key, window in asked:
                if not await rows.take_attempt(connection, key, window.step, window.lasts):
                    seconds = await rows.next_attempt(connection, key, window.step, window.lasts)
                    raise TooMany(
                        f"too many wrong attempts; try again in {max(1, round(seconds))} s",
                        retry_after=max(1.0, seconds),
                    )

    async def _give_back(self, asked: Sequence[tuple[bytes, Window]]) -> None:
        async with self.db.system_tx(durable=False) as connection:
            for key, window in asked:
                await rows.give_back(connection, key, window.step)

    def _hashed(self, kind: str, value: str) -> bytes:
        """The table tells nobody who tried: the hash is keyed, and e-mails are easily guessed."""
        text = f"sign-in {kind} {value}".encode("utf-8", "surrogatepass")
        return hmac.new(self.key, text, hashlib.sha256).digest()


def _network(address: str) -> str:
    """Who has one IPv6 address has the 2⁶⁴ beside it."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return str(int(parsed) >> 64) if isinstance(parsed, IPv6Address) else address
