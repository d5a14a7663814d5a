"""The customer's number in a mail: by the mailbox's own patterns, else by what is beside it."""

import re
from collections.abc import Collection, Iterator
from typing import Any, cast
from urllib.parse import parse_qs, unquote, urlsplit

import regex

from frontdesk.kernel.errors import Invalid, Unprocessable
from frontdesk.kernel.phone import normalize
from frontdesk.outreach.email.model import (
    LONGEST_PATTERN,
    MOST_RULES,
    check_text,
)
from frontdesk.outreach.email.reading import Mail

PATTERN_SECONDS = 0.2
"""How long one pattern may look: a careless one takes for ever on the right text."""
SEARCHED = 20_000
FLAGS = regex.IGNORECASE | regex.MULTILINE
MOST_FOUND = 50

NUMBER = r"(?P<phone>(?:\+|\(|\d)[\d\s().\-/\u00a0\u2010-\u2015]{5,28}\d)"
LABELS = (
    r"(?:tele)?phone|tel|telephone|mobile|cell(?:phone)?|whats\s?app|call\s+me\s+(?:on|at)"
    r"|telefon|handy|mobil|rufnummer|mobilnummer|handynummer|telefonnummer"
    r"|tel[eé]fono|m[oó]vil|celular|t[eé]l[eé]phone|portable|telefone|telem[oó]vel|cellulare"
    r"|फ़ोन|फोन|मोबाइल|هاتف|الهاتف|جوال|الجوال"
)
LABELLED = re.compile(
    rf"(?<![^\W\d_])(?:{LABELS})(?:[\s-]*(?:number|no|nr|num(?:ber|ero|éro)?|nummer|नंबर))?"
    rf"\s*[.:=#|\-]{{0,3}}\s*{NUMBER}",
    re.IGNORECASE,
)
LONE = re.compile(r"\+?[\d\s().\-/]{7,30}")


def check_rules(value: Any) -> list[str]:
    """Reads the patterns. Raises Unprocessable naming the one that is wrong."""
    given = cast("list[Any]", value) if isinstance(value, list | tuple) else None
    if given is None or len(given) > MOST_RULES:
        raise Unprocessable(f"phone_rules must be a list of up to {MOST_RULES} patterns")
    return [_pattern(f"phone_rules[{place}]", each) for place, each in enumerate(given, 1)]


def _pattern(name: str, value: Any) -> str:
    pattern = check_text(name, value, LONGEST_PATTERN)
    try:
        groups = regex.compile(pattern, FLAGS).groupindex
    except (regex.error, OverflowError, RecursionError) as error:
        raise Unprocessable(f"{name} is no regular expression: {error}"[:300]) from None
    if "phone" not in groups:
        raise Unprocessable(f"{name} has no group (?P<phone>…) around the number")
    return pattern


def by_rules(
    mail: Mail, rules: Collection[str], region: str | None, own: Collection[str]
) -> str | None:
    """The first number that a pattern of the mailbox finds. `own` are the business's numbers."""
    return next(_usable(_matched(mail, rules), region, own), None)


def by_labels(mail: Mail, region: str | None, own: Collection[str]) -> str | None:
    """The first number behind a word such as "Phone:", or in a link to call or to write."""
    return next(_usable(_labelled(mail), region, own), None)


def answered(answer: str, mail: Mail, region: str | None, own: Collection[str]) -> str | None:
    """The number that an assistant answered with, if it is one that stands in the mail."""
    text = answer.strip().strip("`'\"*.")
    if not LONE.fullmatch(text) or _digits(text) not in _digits(f"{mail.subject} {mail.text}"):
        return None
    return next(_usable(iter([text]), region, own), None)


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())


def _matched(mail: Mail, rules: Collection[str]) -> Iterator[str]:
    """In the words first, then in the subject, then in the headers as lines `Name: value`."""
    headers = "\n".join(f"{name}: {value}" for name, value in mail.headers.items())
    for rule in rules:
        for text in (mail.text[:SEARCHED], mail.subject, headers):
            try:
                for match in regex.finditer(rule, text, FLAGS, timeout=PATTERN_SECONDS):
                    yield match["phone"] or ""
            except TimeoutError:
                continue


def _labelled(mail: Mail) -> Iterator[str]:
    for text in (mail.subject, mail.text[:SEARCHED]):
        for match in LABELLED.finditer(text):
            yield match["phone"]
    for link in mail.links:
        yield _linked(link)
    for match in re.finditer(r"(?:tel:|(?:https?://)?wa\.me/)(\+?[\d().-]{7,20})", mail.text):
        yield _linked(match[0])


def _linked(link: str) -> str:
    """The number that a link calls or writes to, empty if it does neither."""
    if link[:4].lower() == "tel:":
        return unquote(link[4:]).partition(";")[0]
    try:
        parts = urlsplit(link if "//" in link else f"https://{link}")
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    number = ""
    if host == "wa.me":
        number = parts.path.strip("/")
    elif host in ("api.whatsapp.com", "web.whatsapp.com"):
        number = parse_qs(parts.query).get("phone", [""])[0]
    return f"+{number.lstrip('+')}" if number.lstrip("+").isdigit() else ""


def _usable(found: Iterator[str], region: str | None, own: Collection[str]) -> Iterator[str]:
    for place, raw in enumerate(found):
        if place >= MOST_FOUND:
            return
        # A date or an order's number on the next line is none of it.
        text = re.split(r"\n", raw.strip(), maxsplit=1)[0].strip()
        try:
            number = normalize(text, region) if text else ""
        except Invalid:
            continue
        if number.startswith("+") and number not in own:
            yield number
