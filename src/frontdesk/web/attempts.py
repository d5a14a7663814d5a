"""A limit on wrong attempts per address, so that guessing costs the database nothing."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address

from frontdesk.kernel.errors import TooMany

MOST_KEYS = 10_000


@dataclass
class Attempts:
    """Counts wrong attempts in windows that begin with the first one.

    Each process counts for itself: what it guards are random tokens, which are not found by
    guessing at any speed. Behind a proxy all visitors share the proxy's address and its limit,
    which is why only wrong attempts count and the window is short.
    """

    most: int = 30
    seconds: float = 60.0
    clock: Callable[[], float] = time.monotonic
    _windows: dict[str, tuple[float, int]] = field(default_factory=dict[str, tuple[float, int]])

    def check(self, address: str) -> None:
        """Raises TooMany when the address has used up its attempts for now."""
        began, wrong = self._windows.get(_key(address), (0.0, 0))
        remaining = began + self.seconds - self.clock()
        if wrong >= self.most and remaining > 0:
            raise TooMany(
                f"too many wrong attempts from {address[:60]}; "
                f"try again in {max(1, round(remaining))} s",
                retry_after=remaining,
            )

    def failed(self, address: str) -> None:
        now, key = self.clock(), _key(address)
        began, wrong = self._windows.pop(key, (now, 0))
        self._windows[key] = (now, 1) if began + self.seconds <= now else (began, wrong + 1)
        if len(self._windows) > MOST_KEYS:
            del self._windows[next(iter(self._windows))]


def _key(address: str) -> str:
    """Who has one IPv6 address has the 2⁶⁴ beside it."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return str(int(parsed) >> 64) if isinstance(parsed, IPv6Address) else address
