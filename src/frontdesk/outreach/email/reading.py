"""A mail, read: who wrote, when, about what, and the words; never an exception but `Broken`.

Mail in the wild breaks every rule of MIME. What can be understood is; what has no text that can be
found is told as broken, with the reason.
"""

import email
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import errors
from email.message import EmailMessage, Message
from email.policy import EmailPolicy, default
from email.utils import getaddresses, parsedate_to_datetime
from functools import lru_cache
from typing import Any, cast

from charset_normalizer import from_bytes

from frontdesk.outreach.email.html_text import text_of

LONGEST_HEADER = 4_000
"""Characters of a header that are parsed: the parser is not linear on hostile input."""
LONGEST_PART = 1024 * 1024
"""Bytes of a text part that are decoded: beyond them no words of a customer are expected."""
LONGEST_TEXT = 100_000
LONGEST_KEY = 500
MOST_PARTS = 500
MOST_FILES = 10
SIGNATURES = frozenset(("pgp-signature", "pkcs7-signature", "x-pkcs7-signature"))
DEEPEST = 30
MOST_MULTIPARTS = 100
STRUCTURE: Mapping[type[Exception], str] = {
    errors.NoBoundaryInMultipartDefect: "it names no boundary between its parts",
    errors.StartBoundaryNotFoundDefect: "the boundary between its parts does not occur",
    errors.MultipartInvariantViolationDefect: "its parts cannot be told apart",
}
"""What leaves a mail without the parts that it says it has."""


class Broken(Exception):
    """The mail cannot be read. `text` is for people."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class _Bounded(EmailPolicy):
    """The library's default policy, which reads no more of a header than a person would write."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        return _parsed(name, value[:LONGEST_HEADER])


@lru_cache(maxsize=256)
def _parsed(name: str, value: str) -> Any:
    # The library parses a part's type anew each time that it asks for it, about ten times a mail,
    # and that is most of the work; nobody changes what it makes of it.
    try:
        return default.header_fetch_parse(name, value)
    except Exception:
        # The header parser raises IndexError, ValueError, AttributeError and more.
        return re.sub(r"\s+", " ", value)


POLICY = _Bounded()


@dataclass(frozen=True)
class MailFile:
    """A file that came with a mail. What the mail says of its type is not believed."""

    filename: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Mail:
    """What a mail says, as far as an answer to it needs."""

    key: str
    """The Message-ID, or a hash of a mail without one."""
    name: str
    """Who is to be answered: Reply-To where there is one, as web forms have it."""
    address: str
    subject: str
    text: str
    sent_at: datetime | None
    links: list[str] = field(default_factory=list[str])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    """By lower-case name; the first of each."""
    files: list[MailFile] = field(default_factory=list["MailFile"])
    automatic: str | None = None
    """Why nobody is to be answered: it is a bounce, or the answer of a machine."""


def key_of(message_id: str | None) -> str | None:
    """The key of a mail whose Message-ID is known without the rest of it."""
    text = clean(message_id or "").replace("\n", " ").strip()
    if not text or text == "<>":
        return None
    return text if len(text) <= LONGEST_KEY else "sha256:" + _digest(text.encode())


def read(raw: bytes) -> Mail:
    """Raises Broken."""
    if len(re.findall(rb"multipart/", raw, re.IGNORECASE)) > MOST_MULTIPARTS:
        # The library compares each line with the boundary of each level.
        raise Broken(f"it has more than {MOST_MULTIPARTS} parts of parts")
    try:
        message = email.message_from_bytes(raw, _class=EmailMessage, policy=POLICY)
        return _mail(message, raw)
    except Broken:
        raise
    except RecursionError:
        raise Broken("its parts are nested too deep") from None
    except Exception as error:
        raise Broken(f"it cannot be read ({type(error).__name__})") from error


def headers_of(raw: bytes) -> Mail:
    """What can be told of a broken mail, for the list of what was read."""
    try:
        head = re.split(rb"\r?\n\r?\n", raw[: 256 * 1024], maxsplit=1)[0]
        plain = re.sub(rb"(?im)^content-type:.*(?:\r?\n[ \t].*)*", b"", head) + b"\r\n\r\n"
        message = email.message_from_bytes(plain, _class=EmailMessage, policy=POLICY)
        mail = _mail(message, raw)
    except Exception:
        return Mail("sha256:" + _digest(raw), "", "", "", "", None)
    return mail


