"""What a domain says of opt-outs: the setting `opt_out`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, Literal, cast, get_args

import orjson

from frontdesk.kernel.errors import Unprocessable
from frontdesk.kernel.optout import Keyword, keyword, plain

Scope = Literal["channel", "all"]

TEXTS: Final = ("double_opt_in_text", "stopped_text", "started_text", "help_text")
FIELDS: Final = ("scope", "double_opt_in", "words", *TEXTS)
LONGEST_TEXT = 1_000
LONGEST_WORD = 40
MOST_WORDS = 50
SHOWN = 80


@dataclass(frozen=True)
class OptOutSettings:
    scope: Scope = "channel"
    """What a customer's STOP ends: messages on that channel, or on all of the domain's."""
    double_opt_in: bool = False
    """Whether START is asked about, and only a YES resumes."""
    double_opt_in_text: str = "Do you want to get messages from us again? Write YES to confirm."
    stopped_text: str = "You will get no more messages here. Write START to get them again."
    started_text: str = "Welcome back! You will get messages here again. Write STOP to end them."
    help_text: str | None = None
    """None: what can be asked of the assistant."""
    words: Mapping[str, Keyword] = field(default_factory=dict[str, Keyword])
    """The domain's own words, besides those that carriers know."""


DEFAULT = OptOutSettings()
STOPPED_EVERYWHERE = "You will get no more messages from us. Write START to get them again."


def read_opt_out(value: object) -> OptOutSettings:
    """The setting, with what is usual where it says nothing. Raises Unprocessable."""
    if value is None:
        return DEFAULT
    try:
        return _read(orjson.dumps(value))
    except TypeError:  # half of a character, or a number beyond 64 bits
        raise _wrong("", value, "plain JSON") from None


@lru_cache(maxsize=256)
def _read(raw: bytes) -> OptOutSettings:
    value = orjson.loads(raw)
    if not isinstance(value, dict):
        raise _wrong("", value, f"an object with {', '.join(FIELDS)}")
    given = {key: each for key, each in cast("dict[str, Any]", value).items() if each is not None}
    for name in given:
        if name not in FIELDS:
            raise _wrong(f".{name}", given[name], f"one of {', '.join(FIELDS)}")
    scope = given.get("scope", DEFAULT.scope)
    if scope not in get_args(Scope):
        raise _wrong(".scope", scope, f"one of {', '.join(get_args(Scope))}")
    double = given.get("double_opt_in", False)
    if not isinstance(double, bool):
        raise _wrong(".double_opt_in", double, "true or false")
    usual = STOPPED_EVERYWHERE if scope == "all" else DEFAULT.stopped_text
    return OptOutSettings(
        scope=scope,
        double_opt_in=double,
        double_opt_in_text=_text(given, "double_opt_in_text") or DEFAULT.double_opt_in_text,
        stopped_text=_text(given, "stopped_text") or usual,
        started_text=_text(given, "started_text") or DEFAULT.started_text,
        help_text=_text(given, "help_text"),
        words=_words(given.get("words", {})),
    )


def _text(given: Mapping[str, Any], name: str) -> str | None:
    text = given.get(name, "")
    if not isinstance(text, str) or len(text) > LONGEST_TEXT or "\x00" in text:
        raise _wrong(f".{name}", text, f"a text of up to {LONGEST_TEXT} characters")
    return text.strip() or None


def _words(value: object) -> dict[str, Keyword]:
    """Raises Unprocessable also for a word that carriers understand as something else."""
    meanings: tuple[Keyword, ...] = get_args(Keyword)
    if not isinstance(value, dict):
        raise _wrong(".words", value, f"an object of {', '.join(meanings)}")
    words: dict[str, Keyword] = {}
    for meaning, listed in cast("dict[str, Any]", value).items():
        place = f".words.{meaning}"
        if meaning not in meanings:
            raise _wrong(place, listed, f"one of {', '.join(meanings)}")
        if not isinstance(listed, list) or len(cast("list[Any]", listed)) > MOST_WORDS:
            raise _wrong(place, listed, f"a list of up to {MOST_WORDS} words")
        for each in cast("list[Any]", listed):
            word = plain(each) if isinstance(each, str) else ""
            if not 1 <= len(word) <= LONGEST_WORD:
                raise _wrong(place, each, f"words of 1 to {LONGEST_WORD} letters and digits")
            known = keyword(word) or words.get(word, meaning)
            if known != meaning:
                raise _wrong(place, each, f"words other than those that mean {known}")
            words[word] = meaning
    return words


def _wrong(where: str, value: object, allowed: str) -> Unprocessable:
    return Unprocessable(f"settings.opt_out{where} is {value!r:.{SHOWN}}; use {allowed}")
