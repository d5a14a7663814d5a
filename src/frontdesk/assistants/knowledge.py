"""builtin:knowledge: answers from the domain's documents, with no model and no key.

It quotes the passage that fits best and names its source. It says that it does not know rather
than quote something that merely shares a word with the question: a passage must hold enough of
the question's rare words (the rarer among the passages, the more a word counts).
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg

from frontdesk.assistants import _store
from frontdesk.assistants.languages import configuration, detect, searchable
from frontdesk.assistants.model import Answer, Assistant, Citation, Turn
from frontdesk.assistants.passages import BETWEEN
from frontdesk.assistants.phrases import (
    PHRASES,
    Phrases,
    phrases,
    plain,
    without_fillers,
    without_greeting,
)
from frontdesk.db.pool import Connection
from frontdesk.db.tenancy import Database

ENOUGH = 0.5
"""The least part of the question's weight that a passage must hold to be quoted."""
WEIGHT_OF_HEADING = 0.6
WEIGHT_OF_WORDING = 0.3
TOPICS = 6
LONGEST_QUESTION = 1_000
FACTS = re.compile(
    r"^\[(?:image|audio|video|document|sticker|location|contacts)\b[^\]\n]*\]", re.MULTILINE
)
"""What a message is besides its words, as conversations tell it."""


@dataclass(frozen=True)
class Found:
    """A passage that fits a question."""

    document: str
    heading: str
    content: str
    score: float


async def answer(database: Database, assistant: Assistant, turn: Turn) -> Answer:
    """Answers what the waiting messages ask, taken together."""
    # Without a greeting before it, the question's words alone decide.
    told = turn.text.strip()
    question = without_greeting(FACTS.sub("", told).strip())[:LONGEST_QUESTION]
    language = detect(question) or turn.language or assistant.language
    words = phrases(turn.language if turn.language in PHRASES else language)
    said = plain(question)
    if _hears("hears_person", said):
        return Answer(
            words.person, hand_off=True, hand_off_reason="the customer asked for a person"
        )
    if _hears("hears_thanks", said):
        return Answer(words.thanks)
    if _hears("hears_goodbye", said):
        return Answer(words.goodbye)
    if not said and FACTS.search(told):
        return Answer(words.wordless)
    async with database.tenant_tx(assistant.domain_id) as connection:
        if not said or _hears("hears_greeting", said) or said == "help":
            return Answer(await _introduction(connection, assistant, _heard_in(said) or words))
        found = await search(connection, assistant, question, language)
        if found is None and await _asks_nothing(connection, assistant, question, language):
            return Answer(await _introduction(connection, assistant, words))
    if found is None:
        return Answer(words.unknown)
    return Answer(_quoted(found, words), sources=[Citation(found.document, found.heading)])


def _hears(what: str, said: str) -> bool:
    return any(getattr(each, what).fullmatch(said) for each in PHRASES.values())


def _heard_in(said: str) -> Phrases | None:
    """The language whose greeting it is: one word is too little to detect a language by."""
    return next((each for each in PHRASES.values() if each.hears_greeting.fullmatch(said)), None)


async def _asks_nothing(
    connection: Connection, assistant: Assistant, question: str, language: str | None
) -> bool:
    """Whether no word is left to look for: `What can you do?` is made of stop words only."""
    asked = searchable(without_fillers(question))
    reading = configuration(language or "en")
    return not await _store.terms(connection, assistant.domain_id, reading, asked)


async def _introduction(connection: Connection, assistant: Assistant, words: Phrases) -> str:
    lines = [words.greeting.format(name=assistant.name)]
    if assistant.description:
        lines[0] += f" {assistant.description}"
    patterns = like_patterns(assistant.options.documents)
    titles = await _store.titles(connection, assistant.domain_id, patterns, TOPICS)
    if titles:
        lines += ["", words.topics, *(f"- {title}" for title in titles)]
    return "\n".join(lines)


def _quoted(found: Found, words: Phrases) -> str:
    heading = found.heading.rpartition(BETWEEN)[2]
    parts = [f"**{heading}**"] if heading else []
    parts += [found.content, f"_{words.source}: {found.document}_"]
    return "\n\n".join(parts)


def like_patterns(names: tuple[str, ...]) -> list[str]:
    """Document names with `*` as SQL LIKE patterns."""
    escapes = str.maketrans({"\\": r"\\", "%": r"\%", "_": r"\_", "*": "%"})
    return [name.translate(escapes) for name in names]


async def search(
    connection: Connection, assistant: Assistant, question: str, language: str | None
) -> Found | None:
    """The passage that answers a question best, or None when none does well enough.

    The question is read in its own language, in the assistant's, in English, and word by word;
    documents in another language than the question still match by names and numbers.
    """
    asked = searchable(without_fillers(question))
    patterns = like_patterns(assistant.options.documents)
    readings = [language, assistant.language, "en", None]
    best: Found | None = None
    for reading in dict.fromkeys(configuration(each) for each in readings):
        domain_id = assistant.domain_id
        rows = await _store.candidates(connection, domain_id, reading, asked, patterns)
        if not rows:
            continue
        terms = await _store.terms(connection, domain_id, reading, asked)
        weights = {row["lexeme"]: weight(row["passages"]) for row in terms}
        for row in rows:
            found = _scored(row, weights, question)
            if best is None or found.score > best.score:
                best = found
        if best is not None and best.score >= ENOUGH:
            return best
    return None


def weight(passages: int) -> float:
    """How much a word tells: one that many passages hold tells little, an unheard one the most."""
    return 1 / (1 + math.log1p(passages))


def _scored(row: asyncpg.Record, weights: Mapping[str, float], question: str) -> Found:
    coverage = sum(weights[word] for word in row["held"]) / sum(weights.values())
    heading = set(row["heading_words"])
    shared = heading & weights.keys()
    # A passage whose heading is the question answers it; one that mentions its words may not.
    likeness = len(shared) / len(heading | weights.keys()) if heading else 0.0
    # Word for word, to tell `What is it?` from `What can it do?`, which differ in stop words only.
    title = set(plain(row["heading"].rpartition(BETWEEN)[2]).split())
    words = set(plain(question).split())
    sameness = len(title & words) / len(title | words)
    # One word, said once in passing, is no answer: `Where is my order?` asks for no `in order`.
    in_passing = not shared and len(row["held"]) == 1 and row["mentions"] < 2
    score = 0.0
    if not in_passing and (coverage >= ENOUGH or (row["whole"] and coverage > 0)):
        score = coverage + WEIGHT_OF_HEADING * likeness + WEIGHT_OF_WORDING * sameness
        score += 0.1 * min(1.0, row["rank"])
    return Found(row["name"], row["heading"], row["content"], score)
