"""An engine for tests of `LocalEngine`: it answers, refuses, hangs, crashes or fails."""

import ctypes
import os
import time

from frontdesk.ports import RecognitionFailed

LOADED: list[int] = []


def answer(word: str) -> tuple[str, int, int]:
    """With its process, and how often it was asked there."""
    LOADED.append(1)
    return word, os.getpid(), len(LOADED)


def refuse() -> None:
    raise RecognitionFailed("no text here", again=True)


def fail() -> None:
    raise KeyError("shape")


def crash() -> None:
    ctypes.string_at(0)


def swell() -> int:
    return len(bytearray(8 * 1024**3))


def hang() -> None:
    time.sleep(600)


def variable(name: str) -> str | None:
    return os.environ.get(name)
