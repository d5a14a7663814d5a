"""IMAP's search keys, as people may configure them: read, checked and written anew.

What is sent to the server is made from what was understood here, so that no setting can end a
command and begin another. Keys that name messages by number are left out: numbers change.
https://www.rfc-editor.org/rfc/rfc3501#section-6.4.4
"""

import re

from frontdesk.kernel.errors import Unprocessable

ALONE = frozenset(
    {
        *("ALL", "ANSWERED", "DELETED", "DRAFT", "FLAGGED", "NEW", "OLD", "RECENT", "SEEN"),
        *("UNANSWERED", "UNDELETED", "UNDRAFT", "UNFLAGGED", "UNSEEN"),
    }
)
WITH_TEXT = frozenset(["BCC", "BODY", "CC", "FROM", "SUBJECT", "TEXT", "TO"])
WITH_DATE = frozenset(["BEFORE", "ON", "SENTBEFORE", "SENTON", "SENTSINCE", "SINCE"])
WITH_NUMBER = frozenset(["LARGER", "SMALLER"])
WITH_ATOM = frozenset(["KEYWORD", "UNKEYWORD"])
LONGEST = 500
DEEPEST = 20

_TOKEN = re.compile(r'\s*(?:([()])|"((?:[^"\\]|\\["\\])*)"|([^\s()"\\]+))')
_DATE = re.compile(
    r"[0-9]{1,2}-(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)-[0-9]{4}", re.IGNORECASE
)
_ATOM = re.compile(r"[A-Za-z0-9$_.-]{1,60}")
_NUMBER = re.compile(r"[0-9]{1,9}")


def check_search(value: object) -> str:
    """The search in its canonical spelling. Raises Unprocessable naming what is wrong."""
    text = value.strip() if isinstance(value, str) else ""
    if not text or len(text) > LONGEST or not (text.isascii() and text.isprintable()):
        raise Unprocessable(
            f'search is {value!r:.80}; use IMAP\'s search keys such as UNSEEN SUBJECT "Order", up '
            f"to {LONGEST} plain ASCII characters"
        )
    reader = _Reader(_tokens(text))
    return reader.keys(0)


def _tokens(text: str) -> list[tuple[str, str]]:
    """`(kind, text)`: a bracket, a quoted text, or a word."""
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise Unprocessable(f"search has {text[at : at + 40]!r}, where a text is not closed")
        bracket, quoted, word = match.groups()
        if bracket:
            found.append((bracket, bracket))
        elif word is not None:
            found.append(("word", word))
        else:
            found.append(("text", re.sub(r"\\(.)", r"\1", quoted)))
        at = match.end()
    return found


class _Reader:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._at = 0

    def keys(self, depth: int) -> str:
        """Keys up to the end, or up to the bracket that closes them."""
        found: list[str] = []
        while self._at < len(self._tokens) and not (depth and self._kind() == ")"):
            found.append(self._key(depth))
        if not found:
            raise Unprocessable("search has no key where one is needed")
        return " ".join(found)

    def _kind(self) -> str:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else ""

    def _next(self, what: str) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise Unprocessable(f"search ends where {what} is needed")
        self._at += 1
        return self._tokens[self._at - 1]

    def _key(self, depth: int) -> str:
        if depth > DEEPEST:
            raise Unprocessable(f"search is nested more than {DEEPEST} deep")
        kind, text = self._next("a key")
        if kind == "(":
            inside = self.keys(depth + 1)
            if self._next("a closing bracket")[0] != ")":
                raise Unprocessable("search has a bracket that is not closed")
            return f"({inside})"
        name = text.upper() if kind == "word" else ""
        if name in ALONE:
            return name
        if name == "NOT":
            return f"NOT {self._key(depth + 1)}"
        if name == "OR":
            return f"OR {self._key(depth + 1)} {self._key(depth + 1)}"
        if name == "HEADER":
            return f"HEADER {self._one(name, _ATOM)} {self._text(name)}"
        if name in WITH_TEXT:
            return f"{name} {self._text(name)}"
        for names, pattern in ((WITH_DATE, _DATE), (WITH_NUMBER, _NUMBER), (WITH_ATOM, _ATOM)):
            if name in names:
                return f"{name} {self._one(name, pattern)}"
        known = sorted(ALONE | WITH_TEXT | WITH_DATE | WITH_NUMBER | WITH_ATOM)
        raise Unprocessable(
            f"search has {text[:40]!r}, which is no key; use {', '.join(known)}, HEADER, NOT, OR"
        )

    def _one(self, name: str, pattern: re.Pattern[str]) -> str:
        _, text = self._next(f"what {name} asks for")
        if not pattern.fullmatch(text):
            raise Unprocessable(f"search has {name} {text[:40]!r}; a date is 21-Nov-2026")
        return text

    def _text(self, name: str) -> str:
        kind, text = self._next(f"the text of {name}")
        if kind in "()":
            raise Unprocessable(f"search has {name} without a text")
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