def _mail(message: Message, raw: bytes) -> Mail:
    headers = {
        name.lower(): clean(str(value), 1_000)
        for name, value in reversed(list(message.raw_items()))
    }
    name, address = _person(message)
    text, links = _words(message)
    return Mail(
        key=key_of(_header(message, "Message-ID")) or "sha256:" + _digest(raw),
        name=name,
        address=address,
        subject=clean(_header(message, "Subject"), 300),
        text=text,
        sent_at=_date(_header(message, "Date")),
        links=links,
        headers=headers,
        files=_files(message),
        automatic=_automatic(message),
    )


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _header(message: Message, name: str) -> str:
    value = message.get(name)
    return "" if value is None else str(value)


def clean(text: str, most: int | None = None) -> str:
    """Without what the database cannot hold or a screen would be led astray by."""
    kept = "".join(
        char
        for char in text.replace("\r\n", "\n").replace("\r", "\n")
        if char in "\n\t" or (char.isprintable() and not "\ud800" <= char <= "\udfff")
    )
    if most is not None:
        kept = " ".join(kept.split())[:most]
    return kept.strip()


def _person(message: Message) -> tuple[str, str]:
    for header in ("Reply-To", "From", "Sender"):
        for name, address in getaddresses([_header(message, header)]):
            local, at, host = address.rpartition("@")
            if at and local and host and address.isprintable() and len(address) <= 254:
                return clean(name, 200), clean(address, 254).lower()
    return "", ""


def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    try:
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return aware.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _automatic(message: Message) -> str | None:
    """https://www.rfc-editor.org/rfc/rfc3834"""
    kind = message.get_content_type()
    if kind == "multipart/report" or _header(message, "Return-Path").strip() == "<>":
        return "it is a report of a mail server"
    if _header(message, "Auto-Submitted").strip().lower().startswith("auto-replied"):
        return "it is the automatic answer of a mailbox"
    if _header(message, "X-Autoreply") or _header(message, "X-Autorespond"):
        return "it is the automatic answer of a mailbox"
    return None


# The words ------------------------------------------------------------------------------------


def _words(message: Message) -> tuple[str, list[str]]:
    plain: list[str] = []
    rich: list[str] = []
    links: list[str] = []
    for part in filter(_is_words, _leaves(message)):
        if part.get_content_type() == "text/html":
            text, found = text_of(_decoded(part))
            rich.append(text)
            links += found
        else:
            plain.append(_decoded(part))
    # Many programs send an empty text beside the HTML that holds the words.
    text = tidy("\n".join(plain)) or tidy("\n".join(rich))
    broken = _defect(message)
    if not text and broken:
        raise Broken(f"its MIME tree is broken: {broken}")
    return text, links


def _files(message: Message) -> list[MailFile]:
    """What a person attached: neither the pictures of a layout nor signatures."""
    found: list[MailFile] = []
    for part in _leaves(message):
        shown = part.get_content_disposition() != "attachment" and part.get("Content-ID")
        if _is_words(part) or shown or part.get_content_subtype() in SIGNATURES:
            continue
        content = part.get_payload(decode=True)
        if isinstance(content, bytes) and content and len(found) < MOST_FILES:
            found.append(MailFile(clean(part.get_filename() or "", 200), content))
    return found


def _leaves(message: Message) -> Iterator[Message]:
    """The parts in their order, those of forwarded mails after the words before them."""
    seen = 0
    waiting: list[tuple[Message, int]] = [(message, 0)]
    while waiting and seen < MOST_PARTS:
        part, depth = waiting.pop()
        seen += 1
        if depth > DEEPEST:
            raise Broken("its parts are nested too deep")
        if part.is_multipart():
            inner = cast("list[Message]", part.get_payload())
            waiting += [(each, depth + 1) for each in reversed(inner)]
        else:
            yield part


def _is_words(part: Message) -> bool:
    attached = part.get_content_disposition() == "attachment" or bool(part.get_filename())
    return part.get_content_maintype() == "text" and not attached


def _decoded(part: Message) -> str:
    """The part's text, in the charset that it claims if that fits, else in what it looks like."""
    payload = part.get_payload(decode=True)
    content = payload[:LONGEST_PART] if isinstance(payload, bytes) else b""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    claimed = str(part.get_content_charset("") or "")
    for charset in (claimed, "utf-8"):
        try:
            return content.decode(charset or "utf-8").lstrip("\ufeff")
        except (LookupError, ValueError):
            continue
    best = from_bytes(content[:20_000]).best()
    return content.decode(best.encoding if best else "latin-1", "replace")


def _defect(message: Message) -> str | None:
    for part in [message, *message.walk()][:MOST_PARTS]:
        for defect in part.defects:
            if type(defect) in STRUCTURE:
                return STRUCTURE[type(defect)]
    return None


def tidy(text: str) -> str:
    """Without trailing spaces and runs of empty lines."""
    lines = [re.sub(r"[^\S\n]+", " ", line).strip() for line in clean(text).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()[:LONGEST_TEXT]
