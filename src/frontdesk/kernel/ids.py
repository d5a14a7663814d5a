"""Identifiers: UUID version 7 (RFC 9562), so that rows made together lie together on disk."""

import os
import time
from uuid import UUID

_last = 0


def new_id() -> UUID:
    """A UUIDv7 that is greater than every earlier one made by this process.

    The 12 bits after the timestamp hold a sub-millisecond fraction, as RFC 9562 method 3 allows.
    """
    global _last
    nanoseconds = time.time_ns()
    milliseconds, rest = divmod(nanoseconds, 1_000_000)
    stamp = (milliseconds << 12) | (rest * 4096 // 1_000_000)
    if stamp <= _last:
        stamp = _last + 1
    _last = stamp
    high = (stamp >> 12) << 16 | 0x7000 | (stamp & 0xFFF)
    low = 0x8000_0000_0000_0000 | (int.from_bytes(os.urandom(8)) >> 2)
    return UUID(int=(high << 64) | low)
