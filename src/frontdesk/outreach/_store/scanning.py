"""How far a page looks: rare outcomes stand in messages, which no index leads to from here.

A statement is put together of what is asked for only: one plan is made for all of its values, and
a condition that may be off would make that a plan for the few rows it could leave.
"""

from collections.abc import Mapping
from typing import Any

JOINED = 2_000
"""Rows whose message is looked at for one page."""
READ = 20_000
"""Rows that are looked at for one page when their messages need not be."""

OWN: Mapping[str, tuple[str, ...]] = {
    "waiting": ("waiting",),
    "writing": ("writing",),
    "skipped": ("skipped",),
    "failed": ("failed", "sent"),
    "canceled": ("canceled", "sent", "waiting"),
}
"""The states of rows that an outcome may be of; what is not named is said by messages alone."""


class Asked:
    """Conditions with their values, numbered in the order in which they are asked."""

    def __init__(self, *values: Any) -> None:
        self.values: list[Any] = list(values)

    def value(self, value: Any) -> str:
        self.values.append(value)
        return f"${len(self.values)}"


def states(status: str) -> tuple[str, ...]:
    return OWN.get(status, ("sent",))


def reach(status: str | None, joined: int, read: int) -> int:
    """How many rows to look at for a page of an outcome."""
    return joined if status is not None and "sent" in states(status) else read


def like(typed: str) -> str:
    """A pattern that finds what was typed anywhere."""
    escaped = typed.translate(str.maketrans({"\\": r"\\", "%": r"\%", "_": r"\_"}))
    return f"%{escaped}%"
