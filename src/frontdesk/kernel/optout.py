"""The words with which a customer stops messages, resumes them, or asks for help; what they do.

They are those that carriers act on themselves (https://help.twilio.com/articles/223134027), on
every channel. Only a message that says nothing else counts: "please stop by at ten" is no opt-out.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, Literal

Keyword = Literal["stop", "start", "yes", "help"]
"""YES resumes as START does; it also is what confirms a START that was asked about."""
Action = Literal["stopped", "asked", "resumed"]

_KEYWORDS: Final[dict[str, Keyword]] = {
    **dict.fromkeys(("stop", "stopall", "unsubscribe", "cancel", "end", "quit"), "stop"),
    **dict.fromkeys(("revoke", "optout"), "stop"),
    **dict.fromkeys(("start", "unstop"), "start"),
    "yes": "yes",
    **dict.fromkeys(("help", "info"), "help"),
    # "OPT-OUT" and "opt out" are as clear (47 CFR 64.1200(a)(10) names the latter).
    "opt out": "stop",
    "stop all": "stop",
}
_WORD = re.compile(r"[^\W_]+")
_LONGEST: Final = 64  # a keyword with generous punctuation; most messages are ruled out by this
CONFIRM_WITHIN: Final = timedelta(hours=24)
_NO_WORDS: Final[Mapping[str, Keyword]] = {}


def keyword(text: str, more: Mapping[str, Keyword] = _NO_WORDS) -> Keyword | None:
    """Case, surrounding space, punctuation and emoji do not matter.

    `more` are a domain's own words, as `plain` makes them; they add to the carriers' words.
    """
    text = text.strip()
    if not text or len(text) > _LONGEST:
        return None
    word = plain(text)
    return _KEYWORDS.get(word) or more.get(word)


def plain(text: str) -> str:
    """The text's words in lower case, which is what keywords are compared by."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return " ".join(_WORD.findall(text.lower()))


def consequence(
    word: Literal["stop", "start", "yes"],
    at: datetime,
    *,
    opted_out: bool,
    asked_at: datetime | None,
    double_opt_in: bool,
) -> Action | None:
    """What a word that was said at a time does.

    With double opt-in somebody who stopped comes back by a YES that follows our question within a
    day. What was said before the question was there does not answer it.
    """
    if word == "stop":
        return "stopped"
    if not opted_out:
        return None
    if not double_opt_in:
        return "resumed"
    if asked_at is not None and at < asked_at:
        return None  # the question is on its way already
    if word == "yes" and asked_at is not None and at <= asked_at + CONFIRM_WITHIN:
        return "resumed"
    return "asked"
