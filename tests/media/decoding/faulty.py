"""Jobs as a hostile file would have them, and what they see of their process."""

import ctypes
import os
import resource
import time
from pathlib import Path


def crash() -> None:
    """A wild pointer."""
    ctypes.string_at(0)


def hang(sign: Path) -> None:
    """Without end, and without a look at signals between two bytecodes' worth of work."""
    sign.write_text(str(os.getpid()))
    while True:
        sum(range(10_000_000))


def rest(sign: Path) -> None:
    """Without end, and without work."""
    sign.write_text(str(os.getpid()))
    time.sleep(600)


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


def limits() -> list[int]:
    """Of memory, files and processor time."""
    kinds = (resource.RLIMIT_AS, resource.RLIMIT_FSIZE, resource.RLIMIT_CPU)
    return [resource.getrlimit(each)[0] for each in kinds]


def niceness() -> int:
    return os.nice(0)


def chatter() -> int:
    """As libraries do."""
    print("loading ...", flush=True)
    os.write(2, b"warning\n")
    return os.getpid()


def lengthy() -> str:
    return "x" * (16 << 20)


def scribble(answer: bytes) -> None:
    """On the way that its answer goes, as a file would that took the process over."""
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, len(answer).to_bytes(8) + answer)
        except OSError:
            continue
    time.sleep(600)


class Strange:
    """Not a class that an answer may hold."""


def strange() -> Strange:
    return Strange()


class Refused(Exception):
    """One that it may."""


def refuse() -> None:
    raise Refused("no")


def stumble() -> None:
    raise IndexError("out of range")
