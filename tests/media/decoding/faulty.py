"""Decoders as a hostile file would have them."""

import ctypes
import os
from pathlib import Path


def crash() -> None:
    """A wild pointer."""
    ctypes.string_at(0)


def hang(sign: Path) -> None:
    """Without end, and without a look at signals between two bytecodes' worth of work."""
    sign.write_text(str(os.getpid()))
    while True:
        sum(range(10_000_000))


def eat() -> int:
    """More memory than there is."""
    return len(bytearray(4 << 30))


def fill(path: Path) -> None:
    """A disk."""
    with path.open("wb") as file:
        while True:
            file.write(bytes(1 << 20))


def environment() -> dict[str, str]:
    return dict(os.environ)


def niceness() -> int:
    return os.nice(0)


class Strange:
    """Not a class that an answer may hold."""


def strange() -> Strange:
    return Strange()
