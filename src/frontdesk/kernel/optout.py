"""The words with which a customer stops messages, resumes them, or asks for help.

They are those that carriers act on themselves (https://help.twilio.com/articles/223134027), on
every channel. Only a message that says nothing else counts: "please stop by at ten" is no opt-out.
"""

import re
import unicodedata
from typing import Final, Literal

Keyword = Literal["stop", "start", "help"]

_KEYWORDS: Final[dict[str, Keyword]] = {
    **dict.fromkeys(("stop", "stopall", "unsubscribe", "cancel", "end", "quit"), "stop"),
    **dict.fromkeys(("revoke", "optout"), "stop"),
    **dict.fromkeys(("start", "yes", "unstop"), "start"),
    **dict.fromkeys(("help", "info"), "help"),
    # "OPT-OUT" and "opt out" are as clear (47 CFR 64.1200(a)(10) names the latter).
    "opt out": "stop",
    "stop all": "stop",
}
_WORD = re.compile(r"[^\W_]+")
_LONGEST: Final = 64  # a keyword with generous punctuation; most messages are ruled out by this


def keyword(text: str) -> Keyword | None:
    """Case, surrounding space, punctuation and emoji do not matter."""
    text = text.strip()
    if not text or len(text) > _LONGEST:
        return None
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return _KEYWORDS.get(" ".join(_WORD.findall(text.lower())))
