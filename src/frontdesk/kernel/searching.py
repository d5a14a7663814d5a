"""Words as search compares them: without case, accents and punctuation; marks what matched.

The database's `search_fold` and `search_grams` do the same to what is stored.
"""

import re
import unicodedata
from dataclasses import dataclass

_PUNCTUATION = frozenset("-_./@:+#'\\’")
_MARKS = re.compile("[\u0300-\u036f]")
_CJK = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_WORD = re.compile(r"[^\W_]+")
SNIPPET = 160
"""Characters of a text that are shown around what matched."""
BEFORE = 40
LEAST_PREFIX = 3
"""Letters from which on a word may go on: fewer begin too many words to be looked up."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a text, and whether it is what was searched for."""

    text: str
    match: bool


def fold(text: str) -> str:
    """The text in comparable words."""
    return "".join(_folded(char) for char in text)


def words(text: str) -> list[str]:
    """The words of the text, folded; each CJK character is one."""
    return _WORD.findall(fold(text))


def grams(name: str) -> list[str]:
    """What a name must contain that has these words, or parts of words, in it."""
    found: set[str] = set()
    for word in words(name):
        if len(word) < LEAST_PREFIX:
            found.add(f" {word}" if len(word) > 1 else f"={word}")
        found.update(word[at : at + 3] for at in range(len(word) - 2))
    return sorted(found)


def beginnings(name: str) -> list[str]:
    """As `grams`, where the words are the beginnings of the name's."""
    marks = {f" {word[:2]}" for word in words(name) if len(word) > 1}
    return sorted(marks.union(grams(name)))


def whole_words(name: str) -> list[str]:
    return sorted({f"={word}" for word in words(name)})


def halves(name: str) -> list[list[str]]:
    """What is left of the grams when a mistype spoils either half of a word: one word's halves at
    a time, the others whole. Words too short for a half of two grams have no mistype."""
    typed = words(name)
    found: list[list[str]] = []
    for place, word in enumerate(typed):
        if len(word) < 2 * LEAST_PREFIX - 1:
            continue
        others = grams(" ".join(typed[:place] + typed[place + 1 :]))
        middle = len(word) // 2
        found.append([f" {word[:2]}", *grams(word[: middle + 1]), *others])
        found.append([*grams(word[middle:]), *others])
    return found


def likeness(one: str, other: str) -> float:
    """0 to 1: how many of the grams of both are in both."""
    first, second = set(beginnings(one)), set(beginnings(other))
    return len(first & second) / len(first | second) if first and second else 0.0


def snippet(text: str, typed: str) -> list[Part]:
    """A part of the text around the first match, cut into what matches and what does not."""
    marks = _matches(text, set(words(typed)))
    start = max(0, marks[0][0] - BEFORE) if marks else 0
    end = min(len(text), start + SNIPPET)
    parts: list[Part] = []
    at = start
    for first, last in marks:
        if first >= end:
            break
        # One character may hold two words, as ¼ does.
        first, last = max(first, at), min(last, end)
        parts += [Part(text[at:first], False), Part(text[first:last], True)]
        at = last
    parts.append(Part(text[at:end], False))
    if start:
        parts.insert(0, Part("…", False))
    if end < len(text):
        parts.append(Part("…", False))
    return [part for part in parts if part.text]


def _matches(text: str, typed: set[str]) -> list[tuple[int, int]]:
    """Where words stand that begin with one of those typed, as places in the text."""
    folded: list[str] = []
    origins: list[int] = []
    for place, char in enumerate(text):
        made = _folded(char)
        folded.append(made)
        origins.extend([place] * len(made))
    marks: list[tuple[int, int]] = []
    for word in _WORD.finditer("".join(folded)):
        fitting = [each for each in typed if word[0].startswith(each)]
        if fitting:
            longest = max(map(len, fitting))
            first, last = word.start(), word.start() + longest - 1
            marks.append((origins[first], origins[last] + 1))
    return marks


def _folded(char: str) -> str:
    if char.isascii():
        return " " if char in _PUNCTUATION else char.lower()
    made = _MARKS.sub("", unicodedata.normalize("NFKD", char).lower())
    if char in _PUNCTUATION:
        return " "
    return _CJK.sub(r" \g<0> ", made)
