"""Labels, teams, canned replies and views: what each may hold."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args
from uuid import UUID

from frontdesk.kernel.errors import Unprocessable

Color = Literal["slate", "red", "orange", "amber", "green", "teal", "blue", "violet", "pink"]
COLORS: tuple[Color, ...] = get_args(Color)

MOST_LABELS = 500
MOST_TEAMS = 200
MOST_MEMBERS = 500
MOST_CANNED_REPLIES = 2_000
MOST_VIEWS = 100
"""Of one person."""
MOST_FILES = 10
LONGEST_NAME = 60
LONGEST_TITLE = 200
LONGEST_CONTENT = 10_000
LONGEST_FILTER = 200
SHORTCUT = re.compile(r"[a-z0-9_-]{1,40}")

FILTERS = (
    "status",
    "assignee",
    "team",
    "label",
    "channel",
    "priority",
    "mode",
    "unread",
    "mentions",
    "needs_people",
    "blocked",
    "q",
)
"""The query of the list of conversations."""

VARIABLES = (
    "contact.name",
    "contact.first_name",
    "contact.phone",
    "contact.email",
    "agent.name",
    "agent.first_name",
    "business.name",
)
ATTRIBUTE = "contact.attributes."
VARIABLE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
VARIABLES_TEXT = ", ".join(f"{{{{{name}}}}}" for name in (*VARIABLES, f"{ATTRIBUTE}KEY"))


@dataclass(frozen=True, slots=True)
class Label:
    label_id: UUID
    name: str
    color: Color


@dataclass(frozen=True, slots=True)
class Member:
    """A person of the domain."""

    person_id: UUID
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Team:
    team_id: UUID
    name: str
    members: Sequence[Member]


@dataclass(frozen=True, slots=True)
class CannedReply:
    """A text that people answer with often. They type `/` and its shortcut."""

    canned_reply_id: UUID
    shortcut: str
    title: str
    content: str
    media_ids: Sequence[UUID]


@dataclass(frozen=True, slots=True)
class View:
    """A list of conversations that a person keeps under a name."""

    view_id: UUID
    person_id: UUID
    name: str
    filters: dict[str, str]
    shared: bool


def check_name(name: str, value: str, most: int = LONGEST_NAME) -> str:
    """One line with something in it."""
    text = " ".join(value.replace("\x00", " ").split())
    if not 1 <= len(text) <= most:
        raise Unprocessable(f"{name} has {len(text)} characters; use 1 to {most}")
    return text


def check_shortcut(value: str) -> str:
    shortcut = value.strip().removeprefix("/").lower()
    if not SHORTCUT.fullmatch(shortcut):
        raise Unprocessable(
            f"shortcut is {value[:80]!r}; use 1 to 40 lower-case letters, digits, '_' and '-'"
        )
    return shortcut


def check_content(value: str) -> str:
    """A canned reply's text. A variable that does not exist would reach a customer as it stands."""
    text = value.replace("\x00", "").strip()
    if len(text) > LONGEST_CONTENT:
        raise Unprocessable(f"content has {len(text)} characters; use up to {LONGEST_CONTENT}")
    for name in VARIABLE.findall(text):
        if name not in VARIABLES and not (
            name.startswith(ATTRIBUTE) and name.removeprefix(ATTRIBUTE).strip()
        ):
            raise Unprocessable(
                f"content has the variable {{{{{name[:80]}}}}}, which there is not; "
                f"use {VARIABLES_TEXT}"
            )
    return text


def check_filters(filters: Mapping[str, str]) -> dict[str, str]:
    checked: dict[str, str] = {}
    for name, value in filters.items():
        if name not in FILTERS:
            raise Unprocessable(f"filters has {name[:40]!r}; use {', '.join(FILTERS)}")
        text = value.replace("\x00", "").strip()
        if len(text) > LONGEST_FILTER:
            raise Unprocessable(
                f"filters.{name} has {len(text)} characters; use up to {LONGEST_FILTER}"
            )
        if text:
            checked[name] = text
    return checked
