"""The locks of the embedded PostgreSQL: who starts or stops it, and whether any of it lives.

They are `flock`s: the kernel frees them when their holder dies, however it dies, so there is
nothing stale to clean up and no process number to mistrust.
"""

import contextlib
import fcntl
import os
import time
from collections.abc import Generator
from pathlib import Path

from frontdesk.db.embedded_files import Files, failed, unusable
from frontdesk.kernel.errors import Unavailable

LOCK_TIMEOUT = 120.0
"""Seconds to wait for another command that is starting or stopping the same server."""


def flock(fd: int, kind: int) -> bool:
    try:
        fcntl.flock(fd, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextlib.contextmanager
def held(path: Path, doing: str) -> Generator[None]:
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise unusable(error) from error
    try:
        deadline = time.monotonic() + LOCK_TIMEOUT
        while not flock(fd, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                raise Unavailable(
                    f"Another command on {path.parent} has been {doing} for {LOCK_TIMEOUT:.0f} s. "
                    f"`fuser '{path}'` names it.",
                    retry_after=LOCK_TIMEOUT,
                )
            time.sleep(0.02)
        yield
    finally:
        os.close(fd)


def processes_live(files: Files) -> bool:
    """Some process of the server lives: also true while orphans of a killed one are leaving."""
    fd = os.open(files.alive, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        return not flock(fd, fcntl.LOCK_SH)
    finally:
        os.close(fd)


@contextlib.contextmanager
def alive(files: Files) -> Generator[int]:
    """The lock that every process of the server inherits: it holds until the last has ended."""
    fd = os.open(files.alive, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not flock(fd, fcntl.LOCK_EX):
            raise failed(files, "has processes that do not leave")
        yield fd
    finally:
        os.close(fd)
